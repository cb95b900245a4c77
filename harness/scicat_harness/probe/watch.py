"""Watching effects: a barrier through the backend, then everything that arrived before it.

A URL call and a mail are over before the request that caused them is answered. A message and a
log line are not; so a sentinel job is sent after a batch, through the same backend. It publishes to
every exchange under test and writes a log line: once all of that is seen, nothing that was caused
earlier can still arrive, because a channel to the broker and a log stream keep their order.
A barrier that is not seen in time proves nothing: the batch is then unknown, not failed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from scicat_harness.errors import DeadlineExceeded
from scicat_harness.probe.sources import LogSource, Places, Probe, ProbeSource, SinkSource, Source
from scicat_harness.sinks.arrival import Arrival
from scicat_harness.sinks.client import Sinks
from scicat_harness.sinks.journal import Awaited

__all__ = ["BatchEffects", "EffectWatch"]

# Seconds until a barrier must be seen.
_DEADLINE = 15.0


@dataclass(frozen=True, slots=True)
class BatchEffects:
    """The effects seen before a barrier: ``arrivals`` by correlation, ``stray`` without one."""

    arrivals: dict[str, list[Arrival]]
    stray: Sequence[Arrival] = ()
    barrier: float = 0.0
    """When the barrier was seen, in seconds since the epoch."""


@dataclass(slots=True)
class EffectWatch:
    """Shows the effects of one backend to one worker.

    ``send_sentinel`` creates a sentinel job and returns its correlation. ``sources`` are where
    effects arrive; all of them are part of the barrier.
    """

    sinks: Sinks
    send_sentinel: Callable[[], str]
    sources: Sequence[Source] = ()
    tokens: re.Pattern[str] = re.compile(r"(?!)")
    """The pattern of a correlation of this run."""
    alone: bool = False
    """True if a request with effects stands alone between two barriers, so that its effects need
    no correlation (``Source``)."""
    deadline: float = _DEADLINE
    # The correlation of the last sentinel; "" before the first.
    _barrier: str = field(default="", init=False)

    @classmethod
    def open(
        cls,
        sinks: Sinks,
        places: Places,
        send_sentinel: Callable[[], str],
        log: Path | None,
        run: str,
        *,
        alone: bool = False,
    ) -> EffectWatch:
        """Return a watch that begins now, and ignores everything that arrived before.

        ``log`` is the file of the backend's log, None where it cannot be read. Correlations begin
        with the name of the ``run``.
        """
        # The form of correlations (``CheckContext.correlation``).
        tokens = re.compile(rf"{re.escape(run)}-[a-z0-9]+-\d{{7}}")
        sources: list[Source] = [SinkSource(sinks, places, alone=alone)]
        if log is not None:
            sources.append(LogSource.from_now(log, tokens, alone=alone))
        return cls(sinks, send_sentinel, sources, tokens, alone)

    def add_probes(self, probes: Sequence[Probe]) -> None:
        """Watch the effects of actions of plugins, too; only possible where ``alone``."""
        self.sources = (*self.sources, *(ProbeSource(each, self.tokens) for each in probes))

    def settle(self, tokens: Sequence[str]) -> BatchEffects:
        """Send a sentinel, wait until it has arrived, and return the effects before it.

        They are those of the requests from the smallest to the greatest of these tokens. Where
        ``alone``, an effect without a token of theirs is attributed to the last one, because of
        several requests none has effects. Raises EnvironmentFault when the barrier is not seen in
        time.
        """
        self._barrier = self.send_sentinel()
        for source in self.sources:
            source.settle(self._barrier, self.deadline)
        at = time.time()
        seen: dict[str, list[Arrival]] = {}
        stray: list[Arrival] = []
        for each in self._of_others(source.arrivals(tokens) for source in self.sources):
            whose = each.correlation
            if self.alone and whose not in tokens:
                whose = tokens[-1]
            if whose is None:
                stray.append(each)
            else:
                seen.setdefault(whose, []).append(each)
        return BatchEffects(seen, stray, at)

    def late(self, quiet: float = 0.0) -> list[Arrival]:
        """Return effects of settled requests that arrived after their barrier.

        The backend caused them late, or again. Waits ``quiet`` seconds first, for an arrival that
        never comes, to audit the argument of the barrier.
        """
        if not self._barrier:
            return []
        if quiet:
            # No arrival has this correlation, so the wait lasts to its end.
            with suppress(DeadlineExceeded):
                self.sinks.wait(Awaited(f"{self._barrier}-never-sent"), timeout=quiet)
        return self._of_others(source.late(self.deadline) for source in self.sources)

    def take_over(self, former: EffectWatch) -> None:
        """Read the last log lines of a backend that has ended as if they were of this one.

        They may be effects of its last requests.
        """
        for ours, theirs in zip(self.sources, former.sources, strict=False):
            if isinstance(ours, LogSource) and isinstance(theirs, LogSource):
                ours.take_over(theirs)

    def _of_others(self, found: Iterable[Sequence[Arrival]]) -> list[Arrival]:
        """Return the arrivals that the sentinel did not cause."""
        return [each for arrivals in found for each in arrivals if self._barrier not in each.tokens]
