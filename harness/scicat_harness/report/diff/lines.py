"""Lines: many similar changes told as one, with the cells they are about and an example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.judge.record import RequestRecord
from scicat_harness.model.outcome import Decision
from scicat_harness.report.diff.change import Change, ChangeKind, EffectChange
from scicat_harness.report.summary import module_of

__all__ = ["Line", "collapse", "counted", "folded", "some"]

_METHODS = {
    "create": "POST /jobs",
    "update": "PATCH /jobs/ID",
    "read": "GET /jobs/ID",
    "list": "GET /jobs",
    "delete": "DELETE /jobs/ID",
}
_FOLDED = (ChangeKind.AUTHORIZATION, ChangeKind.STATUS, ChangeKind.EFFECT)
_MOST_FOLDED = 2


@dataclass(frozen=True, slots=True)
class Line:
    """Changes that are alike; ``by`` is what decided, or what differs of an effect."""

    kind: ChangeKind
    request: str
    was: str
    now: str
    by: str
    permissive: bool
    changes: tuple[Change, ...] = ()

    @property
    def cases(self) -> int:
        """How many cases it is about."""
        return len({each.case for each in self.changes})

    @property
    def example(self) -> str:
        """The case with the shortest name: it says most plainly what it is about."""
        return min((each.case for each in self.changes), key=lambda case: (len(case), case))

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Identity and job type of each, sorted."""
        return sorted({(each.now.identity, each.now.job_type) for each in self.changes})

    def cells_in_short(self, most: int = 4) -> str:
        """The identities and the job types, some of them where they are many."""
        identities = sorted({identity or "nobody" for identity, _ in self.cells})
        job_types = sorted({job_type for _, job_type in self.cells if job_type})
        parts = [some(identities, most), some(job_types, most)]
        return " x ".join(part for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """Plain data, with every case."""
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
    """One line for what is alike: what became more permissive first, then the largest."""
    groups: dict[Line, list[Change]] = {}
    for change in changes:
        was, now, by = _told(change)
        alike = Line(change.kind, _request(change.now), was, now, by, change.permissive)
        groups.setdefault(alike, []).append(change)
    return _in_order(replace(alike, changes=tuple(found)) for alike, found in groups.items())


def folded(lines: Iterable[Line]) -> list[Line]:
    """Fewer lines, for a screen: one per request and change.

    It has the rules that decide now, or the modules where an effect differs. What became more
    permissive keeps a line each.
    """
    groups: dict[Line, list[Change]] = {}
    apart = []
    for line in lines:
        if line.permissive or line.kind not in _FOLDED:
            apart.append(line)
        else:
            groups.setdefault(replace(line, by="", changes=()), []).extend(line.changes)
    return _in_order([*apart, *(_folded(line, found) for line, found in groups.items())])


def _in_order(lines: Iterable[Line]) -> list[Line]:
    order = list(ChangeKind)
    return sorted(
        lines,
        key=lambda line: (
            order.index(line.kind),
            not line.permissive,
            -line.cases,
            (line.request, line.was, line.now, line.by),
        ),
    )


def _folded(line: Line, changes: Sequence[Change]) -> Line:
    effects = line.kind is ChangeKind.EFFECT
    found = {(each.case, module_of(each.case) if effects else each.now.rule) for each in changes}
    counts = Counter(by for _, by in sorted(found)).most_common()
    named = [by if len(counts) == 1 else f"{by} ({cases})" for by, cases in counts]
    return replace(line, by=some(named, _MOST_FOLDED), changes=tuple(changes))


def _request(request: RequestRecord) -> str:
    operation = request.operation.removesuffix(" endpoint")
    return f"{_METHODS.get(operation, operation)} {request.api}".rstrip()


def _told(change: Change) -> tuple[str, str, str]:
    """What it was, what it is, and by what."""
    was, now = change.was, change.now
    rules = was.rule if was.rule == now.rule else f"{was.rule} -> {now.rule}"
    if change.kind is ChangeKind.EFFECT:
        assert change.effect is not None
        return _effect_told(change.effect, change)
    if change.kind is ChangeKind.VERDICT:
        return (*change.verdicts, module_of(change.case))
    if change.kind is ChangeKind.START:
        return _started(was), _started(now), module_of(change.case)
    if change.kind is ChangeKind.STATUS:
        return str(was.status), str(now.status), rules
    about_a_job = any(_is_hidden(each) for each in (was, now))
    return _decision(was, listed=about_a_job), _decision(now, listed=about_a_job), rules


def _effect_told(effect: EffectChange, change: Change) -> tuple[str, str, str]:
    keys = f": {', '.join(effect.keys)}" if effect.keys else ""
    refused = ", of a refused request" if change.permissive else ""
    return effect.channel, f"{effect.manner}{keys}{refused}", module_of(change.case)


def _is_hidden(request: RequestRecord) -> bool:
    """A list may be allowed, and not show the job."""
    return request.observed == Decision.DENY and 200 <= request.status < 300


def _decision(request: RequestRecord, *, listed: bool) -> str:
    if listed and 200 <= request.status < 300:
        return "hidden" if _is_hidden(request) else "shown"
    return f"{request.observed} {request.status or '(no reply)'}"


def _started(request: RequestRecord) -> str:
    return "starts" if request.observed == Decision.ALLOW else "fails"


def some(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def counted(number: int, what: str) -> str:
    """A number of something: ``1 case``, ``2 cases``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
