"""The difference between two runs in words, as terminal and Markdown show it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from scicat_harness.report.diff.change import Change, ChangeKind
from scicat_harness.report.diff.difference import RunDifference
from scicat_harness.report.diff.extent import Entry, OnlyIn
from scicat_harness.report.diff.lines import Line, counted, some
from scicat_harness.report.stored.run import RunReport
from scicat_harness.report.summary import module_of

__all__ = [
    "TITLES",
    "compared",
    "example_of",
    "ledger_lines",
    "one_sided_lines",
    "run_line",
    "short_case",
]

TITLES: Mapping[ChangeKind, str] = {
    ChangeKind.AUTHORIZATION: "authorization: who may do what",
    ChangeKind.STATUS: "statuses: another one for the same outcome",
    ChangeKind.EFFECT: "effects: what was stored and sent",
    ChangeKind.START: "starts: configurations a backend starts with",
    ChangeKind.VERDICT: "verdicts: judged differently, and nothing above shows why",
}
_MOST_MODULES = 4
_JOB_TYPE = re.compile(r"job type \S+")
_LONGEST = 60


def run_line(run: RunReport) -> str:
    """Return a run in a few words.

    Example: ``v5.2.1 (embedded, standard, 9162 checks, pass) reports/harness-1``.
    """
    summary = run.summary
    # Two runs may be judged by the same release: an unreleased backend by the last one.
    source = f"{summary.source} as " if summary.source else ""
    return (
        f"{source}{run.version} ({summary.deployment}, {summary.profile}, "
        f"{counted(summary.checks, 'check')}, "
        f"{run.verdict}) {run.folder}"
    )


def compared(found: RunDifference) -> str:
    """Return the numbers of compared cases, requests and effects as a sentence."""
    numbers = found.comparison
    return (
        f"{counted(numbers.cases, 'case')} judged in both, "
        f"{counted(numbers.requests, 'request')}, the effects of {numbers.effects} of them"
    )


def short_case(case: str) -> str:
    """Return the module of a case with its parameters, or with the name of a test without any.

    Example: ``create/matrix [user1-owner_access-own]``.
    """
    name = case.rpartition("::")[2]
    _, bracket, rest = name.partition("[")
    return f"{module_of(case)} {bracket + rest if bracket else name}"


def example_of(line: Line) -> str:
    """Return details of the example of a line, or "".

    These are the effect then and now, or the reason of a verdict that changed.
    """
    change = next(each for each in line.changes if each.case == line.example)
    if change.kind is ChangeKind.VERDICT:
        return _short(change.reason)
    return _effect_example(change) if change.effect is not None else ""


def _effect_example(change: Change) -> str:
    assert change.effect is not None
    was, now = change.effect.was, change.effect.now
    if was is not None and now is not None:
        # One key as an example; the line names all of them.
        key = change.effect.keys[0]
        return f"{key} {_short(_at(was, key))} -> {_short(_at(now, key))}"
    shown = was or now or {}
    return _short({key: value for key, value in shown.items() if key != "channel"})


def _at(effect: Any, key: str) -> Any:
    """Return the value at a path; keys within it may contain dots themselves, or return None."""
    # The whole path first: it may be a single key with dots.
    if key in effect:
        return effect[key]
    first, _, rest = key.partition(".")
    return _at(effect[first], rest) if rest and isinstance(effect.get(first), Mapping) else None


def _short(value: object) -> str:
    """Return a value in one short line, without control characters."""
    text = value if isinstance(value, str) and value.isprintable() else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def ledger_lines(found: RunDifference, about: Mapping[str, str]) -> Iterator[str]:
    """Yield a line per known deviation that came or is gone.

    ``about`` maps ids of ledger entries to their descriptions. Entries whose cases only one run
    judged are left out; ``one_sided_lines`` has these.
    """
    for sign, entries in (("came", found.came), ("gone", found.went)):
        for entry in entries:
            # Without common cases the other run had no chance to show it.
            if entry.common:
                yield f"{sign}: {_described_entry(entry, about)}"


def _described_entry(entry: Entry, about: Mapping[str, str]) -> str:
    described = f": {about[entry.id]}" if entry.id in about else ""
    return f"{entry.id} ({counted(entry.cases, 'case')}){described}"


def one_sided_lines(found: RunDifference, most: int | None = None) -> Iterator[str]:
    """Yield sentences on cases, rules and known deviations of one run only.

    ``most`` limits the reasons, rules and entries that are named; None names all of them.
    """
    for name, only, entries in (("A", found.only_a, found.went), ("B", found.only_b, found.came)):
        yield from _one_sided(name, only, most)
        unseen = [entry.id for entry in entries if not entry.common]
        if unseen:
            shown = some(unseen, most or len(unseen))
            yield (
                f"known deviations only in {name} ({only.version}), whose cases the other run did "
                f"not judge: {len(unseen)}: {shown}"
            )


def _described_reasons(reasons: Mapping[str, int], most: int | None) -> str:
    """Return the most frequent reasons; those that differ in the job type only count as one."""
    alike: Counter[str] = Counter()
    for reason, count in reasons.items():
        # A reason is repeated for every job type that a release does not support.
        alike[_JOB_TYPE.sub("job type ...", reason)] += count
    named = [f"{reason} ({count})" for reason, count in alike.most_common()]
    return f"{alike.total()}: {some(named, most or len(named))}"


def _one_sided(name: str, only: OnlyIn, most: int | None) -> Iterator[str]:
    if only.modules:
        count = sum(only.modules.values())
        largest = sorted(only.modules.items(), key=lambda item: (-item[1], item[0]))
        shown = some([f"{module} ({number})" for module, number in largest], _MOST_MODULES)
        yield f"cases only in {name} ({only.version}): {count}: {shown}; e.g. {only.example}"
    if only.reasons:
        yield f"judged only in {name} ({only.version}): {_described_reasons(only.reasons, most)}"
    if only.rules:
        rules = some(only.rules, most or len(only.rules))
        yield f"rules only in {name} ({only.version}): {len(only.rules)}: {rules}"
