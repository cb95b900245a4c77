"""What has begun badly and not ended: a reader of the journal waits for it.

A mail whose recipients were refused is written down when the client gives up on it. The client
may report the failure first, and whoever hears of it would not find it in the journal yet.
"""

from __future__ import annotations

import asyncio

__all__ = ["Unfinished"]


class Unfinished:
    """The open ones, by identity. Belongs to the event loop."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._none = asyncio.Event()
        self._none.set()

    def begin(self, what: object) -> None:
        """Something went wrong in it, and it goes on."""
        self._open.add(id(what))
        self._none.clear()

    def end(self, what: object) -> None:
        """It is in the journal; may be called twice."""
        self._open.discard(id(what))
        if not self._open:
            self._none.set()

    async def over(self, deadline: float) -> bool:
        """Wait until none is open, so many seconds at most; whether that is so."""
        try:
            await asyncio.wait_for(self._none.wait(), deadline)
        except TimeoutError:
            return False
        return True
