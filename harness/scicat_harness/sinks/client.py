"""The client of the sinks: read arrivals, wait for them, and set behaviours and listeners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from scicat_harness.errors import DeadlineExceeded, EnvironmentFault
from scicat_harness.sinks.address import Listener, SinksAddress
from scicat_harness.sinks.amqp_client import AmqpSink
from scicat_harness.sinks.arrival import Arrival
from scicat_harness.sinks.behaviour import Behaviour, described
from scicat_harness.sinks.connection import ControlConnection, Lifeline
from scicat_harness.sinks.journal import Awaited
from scicat_harness.sinks.mail import Require

__all__ = ["Sinks", "SinksHealth"]

_USUAL_LIFE = 60.0


@dataclass(frozen=True, slots=True)
class SinksHealth:
    """The state of the sinks: lost channels, and numbers of arrivals, listeners and behaviours."""

    lost: Mapping[str, str]
    """Channels whose silence proves nothing any more, with the reason."""
    arrivals: int
    listeners: tuple[str, ...]
    behaviours: int


class Sinks:
    """A client of running sinks with one kept connection; an instance belongs to one thread.

    Every method raises EnvironmentFault when the sinks do not answer, refuse the request, or have
    lost the channel it is about, for example the connection to the broker::

        with Sinks(address) as sinks, sinks.behaving(token, HttpAnswer(503)):
            ...
            sinks.wait(Awaited(token, "url"), timeout=5)
    """

    def __init__(self, address: SinksAddress) -> None:
        self.address = address
        self._control = ControlConnection(address.control)
        self._lifeline: Lifeline | None = None
        self.amqp = AmqpSink(self._control)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Sinks:
        """Return a client of the sinks whose address ``to_json`` returned."""
        return cls(SinksAddress.from_json(data))

    def to_json(self) -> dict[str, Any]:
        """Return the address as plain data."""
        return self.address.to_json()

    def health(self) -> SinksHealth:
        """Return the state of the sinks; a lost channel is reported in it, not raised."""
        _, data = self._control.get("/health", {})
        return SinksHealth(
            data["lost"], data["arrivals"], tuple(data["listeners"]), data["behaviours"]
        )

    def between(
        self, first: str, last: str, *, channel: str | None = None, source: str | None = None
    ) -> tuple[Arrival, ...]:
        """Return the arrivals with correlations ``first`` to ``last``, in order of arrival.

        Correlations sort by age, so these are all effects of a batch of requests. ``channel`` and
        ``source`` restrict the result; None is any.
        """
        return self._arrivals("/arrivals", first=first, last=last, channel=channel, source=source)

    def after(
        self, seq: int, *, channel: str | None = None, source: str | None = None
    ) -> tuple[Arrival, ...]:
        """Return the arrivals after the one with number ``seq``; 0 for all."""
        return self._arrivals("/arrivals", after=seq, channel=channel, source=source)

    def stray(
        self, *, channel: str | None = None, source: str | None = None
    ) -> tuple[Arrival, ...]:
        """Return the arrivals without a correlation token."""
        return self._arrivals("/stray", channel=channel, source=source)

    def wait(self, awaited: Awaited, *, timeout: float) -> tuple[Arrival, ...]:
        """Return the awaited arrivals as soon as there are enough of them.

        Raises DeadlineExceeded, with the number that came, after ``timeout`` seconds.
        """
        query = {**awaited.to_json(), "timeout": timeout}
        status, data = self._control.get("/await", query, waits=timeout)
        found = _read(data)
        # A wait in vain has its arrivals, too: their number is part of the message.
        if status == 408:
            where = " ".join(each for each in (awaited.channel, awaited.source) if each)
            raise DeadlineExceeded(
                f"{len(found)} of {awaited.count} arrivals of {awaited.correlation} came within "
                f"{timeout:g} s ({where or 'any channel'})"
            )
        return found

    def wait_all(self, awaited: Iterable[Awaited], *, timeout: float) -> tuple[Awaited, ...]:
        """Wait until all have come; return those that have not within ``timeout`` seconds."""
        question = {"awaited": [each.to_json() for each in awaited], "timeout": timeout}
        _, data = self._control.post("/await_all", question, waits=timeout)
        return tuple(Awaited.from_json(each) for each in data["missing"])

    @contextmanager
    def behaving(
        self,
        match: str,
        behaviour: Behaviour,
        *,
        source: str | None = None,
        seconds: float = _USUAL_LIFE,
    ) -> Iterator[None]:
        """Use a behaviour for all requests and mails with ``match`` in them, during the block.

        ``match`` is searched for in URLs, and in addresses, subject and body of mails. The
        behaviour also ends after ``seconds``, and with this process, however it ends.
        """
        # With the first behaviour: most clients set none.
        if self._lifeline is None:
            self._lifeline = Lifeline(self.address.control)
        question = {
            "match": match,
            "behaviour": described(behaviour),
            "source": source,
            "seconds": seconds,
            "client": self._lifeline.client,
        }
        handle = self._control.post("/behaviours", question)[1]["handle"]
        try:
            yield
        finally:
            with suppress(EnvironmentFault):  # sinks that are gone have no behaviours
                self._control.delete(f"/behaviours/{handle}")

    @contextmanager
    def listening(
        self,
        kind: str,
        *,
        name: str | None = None,
        require: Require = Require.NONE,
        behaviour: Behaviour | None = None,
        port: int | None = None,
    ) -> Iterator[Listener]:
        """Open another listener, ``smtp`` or ``url``, for the block."""
        listener = self.listen(kind, name=name, require=require, behaviour=behaviour, port=port)
        try:
            yield listener
        finally:
            with suppress(EnvironmentFault):
                self.close_listener(listener.name)

    def listen(
        self,
        kind: str,
        *,
        name: str | None = None,
        require: Require = Require.NONE,
        behaviour: Behaviour | None = None,
        port: int | None = None,
    ) -> Listener:
        """Open another listener and return it; its name is the ``source`` of its arrivals.

        It stays open until ``close_listener``; without ``name`` it gets one. ``require`` and
        ``behaviour`` hold for all of its connections. ``port`` is one that the caller holds by a
        socket that shares it; without it a free one is used.
        """
        question = {
            "kind": kind,
            "name": name,
            "require": require,
            "behaviour": described(behaviour) if behaviour is not None else None,
            "port": port or 0,
        }
        return Listener.from_json(self._control.post("/listeners", question)[1])

    def close_listener(self, name: str) -> None:
        """Close a listener; connections to its port are refused from now on."""
        self._control.delete(f"/listeners/{name}")

    def close(self) -> None:
        """Close the connections; the behaviours of this client end. Safe to call twice."""
        if self._lifeline is not None:
            self._lifeline.close()
            self._lifeline = None
        self._control.close()

    def __enter__(self) -> Sinks:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _arrivals(self, path: str, **query: object) -> tuple[Arrival, ...]:
        return _read(self._control.get(path, query)[1])


def _read(data: Mapping[str, Any]) -> tuple[Arrival, ...]:
    return tuple(Arrival.from_json(each) for each in data["arrivals"])
