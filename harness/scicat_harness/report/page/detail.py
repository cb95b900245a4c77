"""Details: all that is known of one check that failed, deviates, or came to no verdict."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from scicat_harness.judge.record import STORED_JOB
from scicat_harness.report.page.arrivals import pretty, shown
from scicat_harness.report.page.block import DetailBlock
from scicat_harness.report.page.collected import CheckReport
from scicat_harness.report.rules import rule_text
from scicat_harness.sinks.arrival import Arrival

__all__ = ["Detail", "detail_of", "tokens_in"]

_FACTS = {
    "": "request",
    "expected": "expected",
    "effect": "expected effects",
    "observed": "observed",
    "differs": "differs",
}
_BLOCKS = {"timeline": "timeline", "backend log": "backend log"}

Part = tuple[str, str]
Seen = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Detail:
    """``facts`` are short and come first; ``blocks`` are for those who look for the reason."""

    facts: tuple[tuple[str, str], ...]
    blocks: tuple[DetailBlock, ...]

    def to_json(self) -> list[Any]:
        """For the script: facts, then blocks as title, text and look."""
        blocks = [[each.title, each.cut, str(each.look)] for each in self.blocks]
        return [[list(each) for each in self.facts], blocks]


def tokens_in(told: CheckReport) -> set[str]:
    """The correlations of the requests that a check tells of."""
    found = {str(each.get("correlation") or "") for each in told.record.seen}
    return (found | {told.record.correlation}) - {""}


def detail_of(told: CheckReport, arrivals: Sequence[Arrival]) -> Detail:
    """Facts and blocks of a check; ``arrivals`` are what the journal has of its requests."""
    parts = _parts_of(told)
    came = tuple(block for arrival in arrivals for block in shown(arrival))
    if not parts:
        return Detail(tuple(_facts(told)), (*_rules(told), *_requests(told), *came))
    facts = tuple((_FACTS[name], text) for name, text in parts if name in _FACTS)
    by_name = dict(parts)
    return Detail(
        facts,
        (
            *_named(parts, _BLOCKS),
            *_body(by_name.get("body")),
            *(came or _named(parts, {"received": "received"})),
            *_rules(told),
            *_requests(told),
            *_named(parts, {"replay": "replay", "curl": "curl"}),
        ),
    )


def _facts(told: CheckReport) -> Iterator[tuple[str, str]]:
    """Without a story the record has to do."""
    record = told.record
    if record.reason:
        yield "reason", record.reason
    yield "expected", record.expected or "-"
    yield "observed", f"{record.status or ''} {record.observed}".strip() or "-"
    rule = rule_text(record.deciding)
    if rule.sentence:
        yield "by", f"{rule.id}: {rule.sentence} ({rule.source})"
    if record.deviations:
        yield "known deviation", ", ".join(record.deviations)


def _parts_of(told: CheckReport) -> list[Part]:
    """The parts of the story, neighbours of one name as one; of an older run, one for all of it."""
    parts: list[Part] = []
    for whole, text in told.parts or ((("", told.story),) if told.story else ()):
        # A name may say how many lines there are.
        name = whole.partition(" (")[0]
        if parts and parts[-1][0] == name:
            parts[-1] = (name, f"{parts[-1][1]}\n{text}")
        else:
            parts.append((name, text))
    return parts


def _named(parts: Iterable[Part], names: Mapping[str, str]) -> Iterator[DetailBlock]:
    for name, text in parts:
        if name in names and text:
            yield DetailBlock(names[name], dedent(text))


def _body(text: str | None) -> Iterator[DetailBlock]:
    if text is not None:
        yield DetailBlock("body of the request", pretty(text))


def _rules(told: CheckReport) -> Iterator[DetailBlock]:
    if len(told.record.rules) > 1:
        yield DetailBlock("rules on the way", ", ".join(told.record.rules))


def _requests(told: CheckReport) -> Iterator[DetailBlock]:
    """What was observed of each request; of a single one without effects a story says it all."""
    seen = told.record.seen
    if told.story and len(seen) == 1 and not seen[0].get("effects"):
        return
    lines = [line for number, each in enumerate(seen, start=1) for line in _request(number, each)]
    if lines:
        yield DetailBlock("what was observed, request by request", "\n".join(lines))


def _request(number: int, seen: Seen) -> Iterator[str]:
    api = f" {seen['api']}" if seen.get("api") else ""
    judged = f", {seen['verdict']}" if seen.get("verdict") else ""
    yield (
        f"{number}. {seen['operation']}{api} as {seen['identity'] or 'nobody'}, "
        f"{seen['job_type']}: {seen['status']} {seen['observed']} by {seen['rule']}{judged}"
    )
    for effect in seen.get("effects") or ():
        name = "stored job" if effect["channel"] == STORED_JOB else effect["channel"]
        rest = {key: value for key, value in effect.items() if key != "channel"}
        yield f"   {name} {json.dumps(rest, ensure_ascii=False)}"
