"""What the linter says about one configuration."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.lint.finding import Finding, FindingSeverity
from scicat_harness.lint.starting.verdict import StartVerdict
from scicat_harness.lint.subject import Installation
from scicat_harness.model.release import unobserved

__all__ = ["Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """Verdict and findings; ``unverifiable`` are sentences about what says neither yes nor no."""

    file: Path
    installation: Installation
    verdict: StartVerdict
    findings: tuple[Finding, ...]
    unverifiable: tuple[str, ...]

    @property
    def sorted(self) -> list[Finding]:
        """The findings in the order of their places."""
        return sorted(self.findings, key=lambda each: (each.place, each.rule))

    @property
    def counts(self) -> dict[FindingSeverity, int]:
        """How many findings there are of each severity, the worst first."""
        counted = Counter(each.severity for each in self.findings)
        return {severity: counted[severity] for severity in sorted(FindingSeverity, reverse=True)}

    @property
    def start(self) -> str:
        """One sentence: whether the backend starts."""
        release = self.installation.features.release
        if self.verdict.starts:
            return f"{release} starts with it"
        return f"{release} does not start with it: {self.verdict.why}"

    @property
    def unobserved(self) -> str | None:
        """That the release was never observed, and what it is judged by; None otherwise."""
        return unobserved(self.installation.features.release)

    def fails(self, least: FindingSeverity) -> bool:
        """Whether there is a finding at least that bad."""
        return any(each.severity >= least for each in self.findings)
