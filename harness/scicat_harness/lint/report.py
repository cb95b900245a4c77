"""The report of the linter on one job configuration."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.lint.finding import Finding, FindingSeverity
from scicat_harness.lint.starting.verdict import StartVerdict
from scicat_harness.lint.subject import Installation
from scicat_harness.model.release import unobserved

__all__ = ["Report"]


_NOT_NAMED = frozenset({"env.no-configuration", "env.configuration-path"})
"""Rules about an environment that does not name the job configuration."""


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on the start, and the findings.

    ``unverifiable`` has a sentence for each part that could not be checked, with the reason, and
    ``accepted`` one for each finding that the facility accepts.
    """

    file: Path
    installation: Installation
    verdict: StartVerdict
    findings: tuple[Finding, ...]
    unverifiable: tuple[str, ...]
    accepted: tuple[str, ...] = ()

    @property
    def sorted(self) -> list[Finding]:
        """The findings by file, line and column, then by rule."""
        return sorted(self.findings, key=lambda each: (each.place, each.rule))

    @property
    def counts(self) -> dict[FindingSeverity, int]:
        """The number of findings of each severity, zeros included, the worst first."""
        counted = Counter(each.severity for each in self.findings)
        return {severity: counted[severity] for severity in sorted(FindingSeverity, reverse=True)}

    @property
    def start(self) -> str:
        """The verdict as a sentence without a full stop, with the reason if it is negative.

        An environment that does not name the configuration starts without it, whatever is in it.
        """
        release = self.installation.features.release
        named = not any(each.rule in _NOT_NAMED for each in self.findings)
        once = "" if named else " once the environment names it"
        if self.verdict.starts:
            return f"{release} starts with it{once}"
        return f"{release} does not start with it{once}: {self.verdict.why}"

    @property
    def unobserved(self) -> str | None:
        """A sentence for a release that was never observed, or None.

        It names the observed release whose rules are used instead.
        """
        return unobserved(self.installation.features.release)

    def fails(self, least: FindingSeverity) -> bool:
        """Return whether a finding has at least this severity."""
        return any(each.severity >= least for each in self.findings)
