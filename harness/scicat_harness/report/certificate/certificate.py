"""The certificate of a run: a conclusion per level, with the data that it follows from.

docs/reports.md describes the conclusions; ``certificate-1.schema.json`` is the published format.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from scicat_harness.errors import ExitCode
from scicat_harness.judge.ledger import Ledger
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.certificate.finding import Gap, GapKind, findings, in_level, rules_of
from scicat_harness.report.certificate.level import Level
from scicat_harness.report.known import SeenDeviation, seen_deviations
from scicat_harness.report.page.collected import Collected
from scicat_harness.report.replay import replay
from scicat_harness.report.stored.run import read_run

__all__ = ["SCHEMA_ID", "Attested", "Certificate", "Conclusion", "certificate_of"]

SCHEMA_ID = (
    "https://github.com/SciCatProject/scicat-harness/blob/main/"
    "harness/scicat_harness/report/certificate/certificate-1.schema.json"
)
"""The ``schema`` of a certificate; an incompatible change of the format gets another number."""


class Conclusion(StrEnum):
    """The conclusion of a run on one level."""

    CONFORMANT = "conformant"
    WITH_DEVIATIONS = "conformant with known deviations"
    NOT_CONFORMANT = "not conformant"
    NOT_PROVEN = "not proven"


# Both conformant conclusions have exit code 0.
_CODES = {
    Conclusion.NOT_CONFORMANT: ExitCode.SCICAT_DIFFERS,
    Conclusion.NOT_PROVEN: ExitCode.ENVIRONMENT_FAILED,
}


@dataclass(frozen=True, slots=True)
class Attested:
    """The result of a run on one level.

    ``checks`` counts checks by verdict, ``rules`` is the number of rules of the level, and
    ``unreached`` how many of these no check showed. The conclusion follows from ``findings``,
    ``deviations`` and the number of passed checks.
    """

    level: Level
    checks: Counter[str]
    rules: int
    unreached: int
    findings: tuple[Gap, ...]
    deviations: tuple[SeenDeviation, ...]

    @property
    def conclusion(self) -> Conclusion:
        """The conclusion; any finding excludes conformance.

        A failed check means not conformant. Without one, another finding or no passed check at
        all means not proven.
        """
        # A failed check is a proof, whatever else the run did not show.
        if any(each.kind is GapKind.FAILED for each in self.findings):
            return Conclusion.NOT_CONFORMANT
        if self.findings or not self.checks[Verdict.PASSED]:
            return Conclusion.NOT_PROVEN
        return Conclusion.WITH_DEVIATIONS if self.deviations else Conclusion.CONFORMANT

    @property
    def exit_code(self) -> ExitCode:
        """0 if the level is conformant, 1 if it is not, 2 if nothing is proven."""
        return _CODES.get(self.conclusion, ExitCode.AS_SPECIFIED)

    def to_json(self) -> dict[str, Any]:
        """Return plain data in the published format."""
        return {
            "level": self.level.name,
            "about": self.level.sentence,
            "conclusion": str(self.conclusion),
            "checks": {
                # Differences that somebody accepts have failed here.
                str(each): self.checks[each]
                for each in Verdict
                if each is not Verdict.ACCEPTED
            },
            "rules": {"total": self.rules, "shown": self.rules - self.unreached},
            "findings": [each.to_json() for each in self.findings],
            "known_deviations": [_deviation(each) for each in self.deviations],
        }


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate of one run.

    ``digest`` is the SHA-256 of ``events.jsonl``: whoever has that file can verify the certificate
    by making it again.
    """

    collected: Collected
    digest: str
    levels: tuple[Attested, ...]

    def level(self, name: str) -> Attested:
        """Return the result on the level with a name; raise StopIteration if there is none."""
        return next(each for each in self.levels if each.level.name == name)

    def to_json(self) -> dict[str, Any]:
        """Return plain data in the published format, see ``certificate-1.schema.json``."""
        run, started = self.collected.summary, self.collected.started
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
    """Return the certificate of a report folder.

    Raises UsageFault if the folder cannot be read.
    """
    run = read_run(folder)
    collected = Collected()
    replay(run, [collected])
    # Whoever accepts a difference lives with it; the release differs all the same.
    collected.checks = [replace(each, record=each.record.as_judged()) for each in collected.checks]
    attested = (_attested(collected, level, ledger, ended=run.finished) for level in levels)
    return Certificate(collected, run.digest, tuple(attested))


def _attested(collected: Collected, level: Level, ledger: Ledger, *, ended: bool) -> Attested:
    records = [each.record for each in collected.checks if in_level(each.record, level)]
    unreached, total = rules_of(records, collected, level)
    # One check may show several deviations, and counts for each of them.
    seen = Counter(name for each in records for name in each.deviations)
    return Attested(
        level,
        Counter(each.verdict for each in records),
        total,
        len(unreached),
        tuple(findings(collected, level, ended=ended)),
        tuple(seen_deviations(ledger, seen)),
    )


def _deviation(seen: SeenDeviation) -> dict[str, Any]:
    # A stored run may show an entry that the ledger does not have any more.
    entry = seen.entry
    return {
        "id": seen.id,
        "severity": str(entry.severity) if entry is not None else "unknown",
        "promise": entry.promise if entry is not None else "",
        "behaviour": entry.behaviour if entry is not None else "",
        "link": seen.link,
        "checks": seen.cases,
    }
