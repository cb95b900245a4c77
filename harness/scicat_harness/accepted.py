"""Accepted findings and differences: what somebody knows of, and lives with until a date.

The file ``scicat-accepted.yaml`` lies in the repository of a facility or of a backend. ``lint``
reads its findings, ``run`` and ``verify`` read its differences::

    - rule: template.whole-environment
      place: env_test create
      reason: the test instance shows its environment on purpose
      owner: data-team@site.example
      until: 2027-06-30
    - kind: refused though promised
      operation: create
      identity: both
      observed: 403 deny
      reason: members of both lists are refused until pull request 2805 is corrected
      owner: release-team@scicat.example
      until: 2027-01-31

It is strict both ways, as the ledger of known deviations is: an entry that matches nothing any
more, or is past its date, is a finding itself.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
)

from scicat_harness.errors import UsageFault
from scicat_harness.files import read_given
from scicat_harness.validation import described

__all__ = [
    "FILE_NAME",
    "Accepted",
    "AcceptedDifference",
    "AcceptedFinding",
    "as_file",
    "fits",
    "read_accepted",
]

FILE_NAME = "scicat-accepted.yaml"


class _Entry(BaseModel):
    """What both kinds of entries say about the decision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(min_length=1)
    owner: str = Field(min_length=1, description="Who decides about it.")
    until: datetime.date = Field(description="The last day on which it is accepted.")

    @property
    def decision(self) -> str:
        """The reason with date and owner, as reports show it."""
        return f"{self.reason} (until {self.until}, {self.owner})"


class AcceptedFinding(_Entry):
    """One finding of ``lint``."""

    rule: str = Field(min_length=1, description="Rule of the finding.")
    place: str = Field(
        default="",
        description="Beginning of what it is about, or of its file; * stands for any text.",
    )

    @property
    def shown(self) -> str:
        """Rule and place."""
        return f"{self.rule} {self.place}".strip()


class AcceptedDifference(_Entry):
    """Failed checks of one cause; keys that are missing accept any value.

    The values are those of a line of the causes that a run ends with: its kind, operation and
    identity, and the outcome that was observed, such as ``403 deny``. In all of them, and in
    ``rule`` and ``place``, ``*`` stands for any text.
    """

    kind: str = Field(min_length=1, description="Kind of the cause: more permissive, ...")
    operation: str = "*"
    identity: str = "*"
    observed: str = "*"
    rule: str = Field(default="*", description="The rule, or ledger entry, that decided.")
    place: str = Field(default="", description="Beginning of the name of the check.")

    @property
    def shown(self) -> str:
        """The keys that say what is accepted."""
        named = self.model_dump(include={"operation", "identity", "observed", "rule", "place"})
        values = (str(each) for each in named.values() if each not in ("*", ""))
        return ", ".join((self.kind, *values))


_FINDING, _DIFFERENCE = "(finding)", "(difference)"


def _tag(entry: Any) -> str:
    """Return which kind of entry it is: only differences have a ``kind``."""
    return _DIFFERENCE if isinstance(entry, dict) and "kind" in entry else _FINDING


_ENTRIES: TypeAdapter[tuple[AcceptedFinding | AcceptedDifference, ...]] = TypeAdapter(
    tuple[
        Annotated[
            Annotated[AcceptedFinding, Tag(_FINDING)]
            | Annotated[AcceptedDifference, Tag(_DIFFERENCE)],
            Discriminator(_tag),
        ],
        ...,
    ]
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The entries of a file by who reads them."""

    findings: tuple[AcceptedFinding, ...] = ()
    differences: tuple[AcceptedDifference, ...] = ()


def read_accepted(file: Path) -> Accepted:
    """Read a file; an entry with the key ``kind`` is a difference, any other one a finding.

    Raises UsageFault with one line per error, each with file, entry, key and reason.
    """
    text = read_given(file, str(file), "give a list of accepted findings")
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageFault(f"{file}: not valid YAML ({str(error).splitlines()[0]})") from None
    try:
        entries = _ENTRIES.validate_python(content or [])
    except ValidationError as error:
        raise UsageFault(described(file, error, (_FINDING, _DIFFERENCE))) from None
    return Accepted(
        tuple(each for each in entries if isinstance(each, AcceptedFinding)),
        tuple(each for each in entries if isinstance(each, AcceptedDifference)),
    )


def as_file(entries: Sequence[Mapping[str, Any]]) -> str:
    """Return entries, by their keys, as the text of a file."""
    return yaml.safe_dump([dict(each) for each in entries], sort_keys=False, width=100)


def fits(text: str, pattern: str) -> bool:
    """Return whether a pattern, in which only ``*`` is special, is the whole text."""
    parts = (re.escape(each) for each in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None
