"""Sources of effects: the sinks, the log of a backend, and the probes of plugins.

A source answers three questions: has everything arrived that was caused before a barrier, what
arrived for some requests, and what arrived too late. ``probe.watch`` asks all of them alike.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from scicat_harness.errors import DeadlineExceeded
from scicat_harness.model.action import Rabbitmq
from scicat_harness.model.effect import Channel
from scicat_harness.probe.loglines import EFFECTS, LogReader
from scicat_harness.sinks.arrival import Arrival, strings_in
from scicat_harness.sinks.client import Sinks
from scicat_harness.sinks.journal import Awaited

__all__ = ["LogSource", "Places", "Probe", "ProbeSource", "SinkSource", "Source"]

# Seconds between two looks at the log; the delay doubles from the first to the longest.
_FIRST_DELAY = 0.002
_LONGEST_DELAY = 0.1


class Source(Protocol):
    """A place where effects arrive.

    A source that is ``alone`` shows the effects of one check after the other, and nobody else
    causes any: then an arrival needs no token.
    """

    def settle(self, barrier: str, deadline: float) -> None:
        """Wait until everything has arrived that was caused before the barrier.

        Raises DeadlineExceeded if that is not certain after ``deadline`` seconds.
        """

    def arrivals(self, tokens: Sequence[str]) -> list[Arrival]:
        """Return what arrived for the requests from the smallest to the greatest token.

        Arrivals without a token are returned, too, if they can be of these requests; ``alone``, all
        since the last call. What arrives later for these requests is late.
        """

    def late(self, deadline: float) -> list[Arrival]:
        """Return what arrived too late; asked at the end of a run, within these seconds."""


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


class SinkSource:
    """Mails, calls and messages, as the sinks recorded them.

    A mail and a call are over before their request is answered, so only messages are waited for:
    a channel to the broker keeps their order. Workers and backends share the sinks, which is why
    arrivals are asked for by token unless the source is ``alone``.
    """

    def __init__(self, sinks: Sinks, places: Places, *, alone: bool = False) -> None:
        self._sinks = sinks
        self._places = places
        self._alone = alone
        # The sinks of a kept setup have arrivals of earlier runs.
        self._last = max((each.seq for each in sinks.after(0)), default=0) if alone else 0
        # The number of arrivals before the barrier, by token of a settled request.
        self._settled: dict[str, int] = {}

    def settle(self, barrier: str, deadline: float) -> None:
        """Wait until the message of the barrier has arrived at every place."""
        awaited = [
            Awaited(barrier, Channel.AMQP, place, count) for place, count in self._places.counts
        ]
        if not awaited:
            return
        missing = self._sinks.wait_all(awaited, timeout=deadline)
        if missing:
            where = ", ".join(str(each.source) for each in missing)
            raise DeadlineExceeded(
                f"the barrier {barrier} was not seen at {where} within {deadline:g} s; what was "
                "sent before it is unknown"
            )

    def arrivals(self, tokens: Sequence[str]) -> list[Arrival]:
        """Return the arrivals with these tokens and those between them; ``alone``, all new ones."""
        if self._alone:
            return self._new()
        arrivals = list(self._sinks.between(min(tokens), max(tokens)))
        for each in arrivals:
            if each.correlation is not None:
                self._settled[each.correlation] = self._settled.get(each.correlation, 0) + 1
        # Requests without effects are settled, too: whatever arrives for them later is late.
        for token in tokens:
            self._settled.setdefault(token, 0)
        return arrivals

    def late(self, deadline: float) -> list[Arrival]:
        """Return the arrivals of settled requests after those that were returned for them."""
        del deadline
        if self._alone:
            return self._new()
        if not self._settled:
            return []
        found: dict[str, list[Arrival]] = {}
        for each in self._sinks.between(min(self._settled), max(self._settled)):
            if each.correlation in self._settled:
                found.setdefault(each.correlation, []).append(each)
        return [each for token, came in found.items() for each in came[self._settled[token] :]]

    def _new(self) -> list[Arrival]:
        arrivals = list(self._sinks.after(self._last))
        self._last = max((each.seq for each in arrivals), default=self._last)
        return arrivals


class LogSource:
    """The log lines that actions write. The log keeps their order."""

    def __init__(self, reader: LogReader, *, alone: bool = False) -> None:
        self._reader = reader
        self._alone = alone
        # Lines up to the last barrier, and those behind it, which belong to the next batch.
        self._lines: list[Arrival] = []
        self._behind: list[Arrival] = []
        self._late: list[Arrival] = []
        self._settled: set[str] = set()

    @classmethod
    def from_now(cls, path: Path, tokens: re.Pattern[str], *, alone: bool = False) -> LogSource:
        """Return a source that ignores what a log contains already."""
        reader = LogReader(path, tokens)
        reader.skip()
        return cls(reader, alone=alone)

    def settle(self, barrier: str, deadline: float) -> None:
        """Read the log up to the line of the barrier."""
        lines, self._behind = self._behind, []
        give_up = time.monotonic() + deadline
        delay = _FIRST_DELAY
        pause = threading.Event()
        while True:
            lines += self._reader.read(barrier)
            end = _after(barrier, lines)
            if end:
                self._lines, self._behind = self._effects(lines[:end]), lines[end:]
                return
            if time.monotonic() >= give_up:
                raise DeadlineExceeded(
                    f"the barrier {barrier} was not seen in the backend's log within {deadline:g} s"
                )
            pause.wait(delay)
            delay = min(delay * 2, _LONGEST_DELAY)

    def arrivals(self, tokens: Sequence[str]) -> list[Arrival]:
        """Return the lines with these tokens, those between them, and lines without a token."""
        if self._alone:
            return self._lines
        first, last = min(tokens), max(tokens)
        self._settled |= set(tokens)
        return [
            each
            for each in self._lines
            if each.correlation is None or first <= each.correlation <= last
        ]

    def late(self, deadline: float) -> list[Arrival]:
        """Return the lines of settled requests behind their barrier."""
        del deadline
        lines, self._behind = [*self._behind, *self._reader.read()], []
        effects = self._effects(lines)
        return effects if self._alone else self._late

    def take_over(self, former: LogSource) -> None:
        """Read the last lines of a backend that has ended as if they were of this one.

        They may be effects of its last requests.
        """
        self._behind += [*former._behind, *former._reader.read()]

    def _effects(self, lines: Sequence[Arrival]) -> list[Arrival]:
        """Return the lines that are effects; keep those of settled requests as late ones."""
        effects = [each for each in lines if each.content["context"] in EFFECTS]
        self._late += [each for each in effects if each.correlation in self._settled]
        return [each for each in effects if each.correlation not in self._settled]


class Probe(Protocol):
    """What shows the effects of a plugin's action: ``extension.installed.Guarded``."""

    kind: str

    def arrivals(self, deadline: float) -> Sequence[Mapping[str, Any]]:
        """Return all effects since the last call, waiting at most ``deadline`` seconds.

        Raises DeadlineExceeded where there may be more of them.
        """


class ProbeSource:
    """The effects of a plugin's action, as its probe shows them.

    Their tokens are found in their texts. The source is always ``alone``.
    """

    def __init__(self, probe: Probe, tokens: re.Pattern[str]) -> None:
        self._probe = probe
        self._tokens = tokens
        self._seen: list[Arrival] = []
        self._count = 0

    def settle(self, barrier: str, deadline: float) -> None:
        """Ask the probe for everything that arrived."""
        del barrier
        self._seen += [self._arrival(each) for each in self._probe.arrivals(deadline)]

    def arrivals(self, tokens: Sequence[str]) -> list[Arrival]:
        """Return what arrived up to the last barrier."""
        del tokens
        seen, self._seen = self._seen, []
        return seen

    def late(self, deadline: float) -> list[Arrival]:
        """Return what arrived since the last barrier."""
        self.settle("", deadline)
        return self.arrivals(())

    def _arrival(self, content: Mapping[str, Any]) -> Arrival:
        self._count += 1
        found = {each for text in strings_in(content) for each in self._tokens.findall(text)}
        tokens = tuple(sorted(found))
        return Arrival(
            seq=self._count,
            at=0.0,
            channel=Channel.OTHER,
            source=self._probe.kind,
            tokens=tokens,
            correlation=tokens[-1] if tokens else None,
            content={**content, "kind": self._probe.kind},
        )


def _after(barrier: str, lines: Sequence[Arrival]) -> int:
    """Return the number of lines up to the one that the sentinel's action wrote; 0 without it.

    Other loggers may name the sentinel before that (``LogJobAction`` alone writes the effect).
    """
    for number, each in enumerate(lines, start=1):
        if each.correlation == barrier and each.content["context"] in EFFECTS:
            return number
    return 0
