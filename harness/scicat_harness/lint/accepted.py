"""Accepted findings: left out of a report until their date (``scicat_harness.accepted``)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scicat_harness.accepted import AcceptedFinding, fits
from scicat_harness.lint.finding import Finding, Place
from scicat_harness.lint.report import Report
from scicat_harness.lint.subject import finding

__all__ = ["without_accepted"]


def without_accepted(
    report: Report, file: Path, entries: Sequence[AcceptedFinding], today: datetime.date
) -> Report:
    """Return a report without its accepted findings, and with what is wrong with the entries.

    A finding that stops the start is never accepted: there is nothing to live with.
    """
    kept: list[Finding] = []
    accepted: list[str] = []
    used: set[int] = set()
    for found in report.sorted:
        number = next((n for n, each in enumerate(entries) if _covers(each, found)), None)
        if number is not None:
            used.add(number)
        entry = entries[number] if number is not None else None
        if entry is None or entry.until < today or found.stops:
            kept.append(found)
            continue
        about = f"{found.subject}: " if found.subject else ""
        accepted.append(f"{found.rule}: {about}{entry.decision}")
    # The entries have no places of their own in the parsed file.
    place = Place(file, 1, 1)
    for number, entry in enumerate(entries):
        if number not in used:
            sentence = f"the finding that it accepts does not happen: {entry.shown}"
            kept.append(finding("accepted.unused", place, sentence))
        elif entry.until < today:
            sentence = f"past its date {entry.until}: {entry.shown}; ask {entry.owner}"
            kept.append(finding("accepted.expired", place, sentence))
    return replace(report, findings=tuple(kept), accepted=tuple(accepted))


def _covers(entry: AcceptedFinding, found: Finding) -> bool:
    """Return whether an entry is about a finding, whatever its date."""
    places = (found.subject, found.place.file.name)
    return found.rule == entry.rule and any(fits(each, f"{entry.place}*") for each in places)
