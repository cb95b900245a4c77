"""Watching effects: a barrier through the backend, then everything that arrived before it.

A URL call and a mail are over before the request that caused them is answered. A message and a
log line are not; so a sentinel job is sent after a batch, through the same backend. It publishes to
every exchange under test and writes a log line: once all of that is seen, nothing that was caused
earlier can still be on its way, because a channel to the broker and a log stream keep their order.
A barrier that is not seen in time proves nothing: the batch is then unknown, not failed.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from scicat_harness.errors import DeadlineExceeded
from scicat_harness.model.action import Rabbitmq
from scicat_harness.model.effect import Channel
from scicat_harness.probe.loglines import EFFECTS, LogReader
from scicat_harness.sinks.arrival import Arrival, strings_in
from scicat_harness.sinks.client import Sinks
from scicat_harness.sinks.journal import Awaited

__all__ = ["BatchEffects", "EffectWatch", "Places", "Source"]

_DEADLINE = 15.0
_FIRST_DELAY = 0.002
_LONGEST_DELAY = 0.1


@dataclass(frozen=True, slots=True)
class BatchEffects:
    """What was seen before a barrier: by correlation, and what carries none."""

    arrivals: dict[str, list[Arrival]]
    stray: Sequence[Arrival] = ()
    barrier: float = 0.0
    """When the barrier was seen, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a sentinel's messages arrive, and how many at each."""

    counts: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, sent: Sequence[Rabbitmq]) -> Places:
        """The places of a sentinel that performs these actions."""
        routes = {(each.exchange, each.key): set[str]() for each in sent}
        for each in sent:
            routes[each.exchange, each.key].add(each.queue)
        counts: dict[str, int] = {}
        for each in sent:
            for place in ("exchange", *routes[each.exchange, each.key]):
                counts[place] = counts.get(place, 0) + 1
        return cls(tuple(sorted(counts.items())))

    @property
    def queues(self) -> list[str]:
        """The queues among them."""
        return [place for place, _ in self.counts if place != "exchange"]


class Source(Protocol):
    """Sees what reaches none of the sinks: the effects of one kind of action."""

    kind: str

    def arrivals(self, deadline: float) -> Sequence[Mapping[str, Any]]:
        """All that came since the last call; DeadlineExceeded where it is not sure of that."""


@dataclass(slots=True)
class EffectWatch:
    """Shows the effects of one backend to one worker.

    ``send_sentinel`` makes a sentinel job and gives its correlation.
    """

    sinks: Sinks
    places: Places
    send_sentinel: Callable[[], str]
    log: LogReader | None = None
    deadline: float = _DEADLINE
    sole: bool = False
    """Whether what has effects stands alone between two barriers, so that they need no token."""
    sources: Sequence[Source] = ()
    """What else sees effects; asked only where ``sole``."""
    _after: int = field(default=0, init=False)
    _others: int = field(default=0, init=False)
    _lines: list[Arrival] = field(default_factory=list, init=False)
    _late_lines: list[Arrival] = field(default_factory=list, init=False)
    _settled: dict[str, int] = field(default_factory=dict, init=False)

    @classmethod
    def open(
        cls,
        sinks: Sinks,
        places: Places,
        send_sentinel: Callable[[], str],
        log: Path | None,
        run: str,
        *,
        sole: bool = False,
    ) -> EffectWatch:
        """A watch that begins now."""
        reader = None
        if log is not None:
            reader = LogReader(log, re.compile(rf"{re.escape(run)}-[a-z0-9]+-\d{{7}}"))
            reader.skip()
        watch = cls(sinks, places, send_sentinel, reader, sole=sole)
        if sole:
            watch._after = max((each.seq for each in sinks.after(0)), default=0)
        return watch

    def settle(self, tokens: Sequence[str]) -> BatchEffects:
        """Send a sentinel, see it arrive, and hand out what came between these tokens.

        Raises EnvironmentFault when the barrier is not seen in time.
        """
        barrier = self.send_sentinel()
        self._await_messages(barrier)
        lines = self._told(self._await_line(barrier))
        at = time.time()
        if self.sole:
            return self._of_the_one(tokens, barrier, lines, at)
        seen: dict[str, list[Arrival]] = {}
        first, last = min(tokens), max(tokens)
        arrivals = self.sinks.between(first, last)
        for arrival in arrivals:
            if arrival.correlation is not None:
                self._settled[arrival.correlation] = self._settled.get(arrival.correlation, 0) + 1
        for arrival in (*arrivals, *lines):
            if arrival.correlation is not None and first <= arrival.correlation <= last:
                seen.setdefault(arrival.correlation, []).append(arrival)
        for token in tokens:
            self._settled.setdefault(token, 0)
        return BatchEffects(seen, [each for each in lines if each.correlation is None], at)

    def _of_the_one(
        self, tokens: Sequence[str], barrier: str, lines: Sequence[Arrival], at: float
    ) -> BatchEffects:
        """All that came since the last barrier, apart from what this one sent.

        Of several requests at most their tokens tell whose it was; none of them may have effects.
        """
        arrivals = self.sinks.after(self._after)
        self._after = max((each.seq for each in arrivals), default=self._after)
        seen: dict[str, list[Arrival]] = {}
        for each in (*arrivals, *lines, *self._seen_elsewhere((*tokens, barrier))):
            if barrier not in each.tokens:
                whose = next((token for token in tokens if token == each.correlation), tokens[-1])
                seen.setdefault(whose, []).append(each)
        return BatchEffects(seen, (), at)

    def _seen_elsewhere(self, tokens: Sequence[str]) -> list[Arrival]:
        """What the other sources saw; the requests it speaks of are told by their tokens."""
        found: list[Arrival] = []
        for source in self.sources:
            for content in source.arrivals(self.deadline):
                self._others += 1
                texts = list(strings_in(content))
                named = tuple(sorted(t for t in tokens if any(t in text for text in texts)))
                found.append(
                    Arrival(
                        seq=self._others,
                        at=0.0,
                        channel=Channel.OTHER,
                        source=source.kind,
                        tokens=named,
                        correlation=named[-1] if named else None,
                        content={**content, "kind": source.kind},
                    )
                )
        return found

    def take_over(self, former: EffectWatch) -> None:
        """See the last lines of a backend that has ended, too; what came of its last requests."""
        self._lines += [*former._lines, *former._read_lines()]

    def late(self, quiet: float = 0.0) -> list[Arrival]:
        """What arrived for settled requests after their barrier: an error of the harness.

        Waits ``quiet`` seconds first, for something that was never sent, to audit the argument.
        """
        if not self._settled:
            return self._seen_elsewhere(())
        first, last = min(self._settled), max(self._settled)
        if quiet:
            with suppress(DeadlineExceeded):
                self.sinks.wait(Awaited(f"{first}-never-sent"), timeout=quiet)
        found: dict[str, list[Arrival]] = {}
        for arrival in self.sinks.between(first, last):
            if arrival.correlation in self._settled:
                found.setdefault(arrival.correlation, []).append(arrival)
        late = [each for token, came in found.items() for each in came[self._settled[token] :]]
        lines, self._lines = [*self._lines, *self._read_lines()], []
        self._told(lines)
        return [*late, *self._late_lines]

    def _await_messages(self, barrier: str) -> None:
        awaited = [
            Awaited(barrier, Channel.AMQP, place, count) for place, count in self.places.counts
        ]
        if not awaited:
            return
        missing = self.sinks.wait_all(awaited, timeout=self.deadline)
        if missing:
            where = ", ".join(str(each.source) for each in missing)
            raise DeadlineExceeded(
                f"the barrier {barrier} was not seen at {where} within {self.deadline:g} s; what "
                "was sent before it is unknown"
            )

    def _told(self, lines: Sequence[Arrival]) -> list[Arrival]:
        """The lines that are effects; those of requests that were settled before are late."""
        effects = [each for each in lines if each.content["context"] in EFFECTS]
        self._late_lines += [each for each in effects if each.correlation in self._settled]
        return [each for each in effects if each.correlation not in self._settled]

    def _await_line(self, barrier: str) -> list[Arrival]:
        """The log lines up to the sentinel's; what follows it is kept for the next batch."""
        if self.log is None:
            return []
        lines, self._lines = self._lines, []
        give_up = time.monotonic() + self.deadline
        delay = _FIRST_DELAY
        pause = threading.Event()
        while True:
            lines += self._read_lines(barrier)
            end = _after(barrier, lines)
            if end:
                self._lines = lines[end:]
                return lines[:end]
            if time.monotonic() >= give_up:
                raise DeadlineExceeded(
                    f"the barrier {barrier} was not seen in the backend's log within "
                    f"{self.deadline:g} s"
                )
            pause.wait(delay)
            delay = min(delay * 2, _LONGEST_DELAY)

    def _read_lines(self, barrier: str | None = None) -> list[Arrival]:
        return self.log.read(barrier) if self.log is not None else []


def _after(barrier: str, lines: Sequence[Arrival]) -> int:
    """How many lines there are up to the one that the sentinel wished for; 0 without it."""
    for number, each in enumerate(lines, start=1):
        if each.correlation == barrier and each.content["context"] in EFFECTS:
            return number
    return 0
