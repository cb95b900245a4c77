"""Mails that have failed and not ended; a reader of the journal waits for them.

A mail whose recipients were refused is journaled when the client gives up on it. A backend may
report the failure first, and a check that reads the journal then would not find the mail yet.
"""

from __future__ import annotations

import asyncio

__all__ = ["Unfinished"]


class Unfinished:
    """The conversations with such a mail, by identity; belongs to the event loop."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._none = asyncio.Event()
        self._none.set()

    def begin(self, what: object) -> None:
        """Note that something failed in ``what``, which goes on."""
        self._open.add(id(what))
        self._none.clear()

    def end(self, what: object) -> None:
        """Note that ``what`` is in the journal; safe to call twice."""
        self._open.discard(id(what))
        if not self._open:
            self._none.set()

    async def over(self, deadline: float) -> bool:
        """Wait until none is open, ``deadline`` seconds at most; return whether none is."""
        try:
            await asyncio.wait_for(self._none.wait(), deadline)
        except TimeoutError:
            return False
        return True
