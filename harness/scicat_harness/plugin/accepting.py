"""Accepted differences: failed checks that a file names do not fail the run.

A check keeps its record with all differences. Its verdict becomes *accepted*, with the decision of
the entry. Entries that are past their date accept nothing, and are failures of the run themselves,
as are those that no check of a complete run needs.
"""

from __future__ import annotations

import datetime
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.accepted import AcceptedDifference, fits, read_accepted
from scicat_harness.errors import UsageFault
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.causes import Kind, cause_of

__all__ = ["RECORD", "Accepting"]

RECORD = "scicat_record"
"""Attribute of a pytest report with the record of its check. xdist transfers it as well."""


# What no request explains has no cause that somebody could know.
_ACCEPTABLE = tuple(
    each for each in Kind if each not in (Kind.OF_THE_RUN, Kind.UNKNOWN, Kind.ENTRY)
)


class Accepting:
    """A pytest plugin that knows the entries of a file, and which of them were needed."""

    def __init__(self, file: Path, today: datetime.date) -> None:
        self._today = today
        self._entries = read_accepted(file).differences
        for each in self._entries:
            if each.kind not in _ACCEPTABLE:
                raise UsageFault(
                    f"{file}: kind: {each.kind!r} cannot be accepted; give one of "
                    f"{', '.join(_ACCEPTABLE)}"
                )
        self._used: set[AcceptedDifference] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, None, None]:
        """Let an accepted check pass, before anything else counts it."""
        record = getattr(report, RECORD, None)
        if record is not None and report.when == "call":
            judged = self.judged(record)
            if judged["verdict"] == Verdict.ACCEPTED:
                setattr(report, RECORD, judged)
                report.outcome = "passed"
        return (yield)

    def judged(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the record of a check; it is accepted if a valid entry covers it."""
        # A worker accepts as well, for its own count of failures; here the entry is used again.
        record = CheckRecord.from_json(data).as_judged()
        if record.verdict != Verdict.FAILED or not _is_of_one_kind(record):
            return data
        entry = next((each for each in self._entries if _covers(each, record)), None)
        if entry is None:
            return data
        self._used.add(entry)
        if entry.until < self._today:
            return data
        # Plain text: xdist sends no enums.
        return {**data, "verdict": Verdict.ACCEPTED.value, "accepted": entry.decision}

    def wrong_entries(self, *, complete: bool) -> Iterator[tuple[str, str]]:
        """Yield the name and what is wrong of each entry that has to be changed.

        Entries that no check needs are wrong only after a ``complete`` run.
        """
        for number, each in enumerate(self._entries, 1):
            if each.until < self._today:
                sentence = f"past its date {each.until}: {each.shown}; ask {each.owner}"
                yield f"accepted::{number}", sentence
        if complete:
            yield from self.unused()

    def unused(self) -> Iterator[tuple[str, str]]:
        """Yield name and sentence of each valid entry that no check of the run needed."""
        for number, each in enumerate(self._entries, 1):
            if each.until >= self._today and each not in self._used:
                sentence = f"the difference that it accepts does not happen: {each.shown}"
                yield f"accepted::{number}", sentence


def _is_of_one_kind(record: CheckRecord) -> bool:
    """Return whether an entry could be about all of a failure.

    Requests that failed in several ways may hide a new difference behind a known one, and a secret
    that is shown is never accepted.
    """
    failed = [each for each in record.requests if each.verdict == Verdict.FAILED]
    if any(path.endswith(".leak") for each in failed for path in each.paths):
        return False
    ways = {(each.operation, each.identity, each.status, each.paths) for each in failed}
    return len(ways) <= 1


def _covers(entry: AcceptedDifference, record: CheckRecord) -> bool:
    cause = cause_of(record)
    name = record.case.removeprefix("scenarios/")
    deciding = (record.deciding, cause.entry)
    # An endpoint that is closed refuses the operation itself, too.
    operations = (record.operation, record.operation.partition(" ")[0])
    return (
        entry.kind in cause.kinds
        and any(fits(each, entry.operation) for each in operations)
        and fits(record.identity, entry.identity)
        and fits(cause.observed, entry.observed)
        and any(fits(each, entry.rule) for each in deciding if each or entry.rule == "*")
        and any(fits(each, f"{entry.place}*") for each in (name, record.case))
    )
