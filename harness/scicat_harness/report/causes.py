"""Causes: the failed checks of a run in groups, worst first, one line for each.

One change of a backend fails hundreds of checks. Those that failed in the same way are one cause:
the same operation, reply and differences, and either the same identities or the same rules. What
changed from one run to another is grouped in the same way (``report.diff.causes``).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from scicat_harness.judge.answer import BY_HAND
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.difference import Difference, OneOf
from scicat_harness.model.outcome import Decision, Verdict

__all__ = ["RANK", "Cause", "Kind", "cause_of", "causes", "grouped", "kind_of"]

_MOST_NAMES = 3
# Characters of a reason within a line.
_LONGEST = 160
# Names of runs, ids, times and numbers, which differ from check to check.
_VARYING = re.compile(
    r"harness-[0-9a-f]{8}[\w/-]*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\d.:TZ+-]*\d[\d.:TZ+-]*"
    r"|scenarios/\S+"
)
_CRASHED = 500


class Kind(StrEnum):
    """What is wrong, worst first; the values are the words of reports."""

    PERMISSIVE = "more permissive"
    AFTER_REFUSAL = "effect or state after a refusal"
    OF_THE_RUN = "unexplained by any request"
    REFUSED = "refused though promised"
    EFFECTS = "other effects"
    STORED = "other stored job"
    CRASH = "crash"
    REPLY = "other status or reply"
    UNKNOWN = "without a verdict"
    ENTRY = "accepted no longer"
    """An entry of a file of accepted differences that is past its date, or that nothing needs."""
    FIXED = "fixed"
    """A known deviation that no longer happens; its ledger entry has to be closed."""


RANK = {kind: place for place, kind in enumerate(Kind)}
# Refusals of somebody who may no longer do anything, whatever the reply should have been.
_REFUSALS = (Kind.REFUSED, Kind.REPLY)
# Kinds of which the reason says more than operation and outcome.
_BY_REASON = (Kind.OF_THE_RUN, Kind.UNKNOWN, Kind.ENTRY)


@dataclass(frozen=True, slots=True)
class Cause:
    """The checks that failed in one way.

    ``expected`` are outcomes such as ``201 allow`` with the number of their checks, ``observed`` is
    one outcome; where these are the same, ``paths`` name what differs, as in ``model.difference``.
    ``rules`` are the ids of the deciding rules. ``cases`` are in the order of the run, the first
    one is the example. ``entry`` is the ledger entry of a deviation that is gone. ``reason`` is the
    sentence of the first check.
    """

    kind: Kind
    operation: str
    apis: tuple[str, ...]
    identities: tuple[str, ...]
    expected: Mapping[str, int]
    observed: str
    paths: tuple[str, ...]
    rules: tuple[str, ...]
    cases: tuple[str, ...]
    entry: str = ""
    reason: str = ""
    various: bool = False
    """Whether the checks share only the ledger entry, so that one line cannot describe them."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that it may be a part of: a refusal may stand in for any other reply."""
        if self.kind is Kind.REPLY and self.observed.endswith(Decision.DENY):
            return (Kind.REPLY, Kind.REFUSED)
        return (self.kind,)

    @property
    def example(self) -> str:
        """The first check."""
        return self.cases[0]

    @property
    def named(self) -> Sequence[str]:
        """The identities that the line names."""
        return self.identities[:_MOST_NAMES]

    def line(self, *, was: str = "expected", now: str = "observed") -> str:
        """Return the cause in one line, without kind and count.

        For example ``create v4 as user1: 403 deny expected, 201 allow observed, by RULE``. ``was``
        and ``now`` are the words after the outcomes.
        """
        if self.various:
            return f"the known deviation {self.entry} does not happen here any more"
        if self.kind in _BY_REASON or not self.identities:
            return f"{self.entry}: {self.reason}" if self.entry else self.reason
        who = f"{self.operation} {'/'.join(sorted(self.apis, reverse=True))}".strip()
        said = [self._change(was, now)]
        # An expectation by hand has no rule; the example shows its reason.
        rules = [each for each in self.rules if each != BY_HAND]
        if rules:
            said.append(f"by {_listed(rules)}")
        if self.entry:
            # Other checks may still show it.
            said.append(f"the known deviation {self.entry} does not happen here any more")
        return f"{who} as {_listed(self.identities)}: {', '.join(said)}"

    def _change(self, was: str, now: str) -> str:
        same = self.expected.get(self.observed, 0)
        others = Counter({each: n for each, n in self.expected.items() if each})
        del others[self.observed]
        alone = len(others) + bool(same) == 1
        counted = [each if alone else f"{each} ({n})" for each, n in others.most_common()]
        change = [f"{_listed(counted)} {was}, {self.observed} {now}"] if others else []
        if same:
            number = "" if alone else f" ({same})"
            # Of one kind of difference the first is a good example.
            example = f" ({_cut(self.reason)})" if alone and self.reason else ""
            change.append(f"{self.observed} with other {_listed(self.paths)}{number}{example}")
        return "; ".join(change)

    def to_json(self) -> dict[str, Any]:
        """Return plain data, for ``summary.json``."""
        return {
            "kind": str(self.kind),
            "operation": self.operation,
            "apis": list(self.apis),
            "identities": list(self.identities),
            "expected": list(self.expected),
            "observed": self.observed,
            "paths": list(self.paths),
            "rules": list(self.rules),
            "entry": self.entry,
            "checks": len(self.cases),
            "example": self.example,
            "line": self.line(),
        }


def kind_of(reason: str) -> str:
    """Return a sentence without what differs from run to run, such as ids, times and datasets.

    kind_of("the dataset harness-1f2e3d4c/own changed")  # "the dataset * changed"
    """
    return _VARYING.sub("*", reason)


def causes(records: Iterable[CheckRecord]) -> list[Cause]:
    """Return the causes of the failed and unknown records, worst first, then by their number.

    Records with another verdict are left out. A check is in one cause.
    """
    wrong = (Verdict.FAILED, Verdict.UNKNOWN)
    return grouped([cause_of(each) for each in records if each.verdict in wrong])


def grouped(found: Sequence[Cause]) -> list[Cause]:
    """Return the causes of single checks as fewer ones, worst first, then by their number."""
    # The first reading is the narrowest; each of the others joins what the one before left apart.
    for same in (_same_rule, _same_people, _same_change, _same_refusal, _same_entry):
        found = list(_joined(found, same))
    return sorted(found, key=lambda each: (RANK[each.kind], -len(each.cases)))


def _same_rule(cause: Cause) -> Hashable:
    return (_what(cause), cause.identities, cause.rules, frozenset(cause.expected))


def _same_people(cause: Cause) -> Hashable:
    """Whatever rule decides: the same people get the same reply."""
    return (_what(cause), cause.identities)


def _same_change(cause: Cause) -> Hashable:
    """Whoever asks: the same rules are no longer followed."""
    return (_what(cause), cause.rules, frozenset(cause.expected))


def _same_refusal(cause: Cause) -> Hashable:
    """Whatever was promised: the same people are refused the same operation."""
    if cause.kind in _REFUSALS and cause.identities and cause.observed.endswith(Decision.DENY):
        # An endpoint that is closed refuses the operation itself, too.
        operation = cause.operation.partition(" ")[0]
        return ("refusal", operation, cause.identities, cause.observed)
    return (_same_rule(cause), cause.cases)


def _same_entry(cause: Cause) -> Hashable:
    """Whatever shows it, and that nothing does: one known deviation is gone."""
    return ("entry", cause.entry) if cause.entry else (_same_rule(cause), cause.cases)


def _what(cause: Cause) -> Hashable:
    if cause.kind in _BY_REASON or not cause.identities:
        return (cause.kind, cause.entry or kind_of(cause.reason))
    if cause.entry:
        return (cause.kind, cause.entry)
    return (cause.kind, cause.operation, cause.observed, cause.paths)


def _joined(found: Sequence[Cause], same: Callable[[Cause], Hashable]) -> Iterator[Cause]:
    groups: dict[Hashable, list[Cause]] = defaultdict(list)
    for each in found:
        groups[same(each)].append(each)
    for group in groups.values():
        # The worst of them is the one to show.
        group.sort(key=lambda each: RANK[each.kind])
        yield replace(
            group[0],
            various=any(each.various for each in group) or _differ(group),
            apis=_union(each.apis for each in group),
            identities=_union(each.identities for each in group),
            expected=sum((Counter(each.expected) for each in group), Counter[str]()),
            paths=_union(each.paths for each in group),
            rules=_union(each.rules for each in group),
            cases=_union(each.cases for each in group),
        )


def _differ(group: Sequence[Cause]) -> bool:
    """Return whether one known deviation is gone from several kinds of requests."""
    asked = {(each.operation, each.observed) for each in group if each.identities}
    return bool(group[0].entry) and len(asked) > 1


def _union(values: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for each in values for value in each))


def cause_of(record: CheckRecord) -> Cause:
    """Return the cause of one record, which failed or is unknown."""
    failed = [each for each in record.requests if each.verdict == record.verdict]
    differences = [Difference.from_json(each) for each in failed[-1].differences] if failed else []
    entry = next((each.expected for each in differences if each.path == "deviation.fixed"), None)
    if record.case.startswith("ledger::"):
        entry = record.case.removeprefix("ledger::")
    expected, observed = _outcomes(record, differences)
    return Cause(
        kind=_kind(record, differences),
        operation=record.operation,
        apis=(record.api,) if record.api else (),
        identities=(record.identity,) if failed and record.identity else (),
        expected={expected: 1},
        observed=observed,
        paths=tuple(dict.fromkeys(_shape(each.path) for each in differences)),
        rules=(record.deciding,) if record.deciding else (),
        cases=(record.case,),
        entry=str(entry or ""),
        reason=_sentence(record.reason),
    )


def _kind(record: CheckRecord, differences: Sequence[Difference]) -> Kind:
    paths = [each.path for each in differences]
    allowed, expected = record.observed == Decision.ALLOW, record.expected == Decision.ALLOW
    left = [path for path in paths if path.startswith(("stored", "effects", "kept"))]
    if record.verdict == Verdict.UNKNOWN:
        return Kind.UNKNOWN
    if record.case.startswith("ledger::") or "deviation.fixed" in paths:
        return Kind.FIXED
    if record.case.startswith("accepted::"):
        return Kind.ENTRY
    if not record.case.startswith("scenarios/"):
        return Kind.OF_THE_RUN
    if any(path.endswith(".leak") for path in paths) or _shows_a_job(differences):
        return Kind.PERMISSIVE
    if differences and allowed and not expected:
        return Kind.PERMISSIVE
    if left and not expected:
        return Kind.AFTER_REFUSAL
    if record.status >= _CRASHED and _status(differences) is not None:
        return Kind.CRASH
    if differences and expected and not allowed:
        return Kind.REFUSED
    if any(path.startswith("effects") for path in left):
        return Kind.EFFECTS
    return Kind.STORED if left else Kind.REPLY


def _shows_a_job(differences: Sequence[Difference]) -> bool:
    return any(each.path == "visible" and each.observed is True for each in differences)


def _status(differences: Sequence[Difference]) -> Difference | None:
    """Return the difference of the status; that of a hand-written expectation has a longer path."""
    return next((each for each in differences if each.path.split(".")[-1] == "status"), None)


def _outcomes(record: CheckRecord, differences: Sequence[Difference]) -> tuple[str, str]:
    """Return what was expected and what was observed, such as ``201 allow``."""
    # What the ledger says of a run has no status.
    observed = f"{record.status or ''} {record.observed}".strip()
    status = _status(differences)
    if status is not None:
        wanted = status.expected
        number = wanted.values[0] if isinstance(wanted, OneOf) else wanted
        return f"{number} {record.expected}".strip(), observed
    same = record.expected == record.observed
    return (observed if same else str(record.expected)), observed


def _shape(path: str) -> str:
    """Return the first two names of a path; further ones depend on the values of a case."""
    return ".".join(path.removeprefix("pinned.").split(".")[:2])


def _sentence(reason: str) -> str:
    """Return the line of a reason that says what differs, or its first line."""
    lines = [line.strip() for line in reason.splitlines()] or [""]
    found = next((line for line in lines if line.startswith("differs")), lines[0])
    return found.removeprefix("differs").strip()


def _cut(text: str) -> str:
    # A reply may have characters that a terminal obeys.
    shown = text if text.isprintable() else repr(text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."


def _listed(values: Sequence[str], joint: str = ", ") -> str:
    more = len(values) - _MOST_NAMES
    return joint.join(values[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
