"""The journal: all arrivals of all channels, in order, indexed by correlation."""

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
    """Arrivals to wait for: ``count`` of one request; None for channel or source is any.

    For example, ``Awaited(sentinel, "amqp", queue)`` is the barrier of one queue.
    """

    correlation: str
    channel: str | None = None
    source: str | None = None
    count: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Awaited:
        """Return what ``to_json`` made the data of; raise UsageFault for wrong fields."""
        try:
            return cls(**data)
        except TypeError as error:
            raise UsageFault(f"cannot wait for {dict(data)!r}: {error}") from None

    def takes(self, arrival: Arrival) -> bool:
        """Return whether an arrival is one of these."""
        return (
            arrival.correlation == self.correlation
            and self.channel in (None, arrival.channel)
            and self.source in (None, arrival.source)
        )


class Journal:
    """All arrivals of the sinks; thread-safe.

    ``token_pattern`` is a regular expression for correlation tokens. The file at ``path`` gets one
    line of JSON per arrival, without the values of Authorization and cookie headers. Raises
    UsageFault for a pattern that is not a regular expression and for a file that cannot be opened.
    """

    def __init__(self, token_pattern: str, path: Path | None = None) -> None:
        try:
            self._pattern = re.compile(token_pattern)
        except re.error as error:
            raise UsageFault(f"token pattern {token_pattern!r}: {error}") from None
        self._lock = threading.Lock()
        self._arrivals: list[Arrival] = []
        self._by_correlation: defaultdict[str, list[Arrival]] = defaultdict(list)
        self._correlations: list[str] = []
        # By correlation: an arrival wakes only those who wait for its request.
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
        """Add an arrival and return it; wake those who wait for its correlation.

        Tokens are searched for in every string of ``content``, and in ``also``: other forms of it,
        such as a percent-decoded URL.
        """
        texts = [*strings_in(content), *also]
        tokens = tuple(sorted({m.group() for t in texts for m in self._pattern.finditer(t)}))
        # Sorted by age; the latest request that the arrival shows is the one that caused it.
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
        # Outside the lock: a waker may read the journal.
        for wake in wakers:
            wake()
        return arrival

    def __len__(self) -> int:
        with self._lock:
            return len(self._arrivals)

    def between(self, first: str, last: str) -> list[Arrival]:
        """Return the arrivals with correlations ``first`` to ``last``, both included, in order."""
        # Correlations are kept sorted: a batch is a slice of them.
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
        """Return the arrivals after the one with number ``seq``; 0 for all."""
        with self._lock:
            # Numbers begin with 1, positions with 0.
            return self._arrivals[max(seq, 0) :]

    def stray(self) -> list[Arrival]:
        """Return the arrivals without a correlation token."""
        return [arrival for arrival in self.after(0) if arrival.correlation is None]

    def taken(self, awaited: Awaited) -> list[Arrival]:
        """Return the arrivals that came of those awaited."""
        with self._lock:
            candidates = tuple(self._by_correlation.get(awaited.correlation, ()))
        return [arrival for arrival in candidates if awaited.takes(arrival)]

    def missing(self, awaited: Iterable[Awaited]) -> list[Awaited]:
        """Return those awaited that have not come ``count`` times yet."""
        return [each for each in awaited if len(self.taken(each)) < each.count]

    @contextmanager
    def waking(self, correlations: set[str], wake: Callable[[], object]) -> Iterator[None]:
        """Call ``wake``, from any thread, at each arrival with these correlations.

        It is also called when a channel is lost, because the arrival may then never come.
        """
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
        """The channels that were lost, with the reason."""
        with self._lock:
            return dict(self._lost)

    def lose(self, channel: str, reason: str) -> None:
        """Mark a channel as lost: its silence proves nothing any more. The first reason stays."""
        with self._lock:
            self._lost.setdefault(channel, reason)
            wakers = [wake for each in self._wakers.values() for wake in each]
        for wake in wakers:
            wake()

    def restore(self, channel: str) -> None:
        """Mark a channel as working again."""
        with self._lock:
            self._lost.pop(channel, None)

    def demand(self, channel: str | None) -> None:
        """Raise EnvironmentFault with the reason if this channel was lost; None is any channel."""
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
            # Line by line: the file must be complete when the process is killed.
            self._file.flush()


def _redacted(arrival: Arrival) -> dict[str, Any]:
    # For the file alone: checks judge the arrival in memory, with these values.
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
        # Halves of surrogate pairs, which UTF-8 cannot encode, are written as escapes.
        return path.open("a", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageFault(f"cannot write the journal {path}: {error.strerror}") from None
