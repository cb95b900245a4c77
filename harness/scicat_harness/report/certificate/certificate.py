"""The certificate of a run: a conclusion per level, and everything it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from scicat_harness.errors import ExitCode
from scicat_harness.judge.ledger import Ledger
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.certificate.finding import Gap, GapKind, findings, in_level, rules_of
from scicat_harness.report.certificate.level import Level
from scicat_harness.report.page.collected import Collected
from scicat_harness.report.page.known import SeenDeviation, seen_deviations
from scicat_harness.report.replay import replay
from scicat_harness.report.stored.run import read_run

__all__ = ["SCHEMA_ID", "Attested", "Certificate", "Conclusion", "certificate_of"]

SCHEMA_ID = (
    "https://github.com/SciCatProject/scicat-harness/blob/main/"
    "harness/scicat_harness/report/certificate/certificate-1.schema.json"
)
"""Names the version of the format; a change that breaks readers gets another number."""


class Conclusion(StrEnum):
    """What a run proves of a level."""

    CONFORMANT = "conformant"
    WITH_DEVIATIONS = "conformant with known deviations"
    NOT_CONFORMANT = "not conformant"
    NOT_PROVEN = "not proven"


_CODES = {
    Conclusion.NOT_CONFORMANT: ExitCode.SCICAT_DIFFERS,
    Conclusion.NOT_PROVEN: ExitCode.ENVIRONMENT_FAILED,
}


@dataclass(frozen=True, slots=True)
class Attested:
    """One level; its conclusion follows from findings and deviations alone."""

    level: Level
    checks: Counter[str]
    rules: int
    unreached: int
    findings: tuple[Gap, ...]
    deviations: tuple[SeenDeviation, ...]

    @property
    def conclusion(self) -> Conclusion:
        """Nothing conforms while there is a finding, whatever it is."""
        if any(each.kind is GapKind.FAILED for each in self.findings):
            return Conclusion.NOT_CONFORMANT
        if self.findings or not self.checks[Verdict.PASSED]:
            return Conclusion.NOT_PROVEN
        return Conclusion.WITH_DEVIATIONS if self.deviations else Conclusion.CONFORMANT

    @property
    def exit_code(self) -> ExitCode:
        """What it says to the shell."""
        return _CODES.get(self.conclusion, ExitCode.AS_SPECIFIED)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "level": self.level.name,
            "about": self.level.sentence,
            "conclusion": str(self.conclusion),
            "checks": {str(verdict): self.checks[verdict] for verdict in Verdict},
            "rules": {"total": self.rules, "shown": self.rules - self.unreached},
            "findings": [each.to_json() for each in self.findings],
            "known_deviations": [_deviation(each) for each in self.deviations],
        }


@dataclass(frozen=True, slots=True)
class Certificate:
    """One run; ``digest`` is that of its events, so that nobody needs to believe anything else."""

    told: Collected
    digest: str
    levels: tuple[Attested, ...]

    def level(self, name: str) -> Attested:
        """The level of that name."""
        return next(each for each in self.levels if each.level.name == name)

    def to_json(self) -> dict[str, Any]:
        """The published form, see certificate-1.schema.json."""
        run, started = self.told.summary, self.told.started
        return {
            "schema": SCHEMA_ID,
            "subject": {
                "release": run.backend_version,
                "deployment": run.deployment,
                "image": run.image,
                "digest": run.digest,
                "configuration": started.get("configuration"),
            },
            "run": {
                "name": run.run,
                "started": started.get("at"),
                "seconds": round(run.seconds, 2),
                "profile": run.profile,
                "reading": run.expect,
                "harness": started.get("harness"),
                "left_behind": run.left_behind,
                "events_sha256": self.digest,
            },
            "levels": [each.to_json() for each in self.levels],
        }


def certificate_of(folder: Path, levels: Sequence[Level], ledger: Ledger) -> Certificate:
    """The certificate of a report folder; a UsageFault where that cannot be read."""
    run = read_run(folder)
    told = Collected()
    replay(run, [told])
    attested = (_attested(told, level, ledger, ended=run.finished) for level in levels)
    return Certificate(told, run.digest, tuple(attested))


def _attested(told: Collected, level: Level, ledger: Ledger, *, ended: bool) -> Attested:
    records = [each.record for each in told.checks if in_level(each.record, level)]
    unreached, total = rules_of(records, told, level)
    seen = Counter(name for each in records for name in each.deviations)
    return Attested(
        level,
        Counter(each.verdict for each in records),
        total,
        len(unreached),
        tuple(findings(told, level, ended=ended)),
        tuple(seen_deviations(ledger, seen)),
    )


def _deviation(seen: SeenDeviation) -> dict[str, Any]:
    entry = seen.entry
    return {
        "id": seen.id,
        "severity": str(entry.severity) if entry is not None else "unknown",
        "promise": entry.promise if entry is not None else "",
        "behaviour": entry.behaviour if entry is not None else "",
        "link": seen.link,
        "checks": seen.cases,
    }
