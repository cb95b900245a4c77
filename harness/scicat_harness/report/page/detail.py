"""Details: everything that is known about one check that failed, deviates or is unknown."""

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

# Keys are names of parts of a story (judge.failure), in the order in which they are written.
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
    """The details of a check.

    ``facts`` are short pairs of name and text, such as expected and observed. ``blocks`` follow:
    timeline, logs, bodies and arrivals.
    """

    facts: tuple[tuple[str, str], ...]
    blocks: tuple[DetailBlock, ...]

    def to_json(self) -> list[Any]:
        """Return plain data for the script: facts, then blocks as title, text and look."""
        blocks = [[each.title, each.cut, str(each.look)] for each in self.blocks]
        return [[list(each) for each in self.facts], blocks]


def tokens_in(check: CheckReport) -> set[str]:
    """Return the correlations of all requests of a check."""
    # Requests of older runs have none; the record itself has one.
    found = {str(each.get("correlation") or "") for each in check.record.seen}
    return (found | {check.record.correlation}) - {""}


def detail_of(check: CheckReport, arrivals: Sequence[Arrival]) -> Detail:
    """Return the details of a check.

    ``arrivals`` are those of its requests in the journal. They replace the part ``received`` of the
    story, which describes the same in fewer words.
    """
    parts = _parts_of(check)
    came = tuple(block for arrival in arrivals for block in shown(arrival))
    if not parts:
        return Detail(tuple(_facts(check)), (*_rules(check), *_requests(check), *came))
    facts = tuple((_FACTS[name], text) for name, text in parts if name in _FACTS)
    by_name = dict(parts)
    return Detail(
        facts,
        (
            *_named(parts, _BLOCKS),
            *_body(by_name.get("body")),
            # What the journal has is complete; the story has extracts of it.
            *(came or _named(parts, {"received": "received"})),
            *_rules(check),
            *_requests(check),
            # Commands to reproduce the check come last, where a reader looks for what to do next.
            *_named(parts, {"replay": "replay", "curl": "curl"}),
        ),
    )


def _facts(check: CheckReport) -> Iterator[tuple[str, str]]:
    """Yield the facts that follow from the record, for a check without a story."""
    record = check.record
    if record.reason:
        yield "reason", record.reason
    yield "expected", record.expected or "-"
    yield "observed", f"{record.status or ''} {record.observed}".strip() or "-"
    rule = rule_text(record.deciding)
    if rule.sentence:
        yield "by", f"{rule.id}: {rule.sentence} ({rule.source})"
    if record.deviations:
        yield "known deviation", ", ".join(record.deviations)


def _parts_of(check: CheckReport) -> list[Part]:
    """Return the parts of the story, with neighbours of the same name joined.

    The story of an older run, which has no parts, is one part without a name.
    """
    parts: list[Part] = []
    for whole, text in check.parts or ((("", check.story),) if check.story else ()):
        # A name may end in the number of its lines: "backend log (2 lines)".
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


def _rules(check: CheckReport) -> Iterator[DetailBlock]:
    if len(check.record.rules) > 1:
        yield DetailBlock("rules that applied", ", ".join(check.record.rules))


def _requests(check: CheckReport) -> Iterator[DetailBlock]:
    """Yield the observations request by request.

    A single request without effects is left out if there is a story, which has all of it.
    """
    seen = check.record.seen
    if check.story and len(seen) == 1 and not seen[0].get("effects"):
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
