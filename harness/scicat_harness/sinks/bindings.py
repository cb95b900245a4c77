"""Bindings: behaviours with the texts, listeners and times that they apply to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count

from scicat_harness.errors import UsageFault
from scicat_harness.sinks.behaviour import Behaviour, channels_of

__all__ = ["Bindings", "SinkBinding"]

LONGEST_LIFE = 600.0
"""The longest life of a binding, in seconds."""


@dataclass(frozen=True, slots=True)
class SinkBinding:
    """A behaviour for requests and mails with the text ``match`` in them; empty matches all."""

    match: str
    behaviour: Behaviour
    source: str | None = None
    """The only listener it applies to; None for all."""
    client: str | None = None
    """The client whose end removes it."""
    until: float | None = None
    """When it ends, on the monotonic clock; None for never."""

    def applies(self, channel: str, source: str, texts: Iterable[str], now: float) -> bool:
        """Return whether it applies to a request or mail with these texts at this time."""
        return (
            channel in channels_of(self.behaviour)
            and self.source in (None, source)
            and (self.until is None or now < self.until)
            and any(self.match in text for text in texts)
        )


class Bindings:
    """The bindings in force, oldest first; not thread-safe, it belongs to the event loop."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._bindings: dict[int, SinkBinding] = {}

    def add(
        self,
        match: str,
        behaviour: Behaviour,
        *,
        seconds: float,
        source: str | None = None,
        client: str | None = None,
    ) -> int:
        """Bind a behaviour for ``seconds``, 600 at most; return the handle to remove it by.

        Raises UsageFault for an empty ``match`` and for other times.
        """
        # Checks of several workers share the sinks.
        if not match:
            raise UsageFault("a behaviour without a match would disturb others; give a match")
        if not 0 < seconds <= LONGEST_LIFE:
            raise UsageFault(f"{seconds} s is not within 0 and {LONGEST_LIFE:g} s")
        until = time.monotonic() + seconds
        return self._put(SinkBinding(match, behaviour, source, client, until))

    def add_for_listener(self, source: str, behaviour: Behaviour) -> int:
        """Bind a behaviour for all requests or mails of one listener, as long as it is open."""
        return self._put(SinkBinding("", behaviour, source))

    def remove(self, handle: int) -> bool:
        """Remove a binding; return whether it was still in force."""
        return self._bindings.pop(handle, None) is not None

    def forget_client(self, client: str) -> None:
        """Remove all bindings of a client that has ended."""
        self._keep(lambda binding: binding.client != client)

    def forget_source(self, source: str) -> None:
        """Remove all bindings of a listener that was closed."""
        self._keep(lambda binding: binding.source != source)

    def matching(self, channel: str, source: str, texts: Iterable[str]) -> list[Behaviour]:
        """Return the behaviours for a request or mail with these texts, oldest first."""
        # A tuple: every binding reads the texts again.
        now, texts = time.monotonic(), tuple(texts)
        return [
            binding.behaviour
            for binding in self._bindings.values()
            if binding.applies(channel, source, texts, now)
        ]

    def __len__(self) -> int:
        return len(self._bindings)

    def _put(self, binding: SinkBinding) -> int:
        # Expired bindings are removed here, so that nothing has to wait for their time.
        now = time.monotonic()
        self._keep(lambda kept: kept.until is None or now < kept.until)
        handle = next(self._numbers)
        self._bindings[handle] = binding
        return handle

    def _keep(self, wanted: Callable[[SinkBinding], bool]) -> None:
        self._bindings = {h: binding for h, binding in self._bindings.items() if wanted(binding)}
