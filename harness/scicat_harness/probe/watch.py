"""Watching effects: a barrier through the backend, then everything that arrived before it.

A URL call and a mail are over before the request that caused them is answered. A message and a
log line are not; so a sentinel job is sent after a batch, through the same backend. It publishes to
every exchange under test and writes a log line: once all of that is seen, nothing that was caused
earlier can still arrive, because a channel to the broker and a log stream keep their order.
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

# Seconds until a barrier must be seen.
_DEADLINE = 15.0
# Seconds between two looks at the log; the delay doubles from the first to the longest.
_FIRST_DELAY = 0.002
_LONGEST_DELAY = 0.1


@dataclass(frozen=True, slots=True)
class BatchEffects:
    """The effects seen before a barrier: ``arrivals`` by correlation, ``stray`` without one."""

    arrivals: dict[str, list[Arrival]]
    stray: Sequence[Arrival] = ()
    barrier: float = 0.0
    """When the barrier was seen, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Places:
    """The places where the messages of a sentinel arrive, and their number at each.

    A place is the name of a queue, or ``exchange`` for our own binding to the exchanges.
    """

    counts: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, sent: Sequence[Rabbitmq], routed: Sequence[Rabbitmq] = ()) -> Places:
        """Return the places of a sentinel that performs these rabbitmq actions.

        Two actions with the same exchange and key, but two queues, deliver each message to both
        queues (specification: action.rabbitmq). ``routed`` are further queues that are bound to
        their exchange with their key.
        """
        routes = {(each.exchange, each.key): set[str]() for each in (*sent, *routed)}
        for each in (*sent, *routed):
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
    """Shows effects of one kind of action that reach none of the sinks; a plugin's probe."""

    kind: str

    def arrivals(self, deadline: float) -> Sequence[Mapping[str, Any]]:
        """Return all effects since the last call, waiting at most ``deadline`` seconds.

        Raises DeadlineExceeded where there may be more of them.
        """


@dataclass(slots=True)
class EffectWatch:
    """Shows the effects of one backend to one worker.

    ``send_sentinel`` creates a sentinel job and returns its correlation. ``log`` is None where the
    backend's log cannot be read; log lines are then no part of the barrier.
    """

    sinks: Sinks
    places: Places
    send_sentinel: Callable[[], str]
    log: LogReader | None = None
    deadline: float = _DEADLINE
    sole: bool = False
    """True if a request with effects stands alone between two barriers, so that its effects need
    no correlation."""
    sources: Sequence[Source] = ()
    """Further sources of effects; read only where ``sole``."""
    # The number of the last arrival that a ``sole`` watch has handed out.
    _after: int = field(default=0, init=False)
    _others: int = field(default=0, init=False)
    # Log lines behind the last barrier, which belong to the next batch.
    _lines: list[Arrival] = field(default_factory=list, init=False)
    _late_lines: list[Arrival] = field(default_factory=list, init=False)
    # The number of arrivals in the sinks before the barrier, by correlation of a settled request.
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
        """Return a watch that begins now, and ignores everything that arrived before.

        ``log`` is the file of the backend's log, ``run`` the name of the run, with which its
        correlations begin.
        """
        reader = None
        if log is not None:
            # The form of correlations of this run (``CheckContext.correlation``).
            reader = LogReader(log, re.compile(rf"{re.escape(run)}-[a-z0-9]+-\d{{7}}"))
            reader.skip()
        watch = cls(sinks, places, send_sentinel, reader, sole=sole)
        # The sinks of a kept setup have arrivals of earlier runs.
        if sole:
            watch._after = max((each.seq for each in sinks.after(0)), default=0)
        return watch

    def settle(self, tokens: Sequence[str]) -> BatchEffects:
        """Send a sentinel, wait until it has arrived, and return the effects before it.

        They are those of the requests from the smallest to the greatest of these tokens. Raises
        EnvironmentFault when the barrier is not seen in time.
        """
        barrier = self.send_sentinel()
        self._await_messages(barrier)
        lines = self._effect_lines(self._await_line(barrier))
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
        # Requests without effects are settled, too: whatever arrives for them later is late.
        for token in tokens:
            self._settled.setdefault(token, 0)
        return BatchEffects(seen, [each for each in lines if each.correlation is None], at)

    def _of_the_one(
        self, tokens: Sequence[str], barrier: str, lines: Sequence[Arrival], at: float
    ) -> BatchEffects:
        """Return all effects since the last barrier, apart from those of this sentinel.

        Of several requests none may have effects, so an effect without a token of theirs may be
        attributed to the last one.
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
        """Return the effects that the sources saw, attributed by the tokens in their texts."""
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
        """Read the last log lines of a backend that has ended as if they were of this one.

        They may be effects of its last requests.
        """
        self._lines += [*former._lines, *former._read_lines()]

    def late(self, quiet: float = 0.0) -> list[Arrival]:
        """Return effects of settled requests that arrived after their barrier.

        The backend caused them late, or again. Waits ``quiet`` seconds first, for an arrival that
        never comes, to audit the argument of the barrier.
        """
        if not self._settled:
            return self._seen_elsewhere(())
        first, last = min(self._settled), max(self._settled)
        if quiet:
            # No arrival has this correlation, so the wait lasts to its end.
            with suppress(DeadlineExceeded):
                self.sinks.wait(Awaited(f"{first}-never-sent"), timeout=quiet)
        found: dict[str, list[Arrival]] = {}
        for arrival in self.sinks.between(first, last):
            if arrival.correlation in self._settled:
                found.setdefault(arrival.correlation, []).append(arrival)
        late = [each for token, came in found.items() for each in came[self._settled[token] :]]
        lines, self._lines = [*self._lines, *self._read_lines()], []
        # For its side effect: it adds the late ones of these lines.
        self._effect_lines(lines)
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

    def _effect_lines(self, lines: Sequence[Arrival]) -> list[Arrival]:
        """Return the lines that are effects; keep those of settled requests as late ones."""
        effects = [each for each in lines if each.content["context"] in EFFECTS]
        self._late_lines += [each for each in effects if each.correlation in self._settled]
        return [each for each in effects if each.correlation not in self._settled]

    def _await_line(self, barrier: str) -> list[Arrival]:
        """Return the log lines up to that of the sentinel; later ones are kept for the next batch.

        Raises DeadlineExceeded where the line of the sentinel is not written in time.
        """
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
    """Return the number of lines up to the one that the sentinel's action wrote; 0 without it.

    Other loggers may name the sentinel before that (``LogJobAction`` alone writes the effect).
    """
    for number, each in enumerate(lines, start=1):
        if each.correlation == barrier and each.content["context"] in EFFECTS:
            return number
    return 0
