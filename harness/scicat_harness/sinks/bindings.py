"""Bindings: which behaviour applies to what, until when, and on whose behalf."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count

from scicat_harness.errors import UsageFault
from scicat_harness.sinks.behaviour import Behaviour, channels_of

__all__ = ["Bindings", "SinkBinding"]

LONGEST_LIFE = 600.0


@dataclass(frozen=True, slots=True)
class SinkBinding:
    """A behaviour for whatever has ``match`` in it; an empty match takes everything."""

    match: str
    behaviour: Behaviour
    source: str | None = None
    """Only at this listener."""
    client: str | None = None
    """Whose going away ends it."""
    until: float | None = None
    """On the monotonic clock."""

    def applies(self, channel: str, source: str, texts: Iterable[str], now: float) -> bool:
        """Whether it holds for something with these texts, now."""
        return (
            channel in channels_of(self.behaviour)
            and self.source in (None, source)
            and (self.until is None or now < self.until)
            and any(self.match in text for text in texts)
        )


class Bindings:
    """Those in force, oldest first. Belongs to the event loop: not thread-safe."""

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
        """Bind for so many seconds; the handle to remove it by."""
        if not match:
            raise UsageFault("a behaviour for everything would disturb others; give a match")
        if not 0 < seconds <= LONGEST_LIFE:
            raise UsageFault(f"{seconds} s is not within 0 and {LONGEST_LIFE:g} s")
        until = time.monotonic() + seconds
        return self._put(SinkBinding(match, behaviour, source, client, until))

    def add_for_listener(self, source: str, behaviour: Behaviour) -> int:
        """Bind for everything that comes to one listener, as long as it is open."""
        return self._put(SinkBinding("", behaviour, source))

    def remove(self, handle: int) -> bool:
        """End one; whether it was still there."""
        return self._bindings.pop(handle, None) is not None

    def forget_client(self, client: str) -> None:
        """End all of a client that went away."""
        self._keep(lambda binding: binding.client != client)

    def forget_source(self, source: str) -> None:
        """End all of a listener that was closed."""
        self._keep(lambda binding: binding.source != source)

    def matching(self, channel: str, source: str, texts: Iterable[str]) -> list[Behaviour]:
        """The behaviours for something with these texts, oldest first."""
        now, texts = time.monotonic(), tuple(texts)
        return [
            binding.behaviour
            for binding in self._bindings.values()
            if binding.applies(channel, source, texts, now)
        ]

    def __len__(self) -> int:
        return len(self._bindings)

    def _put(self, binding: SinkBinding) -> int:
        now = time.monotonic()
        self._keep(lambda kept: kept.until is None or now < kept.until)
        handle = next(self._numbers)
        self._bindings[handle] = binding
        return handle

    def _keep(self, wanted: Callable[[SinkBinding], bool]) -> None:
        self._bindings = {h: binding for h, binding in self._bindings.items() if wanted(binding)}
