"""The journal: every arrival of every channel, in order, found by correlation."""

from __future__ import annotations

import json
import re
import threading
import time
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.sinks.arrival import Arrival, strings_in

__all__ = ["Awaited", "Journal"]

REDACTED = "***"
_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "set-cookie"}


@dataclass(frozen=True, slots=True)
class Awaited:
    """Arrivals of one request; None for channel or source means any."""

    correlation: str
    channel: str | None = None
    source: str | None = None
    count: int = 1

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Awaited:
        """From plain data; unknown or missing fields are a UsageFault."""
        try:
            return cls(**data)
        except TypeError as error:
            raise UsageFault(f"cannot wait for {dict(data)!r}: {error}") from None

    def takes(self, arrival: Arrival) -> bool:
        """Whether this arrival is one of them."""
        return (
            arrival.correlation == self.correlation
            and self.channel in (None, arrival.channel)
            and self.source in (None, arrival.source)
        )


class Journal:
    """Thread-safe; an optional file gets one line per arrival, without secrets."""

    def __init__(self, token_pattern: str, path: Path | None = None) -> None:
        try:
            self._pattern = re.compile(token_pattern)
        except re.error as error:
            raise UsageFault(f"token pattern {token_pattern!r}: {error}") from None
        self._lock = threading.Lock()
        self._arrivals: list[Arrival] = []
        self._by_correlation: defaultdict[str, list[Arrival]] = defaultdict(list)
        self._correlations: list[str] = []
        self._wakers: defaultdict[str, list[Callable[[], object]]] = defaultdict(list)
        self._lost: dict[str, str] = {}
        self._file: TextIO | None = _opened(path) if path is not None else None

    def add(
        self,
        channel: str,
        source: str,
        content: Mapping[str, Any],
        *,
        also: Iterable[str] = (),
        behaviour: Mapping[str, Any] | None = None,
    ) -> Arrival:
        """Write down one arrival; ``also`` are further readings of it to look for tokens in."""
        texts = [*strings_in(content), *also]
        tokens = tuple(sorted({m.group() for t in texts for m in self._pattern.finditer(t)}))
        newest = tokens[-1] if tokens else None
        with self._lock:
            arrival = Arrival(
                seq=len(self._arrivals) + 1,
                at=time.time(),
                channel=channel,
                source=source,
                tokens=tokens,
                correlation=newest,
                content=content,
                behaviour=behaviour,
            )
            self._keep(arrival)
            wakers = tuple(self._wakers.get(newest, ())) if newest is not None else ()
        for wake in wakers:
            wake()
        return arrival

    def __len__(self) -> int:
        with self._lock:
            return len(self._arrivals)

    def between(self, first: str, last: str) -> list[Arrival]:
        """What came from the requests ``first`` to ``last``, inclusive, in order of arrival."""
        with self._lock:
            low = bisect_left(self._correlations, first)
            high = bisect_right(self._correlations, last)
            found = [
                arrival
                for correlation in self._correlations[low:high]
                for arrival in self._by_correlation[correlation]
            ]
        return sorted(found, key=lambda arrival: arrival.seq)

    def after(self, seq: int) -> list[Arrival]:
        """What came after the arrival with this number; 0 for everything."""
        with self._lock:
            return self._arrivals[max(seq, 0) :]

    def stray(self) -> list[Arrival]:
        """What carries no correlation."""
        return [arrival for arrival in self.after(0) if arrival.correlation is None]

    def taken(self, awaited: Awaited) -> list[Arrival]:
        """What came of the arrivals that are waited for."""
        with self._lock:
            candidates = tuple(self._by_correlation.get(awaited.correlation, ()))
        return [arrival for arrival in candidates if awaited.takes(arrival)]

    def missing(self, awaited: Iterable[Awaited]) -> list[Awaited]:
        """Those that have not come often enough yet."""
        return [each for each in awaited if len(self.taken(each)) < each.count]

    @contextmanager
    def waking(self, correlations: set[str], wake: Callable[[], object]) -> Iterator[None]:
        """Have ``wake`` called, from any thread, when something with these correlations comes."""
        with self._lock:
            for correlation in correlations:
                self._wakers[correlation].append(wake)
        try:
            yield
        finally:
            with self._lock:
                for correlation in correlations:
                    self._wakers[correlation].remove(wake)
                    if not self._wakers[correlation]:
                        del self._wakers[correlation]

    @property
    def lost(self) -> dict[str, str]:
        """Channels that deliver nothing any more, with the reason."""
        with self._lock:
            return dict(self._lost)

    def lose(self, channel: str, reason: str) -> None:
        """From now on silence of this channel means nothing; the first reason stays."""
        with self._lock:
            self._lost.setdefault(channel, reason)
            wakers = [wake for each in self._wakers.values() for wake in each]
        for wake in wakers:
            wake()

    def restore(self, channel: str) -> None:
        """The channel delivers again."""
        with self._lock:
            self._lost.pop(channel, None)

    def demand(self, channel: str | None) -> None:
        """Raise an EnvironmentFault when this channel, or with None any, was lost."""
        for name, reason in self.lost.items():
            if channel in (None, name):
                raise EnvironmentFault(reason)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _keep(self, arrival: Arrival) -> None:
        self._arrivals.append(arrival)
        if arrival.correlation is not None:
            if arrival.correlation not in self._by_correlation:
                insort(self._correlations, arrival.correlation)
            self._by_correlation[arrival.correlation].append(arrival)
        if self._file is not None:
            self._file.write(json.dumps(_redacted(arrival), ensure_ascii=False) + "\n")
            self._file.flush()


def _redacted(arrival: Arrival) -> dict[str, Any]:
    data = arrival.to_json()
    headers = data["content"].get("headers")
    if headers:
        kept = [
            [name, REDACTED if name.lower() in _SECRET_HEADERS else value]
            for name, value in headers
        ]
        data["content"] = {**data["content"], "headers": kept}
    return data


def _opened(path: Path) -> TextIO:
    try:
        return path.open("a", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageFault(f"cannot write the journal {path}: {error.strerror}") from None
