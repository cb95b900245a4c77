"""Lines: similar changes in one entry, with their identities, job types and an example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.judge.record import RequestRecord
from scicat_harness.model.outcome import Decision
from scicat_harness.report.diff.change import Change, ChangeKind, EffectChange
from scicat_harness.report.summary import module_of

__all__ = ["Line", "collapse", "counted", "described", "folded", "some"]

_METHODS = {
    # Requests are shown as a reader would send them, not by the name of the operation.
    "create": "POST /jobs",
    "update": "PATCH /jobs/ID",
    "read": "GET /jobs/ID",
    "list": "GET /jobs",
    "delete": "DELETE /jobs/ID",
}
_FOLDED = (ChangeKind.AUTHORIZATION, ChangeKind.STATUS, ChangeKind.EFFECT)
_MOST_FOLDED = 2
"""Rules or modules that a folded line names."""


@dataclass(frozen=True, slots=True)
class Line:
    """A group of similar changes.

    ``request`` is method and path with the API version, such as ``POST /jobs v4``. ``was`` and
    ``now`` are outcomes in words. ``by`` is the deciding rule, as ``then -> now`` where it changed;
    for effects, starts and verdicts it is the scenario module.
    """

    kind: ChangeKind
    request: str
    was: str
    now: str
    by: str
    permissive: bool
    changes: tuple[Change, ...] = ()

    @property
    def cases(self) -> int:
        """The number of cases with such a change."""
        return len({each.case for each in self.changes})

    @property
    def example(self) -> str:
        """The case with the shortest name, which is the plainest."""
        return min((each.case for each in self.changes), key=lambda case: (len(case), case))

    @property
    def cells(self) -> list[tuple[str, str]]:
        """The pairs of identity and job type, sorted, each once."""
        return sorted({(each.now.identity, each.now.job_type) for each in self.changes})

    def cells_in_short(self, most: int = 4) -> str:
        """Return identities and job types for a line of text, ``most`` of each.

        Example: ``user1, user2 and 3 more x owner_access``.
        """
        identities = sorted({identity or "nobody" for identity, _ in self.cells})
        job_types = sorted({job_type for _, job_type in self.cells if job_type})
        parts = [some(identities, most), some(job_types, most)]
        return " x ".join(part for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """Return plain data, with every case."""
        cells = [{"identity": identity, "job_type": job_type} for identity, job_type in self.cells]
        return {
            "request": self.request,
            "was": self.was,
            "now": self.now,
            "by": self.by,
            "more_permissive": self.permissive,
            "cases": self.cases,
            "example": self.example,
            "cells": cells,
            "changes": [each.to_json() for each in self.changes],
        }


def collapse(changes: Iterable[Change]) -> list[Line]:
    """Return similar changes as one line each.

    Lines are sorted by kind; of each kind those that became more permissive come first, then those
    with most cases.
    """
    groups: dict[Line, list[Change]] = {}
    for change in changes:
        was, now, by = described(change)
        # A line without changes is the key of its group.
        alike = Line(change.kind, _request(change.now), was, now, by, change.permissive)
        groups.setdefault(alike, []).append(change)
    return _in_order(replace(alike, changes=tuple(found)) for alike, found in groups.items())


def folded(lines: Iterable[Line]) -> list[Line]:
    """Return fewer lines, for a terminal: one per request and change.

    A folded line names the rules that decide now, or the modules in which an effect differs. Lines
    that became more permissive are not folded.
    """
    groups: dict[Line, list[Change]] = {}
    apart = []
    for line in lines:
        if line.permissive or line.kind not in _FOLDED:
            apart.append(line)
        else:
            # Equal apart from the deciding rule, which is therefore left out of the key.
            groups.setdefault(replace(line, by="", changes=()), []).extend(line.changes)
    return _in_order([*apart, *(_folded(line, found) for line, found in groups.items())])


def _in_order(lines: Iterable[Line]) -> list[Line]:
    order = list(ChangeKind)
    return sorted(
        lines,
        key=lambda line: (
            order.index(line.kind),
            # False sorts before True.
            not line.permissive,
            -line.cases,
            (line.request, line.was, line.now, line.by),
        ),
    )


def _folded(line: Line, changes: Sequence[Change]) -> Line:
    effects = line.kind is ChangeKind.EFFECT
    # A set: a case with several such changes by one rule counts once.
    found = {(each.case, module_of(each.case) if effects else each.now.rule) for each in changes}
    counts = Counter(by for _, by in sorted(found)).most_common()
    named = [by if len(counts) == 1 else f"{by} ({cases})" for by, cases in counts]
    return replace(line, by=some(named, _MOST_FOLDED), changes=tuple(changes))


def _request(request: RequestRecord) -> str:
    operation = request.operation.removesuffix(" endpoint")
    # Other operations, such as start, are shown by their name; these have no API version.
    return f"{_METHODS.get(operation, operation)} {request.api}".rstrip()


def described(change: Change) -> tuple[str, str, str]:
    """Return the values ``was``, ``now`` and ``by`` of the line of a change."""
    was, now = change.was, change.now
    rules = was.rule if was.rule == now.rule else f"{was.rule} -> {now.rule}"
    if change.kind is ChangeKind.EFFECT:
        assert change.effect is not None
        return _described_effect(change.effect, change)
    if change.kind is ChangeKind.VERDICT:
        return (*change.verdicts, module_of(change.case))
    if change.kind is ChangeKind.START:
        return _started(was), _started(now), module_of(change.case)
    if change.kind is ChangeKind.STATUS:
        return str(was.status), str(now.status), rules
    # For lists, which answer 200 in both runs, the difference is that the job is shown or hidden.
    about_a_job = any(_is_hidden(each) for each in (was, now))
    return _decision(was, listed=about_a_job), _decision(now, listed=about_a_job), rules


def _described_effect(effect: EffectChange, change: Change) -> tuple[str, str, str]:
    keys = f": {', '.join(effect.keys)}" if effect.keys else ""
    refused = ", of a refused request" if change.permissive else ""
    return effect.channel, f"{effect.manner}{keys}{refused}", module_of(change.case)


def _is_hidden(request: RequestRecord) -> bool:
    """Return whether a request was answered without showing the job, as a list may be."""
    return request.observed == Decision.DENY and 200 <= request.status < 300


def _decision(request: RequestRecord, *, listed: bool) -> str:
    if listed and 200 <= request.status < 300:
        return "hidden" if _is_hidden(request) else "shown"
    return f"{request.observed} {request.status or '(no reply)'}"


def _started(request: RequestRecord) -> str:
    return "starts" if request.observed == Decision.ALLOW else "fails"


def some(names: Sequence[str], most: int) -> str:
    """Return the first ``most`` names and the number of the others: ``a, b and 3 more``."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def counted(number: int, what: str) -> str:
    """Return a number with its noun: ``1 case``, ``2 cases``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
