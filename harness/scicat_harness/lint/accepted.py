"""Accepted findings: a file in the facility's repository with what it knows and lives with.

It is strict both ways, as the ledger of known deviations is: an entry that matches nothing any
more, or is past its date, is a finding itself::

    - rule: template.whole-environment
      place: env_test create
      reason: the test instance shows its environment on purpose
      owner: data-team@site.example
      until: 2027-06-30
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from scicat_harness.errors import UsageFault
from scicat_harness.files import read_given
from scicat_harness.lint.finding import Finding, Place
from scicat_harness.lint.report import Report
from scicat_harness.lint.subject import finding
from scicat_harness.validation import described

__all__ = ["FILE_NAME", "AcceptedFinding", "read_accepted", "without_accepted"]

FILE_NAME = "scicat-accepted.yaml"


class AcceptedFinding(BaseModel):
    """One finding that is accepted until a date."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str = Field(min_length=1, description="Rule of the finding.")
    place: str = Field(
        default="",
        description="Beginning of what it is about, or of its file; * stands for any text.",
    )
    reason: str = Field(min_length=1)
    owner: str = Field(min_length=1, description="Who decides about it.")
    until: datetime.date = Field(description="The last day on which it is accepted.")

    def covers(self, found: Finding) -> bool:
        """Return whether the entry is about a finding, whatever its date."""
        places = (found.subject, found.place.file.name)
        return found.rule == self.rule and any(
            fnmatchcase(each, f"{self.place}*") for each in places
        )


_ENTRIES = TypeAdapter(tuple[AcceptedFinding, ...])


def read_accepted(file: Path) -> tuple[AcceptedFinding, ...]:
    """Read a file of accepted findings.

    Raises UsageFault with one line per error, each with file, entry, key and reason.
    """
    text = read_given(file, str(file), "give a list of accepted findings")
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageFault(f"{file}: not valid YAML ({str(error).splitlines()[0]})") from None
    try:
        return _ENTRIES.validate_python(content or [])
    except ValidationError as error:
        raise UsageFault(described(file, error)) from None


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
        number = next((n for n, each in enumerate(entries) if each.covers(found)), None)
        if number is not None:
            used.add(number)
        entry = entries[number] if number is not None else None
        if entry is None or entry.until < today or found.stops:
            kept.append(found)
            continue
        about = f"{found.subject}: " if found.subject else ""
        accepted.append(f"{found.rule}: {about}{entry.reason} (until {entry.until}, {entry.owner})")
    # The entries have no places of their own in the parsed file.
    place = Place(file, 1, 1)
    for number, entry in enumerate(entries):
        shown = f"{entry.rule} {entry.place}".strip()
        if number not in used:
            sentence = f"the finding that it accepts does not happen: {shown}"
            kept.append(finding("accepted.unused", place, sentence))
        elif entry.until < today:
            sentence = f"past its date {entry.until}: {shown}; ask {entry.owner}"
            kept.append(finding("accepted.expired", place, sentence))
    return replace(report, findings=tuple(kept), accepted=tuple(accepted))
