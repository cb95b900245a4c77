"""The topology of a broker: its exchanges, queues and bindings, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.model.action import Rabbitmq
from scicat_harness.model.sentinel import BARRIER_KEY
from scicat_harness.model.site import Site

__all__ = ["Route", "Topology", "topology_of", "unexplained"]

# Those that every broker has, and names that a broker makes itself.
_RESERVED = "amq."


@dataclass(frozen=True, slots=True, order=True)
class Route:
    """A binding of a queue to an exchange with a key."""

    exchange: str
    queue: str
    key: str


@dataclass(frozen=True, slots=True)
class Topology:
    """The exchanges and bindings of a broker.

    Every queue is bound to the default exchange, whose name is empty, so ``routes`` names all.
    """

    exchanges: frozenset[str]
    routes: frozenset[Route]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Topology:
        """Return the topology from what ``to_json`` returned."""
        return cls(frozenset(data["exchanges"]), frozenset(Route(*each) for each in data["routes"]))

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        routes = [[each.exchange, each.queue, each.key] for each in sorted(self.routes)]
        return {"exchanges": sorted(self.exchanges), "routes": routes}


def topology_of(sites: Iterable[Site], run: str) -> Topology:
    """Return everything that the backends of these sites and the harness declare in a run."""
    exchanges: set[str] = set()
    routes: set[Route] = set()
    for site in sites:
        for each in site.bindings:
            named = _named(each, run)
            exchanges.add(named.exchange)
            routes |= {Route("", named.queue, named.queue)}
            routes |= {Route(named.exchange, named.queue, key) for key in (each.key, BARRIER_KEY)}
    return Topology(frozenset(exchanges), frozenset(routes))


def _named(action: Rabbitmq, run: str) -> Route:
    exchange, queue = (name.replace("$run", run) for name in (action.exchange, action.queue))
    return Route(exchange, queue, action.key)


def unexplained(observed: Topology, expected: Topology, ours: str) -> Iterator[str]:
    """Yield a sentence for everything that is there and is not expected.

    ``ours`` is the queue of the sinks, to which they bind whatever they watch.
    """
    for name in sorted(observed.exchanges - expected.exchanges):
        if name and not name.startswith(_RESERVED):
            yield f"no action declares the exchange {name!r}"
    for each in sorted(observed.routes - expected.routes):
        if each.queue == ours:
            continue
        if each.exchange == "":
            yield f"no action declares the queue {each.queue!r}"
        else:
            yield (
                f"no action binds the queue {each.queue!r} to the exchange {each.exchange!r} with "
                f"the key {each.key!r}"
            )
