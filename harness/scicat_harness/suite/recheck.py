"""Recheck: judges a stored run again, by the oracle, the ledger and the matrices of today.

No backend is needed: the observations are in the records. The cases are rebuilt from the
scenarios, and found by their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from scicat_harness.config.jobconfig import version_of
from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.case import LatticeCase
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.sites import named_site
from scicat_harness.judge.expecting import Readings
from scicat_harness.judge.judging import Expected
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.recorded import Unclear, judged_again, recorded_expectation
from scicat_harness.judge.wording import sentences
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import Release, unobserved
from scicat_harness.oracle.predict import Oracle, Unspecified
from scicat_harness.oracle.rule import Reading, View
from scicat_harness.report.recheck import Recheck, Rechecked
from scicat_harness.report.stored.run import RunReport, read_run
from scicat_harness.suite.matrices import matrices, scenario_names, site_of

__all__ = ["rechecked"]

_Value = TypeVar("_Value", bound=StrEnum)
_FACILITY = "scenarios/facility/"
_JUDGED = frozenset({Verdict.PASSED, Verdict.DEVIATING, Verdict.ACCEPTED, Verdict.FAILED})
_OTHER_TYPES = "the job types of the union site have changed since the run"


def rechecked(folder: Path) -> Recheck:
    """Judge the run of a report folder by today's rules.

    Cases that cannot be judged again are in the result with the reason, never as passed. Raises
    UsageFault for a folder without a run that can be read.
    """
    run = read_run(folder)
    judge = _Judge.of(run)
    found = Recheck(run, warnings=list(judge.warnings()))
    for case, record in run.records.items():
        reason = judge.refusal(record)
        if reason:
            found.leave_out(reason, case)
            continue
        try:
            _judge(judge, record, found)
        except (Unclear, Unspecified) as error:
            lead = "no order is promised" if isinstance(error, Unspecified) else str(error)
            found.leave_out(lead, case)
    return found


def _judge(judge: _Judge, record: CheckRecord, found: Recheck) -> None:
    expected = judge.expected(record)
    again = judged_again(record, expected, LEDGER, judge.release, found.run.run_of(record.case))
    last = record.requests[-1]
    # True counts as 1: a case whose effects were compared.
    found.effects += last.effects is not None and last.watched
    found.judged.append(
        Rechecked(
            case=record.case,
            was=record.as_judged().verdict,
            now=again.verdict,
            rule=again.deciding,
            was_ledger=record.ledger,
            ledger=again.deviation,
            reason="; ".join(sentences(again.differences)),
        )
    )


def _one_of(values: type[_Value], run: RunReport, key: str) -> _Value:
    """Return the value of a run under a key; raises UsageFault where it is none of ``values``."""
    found = next((each for each in values if each == run.started[key]), None)
    if found is None:
        run.refuse(key, f"is none of {', '.join(values)}")
    return found


@cache
def _cases_of(profile: Profile) -> Mapping[str, Any]:
    """Return the cases of today by their ids; building them takes longer than judging a run."""
    return {key: case for each in matrices().values() for key, case in each.cases(profile)}


@dataclass(slots=True)
class _Judge:
    """The cases and oracles of today for one run."""

    release: Release
    reading: Reading
    configuration: str
    cases: Mapping[str, Any]
    oracles: dict[tuple[str, Reading], Oracle] = field(default_factory=dict)

    @classmethod
    def of(cls, run: RunReport) -> _Judge:
        profile, reading = _one_of(Profile, run, "profile"), _one_of(Reading, run, "expect")
        try:
            release = Release.parse(run.version)
        except (UsageFault, ValueError):
            run.refuse("backend_version", "is no release such as v5.2.1")
        return cls(release, reading, run.started["configuration"] or "", _cases_of(profile))

    def warnings(self) -> list[str]:
        warning = unobserved(self.release)
        found = [warning] if warning is not None else []
        if self.configuration:
            return found
        return [
            *found,
            "the run has no record of its job types: a change in these since then looks like a "
            "difference of the backend",
        ]

    def refusal(self, record: CheckRecord) -> str:
        """Return the reason why a record cannot be judged again; "" where it can."""
        name = record.case.partition("[")[0]
        # Its cases are derived from that configuration, which is not in the run.
        if record.case.startswith(_FACILITY):
            return "judged against a facility's own job configuration"
        if record.verdict not in _JUDGED:
            return f"{record.verdict.replace('_', ' ')} then"
        case = self.cases.get(record.case)
        if case is None:
            if name in scenario_names() and name not in _matrix_names():
                return "its expectations are written by hand in the scenario"
            return "there is no such case any more"
        if isinstance(case, LatticeCase):
            return "judged without the oracle"
        # Records of older runs have the verdict alone.
        if not record.seen:
            return "has no record of what was observed"
        return self._refusal_of_site(case)

    def expected(self, record: CheckRecord) -> Expected:
        """Return the expectation of today for the last request of a record."""
        case = self.cases[record.case]
        site = site_of(case)
        operation = record.requests[-1].operation
        observed, documented = (
            recorded_expectation(case.predict(self._oracle(site, reading)), operation)
            for reading in (Reading.OBSERVED, Reading.DOCUMENTED)
        )
        return Readings(observed, documented, self.reading).expected()

    def _refusal_of_site(self, case: Any) -> str:
        site = site_of(case)
        # The run has no fingerprint of the job types of other sites.
        if site == SITE.name and self.configuration not in ("", _fingerprint()):
            return _OTHER_TYPES
        job_type = getattr(getattr(case, "request", None), "job_type", "")
        withheld = self._oracle(site, Reading.OBSERVED).site.withheld
        return f"not applicable today: {withheld[job_type]}" if job_type in withheld else ""

    def _oracle(self, site: str, reading: Reading) -> Oracle:
        if (site, reading) not in self.oracles:
            found = named_site(site, self.release)
            self.oracles[site, reading] = Oracle(found, View(self.release, reading))
        return self.oracles[site, reading]


@cache
def _fingerprint() -> str:
    """Return the version of the job types of the union site."""
    return version_of(SITE)


@cache
def _matrix_names() -> frozenset[str]:
    return frozenset(each.name for each in matrices().values())
