"""Details: all that is known of one check that failed, deviates, or came to no verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from scicat_harness.judge.sighting import STORED_JOB
from scicat_harness.report.page.arrivals import pretty, shown
from scicat_harness.report.page.block import Block
from scicat_harness.report.page.collected import Told
from scicat_harness.report.page.story import Part, parts_of
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
_TOKEN = r"-[a-z0-9]+-\d{7}"

Seen = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Detail:
    """``facts`` are short and come first; ``blocks`` are for those who look for the reason."""

    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]

    def to_json(self) -> list[Any]:
        """For the script: facts, then blocks as title, text and look."""
        blocks = [[each.title, each.cut, str(each.look)] for each in self.blocks]
        return [[list(each) for each in self.facts], blocks]


def tokens_in(told: Told, run: str) -> set[str]:
    """The correlations of the requests that a check tells of."""
    found = set(re.findall(re.escape(run) + _TOKEN, told.story)) if run else set()
    return found | ({told.record.correlation} - {""})


def detail_of(told: Told, arrivals: Sequence[Arrival]) -> Detail:
    """Facts and blocks of a check; ``arrivals`` are what the journal has of its requests."""
    parts = parts_of(told.story)
    came = tuple(block for arrival in arrivals for block in shown(arrival))
    if not parts:
        return Detail(tuple(_facts(told)), (*_rules(told), *_requests(told), *came))
    facts = tuple((_FACTS[part.name], part.text) for part in parts if part.name in _FACTS)
    by_name = {part.name: part for part in parts}
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


def _facts(told: Told) -> Iterator[tuple[str, str]]:
    """Without a story the record has to do."""
    record = told.record
    if record.reason:
        yield "reason", record.reason
    yield "expected", record.expected or "-"
    yield "observed", f"{record.status or ''} {record.observed}".strip() or "-"
    rule = rule_text(record.deciding)
    if rule.sentence:
        yield "by", f"{rule.id}: {rule.sentence} ({rule.source})"
    if record.ledger:
        yield "known deviation", record.ledger


def _named(parts: Iterable[Part], names: Mapping[str, str]) -> Iterator[Block]:
    for part in parts:
        if part.name in names:
            yield Block(names[part.name], dedent(part.text))


def _body(part: Part | None) -> Iterator[Block]:
    if part is not None:
        yield Block("body of the request", pretty(part.text))


def _rules(told: Told) -> Iterator[Block]:
    if len(told.record.rules) > 1:
        yield Block("rules on the way", ", ".join(told.record.rules))


def _requests(told: Told) -> Iterator[Block]:
    """What was observed of each request; of a single one without effects a story says it all."""
    seen = told.record.seen
    if told.story and len(seen) == 1 and not seen[0].get("effects"):
        return
    lines = [line for number, each in enumerate(seen, start=1) for line in _request(number, each)]
    if lines:
        yield Block("what was observed, request by request", "\n".join(lines))


def _request(number: int, seen: Seen) -> Iterator[str]:
    api = f" {seen['api']}" if seen.get("api") else ""
    yield (
        f"{number}. {seen['operation']}{api} as {seen['identity'] or 'nobody'}, "
        f"{seen['job_type']}: {seen['status']} {seen['observed']} by {seen['rule']}"
    )
    for effect in seen.get("effects") or ():
        name = "stored job" if effect["channel"] == STORED_JOB else effect["channel"]
        rest = {key: value for key, value in effect.items() if key != "channel"}
        yield f"   {name} {json.dumps(rest, ensure_ascii=False)}"
