"""The hub: the state of one process of sinks, and the waits for arrivals."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from scicat_harness.errors import UsageFault
from scicat_harness.sinks.arrival import AMQP
from scicat_harness.sinks.bindings import Bindings
from scicat_harness.sinks.journal import Awaited, Journal
from scicat_harness.sinks.listeners import Listeners

if TYPE_CHECKING:
    from scicat_harness.sinks.amqp import Collector

__all__ = ["Hub"]

_UNFINISHED_DEADLINE = 1.0


class Hub:
    """Journal, bindings, listeners and collector of one process of sinks.

    It must be made inside the event loop that it belongs to; closing is idempotent.
    """

    def __init__(self, host: str, token_pattern: str, journal: Path | None) -> None:
        self.host = host
        self.stopping = asyncio.Event()
        self.journal = Journal(token_pattern, journal)
        self.bindings = Bindings()
        self.listeners = Listeners(host, self.journal, self.bindings, self.stopping)
        self._clients = count(1)
        self._collector: Collector | None = None

    @property
    def collector(self) -> Collector:
        """The AMQP collector; raises UsageFault before ``connect``."""
        if self._collector is None:
            raise UsageFault("no AMQP broker is connected; POST /amqp/connect first")
        return self._collector

    def new_client(self) -> str:
        """Return a new name for a client, whose behaviours end with its connection."""
        return f"client-{next(self._clients)}"

    async def connect(self, url: str) -> None:
        """Connect to a broker instead of the one before; raise EnvironmentFault when it fails."""
        # Set to None first: after a failed attempt there is no collector at all.
        before, self._collector = self._collector, None
        self._collector = await asyncio.to_thread(_collector, url, self.journal, before)

    async def missing(self, awaited: Iterable[Awaited], timeout: float) -> list[Awaited]:
        """Wait until all have come; return those that have not within ``timeout`` seconds.

        Raises EnvironmentFault when one of them could come through a channel that was lost.
        """
        loop = asyncio.get_running_loop()
        give_up = loop.time() + timeout
        woken = asyncio.Event()
        awaited = list(awaited)
        correlations = {each.correlation for each in awaited}
        # The waker is set before the first look: no arrival in between can be missed.
        with self.journal.waking(correlations, lambda: loop.call_soon_threadsafe(woken.set)):
            while missing := self.journal.missing(awaited):
                for each in missing:
                    self.journal.demand(each.channel)
                remaining = give_up - loop.time()
                if remaining <= 0 or self.stopping.is_set():
                    return missing
                await self._wait(woken, remaining)
                woken.clear()
        return []

    async def quiet(self) -> None:
        """Wait until every mail that went wrong is in the journal, one second at most."""
        await self.listeners.unfinished.over(_UNFINISHED_DEADLINE)

    def stop(self) -> None:
        """End every wait."""
        self.stopping.set()

    def close(self) -> None:
        """Close listeners, broker connection and journal."""
        self.stop()
        self.listeners.close_all()
        if self._collector is not None:
            self._collector.close()
        self.journal.close()

    async def _wait(self, woken: asyncio.Event, seconds: float) -> None:
        waits = [asyncio.ensure_future(each.wait()) for each in (woken, self.stopping)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _collector(url: str, journal: Journal, before: Collector | None) -> Collector:
    # Imported late, in a thread: importing pika would take most of the start of the sinks.
    from scicat_harness.sinks.amqp import Collector

    if before is not None:
        before.close()
    # Closed first: the end of the old connection must not count as a loss of the new one.
    journal.restore(AMQP)
    return Collector(url, journal)
