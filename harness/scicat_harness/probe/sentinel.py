"""Sentinels: jobs whose effects prove that those of all earlier jobs have arrived."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex

from scicat_harness.client.scicat import SciCat
from scicat_harness.errors import DeadlineExceeded, EnvironmentFault, SciCatDiffers
from scicat_harness.model.action import Rabbitmq, bindings_of
from scicat_harness.model.effect import Channel
from scicat_harness.model.identity import CONTACT, Identity
from scicat_harness.model.request import CreateRequest, Ownership
from scicat_harness.model.sentinel import BARRIER_KEY
from scicat_harness.model.site import Site
from scicat_harness.probe.prepared import PreparedBackend, open_client
from scicat_harness.probe.sources import Places
from scicat_harness.probe.watch import EffectWatch
from scicat_harness.sinks.amqp_client import AmqpSink
from scicat_harness.sinks.client import Sinks
from scicat_harness.sinks.journal import Awaited

__all__ = ["open_watch", "prepare_effects", "send_sentinel"]

# Seconds until a queue must be declared, and between two looks at the broker.
_QUEUE_DEADLINE = 5.0
_QUEUE_PAUSE = 0.05
# A sentinel needs no owner: as an admin, the janitor may create for nobody.
_NOBODYS = Ownership("sentinel", email=CONTACT)


def send_sentinel(
    client: SciCat, janitor: Identity, job_type: str, run: str, correlation: str
) -> None:
    """Create a sentinel job with this correlation.

    Raises EnvironmentFault where the backend refuses it: earlier effects are then unknown.
    """
    marks = {"run": run, "correlation": correlation}
    reply = client.submit(janitor, CreateRequest(job_type, ownership=_NOBODYS), {}, marks)
    if reply.status != 201:
        raise EnvironmentFault(
            f"the backend refused the sentinel job {correlation}, so effects before it are "
            f"unknown: {reply.summary()}"
        )


def open_watch(
    prepared: PreparedBackend,
    site: Site,
    client: SciCat,
    janitor: Identity,
    mint: Callable[[], str],
) -> EffectWatch | None:
    """Return a watch over the effects of a backend; None where they cannot be seen.

    ``mint`` returns the next correlation. Effects are seen where the backend reaches our sinks and
    the site has a sentinel job type.
    """
    if prepared.sinks is None or not site.sentinel:
        return None

    def send() -> str:
        correlation = mint()
        send_sentinel(client, janitor, site.sentinel, prepared.run, correlation)
        return correlation

    places = Places.of(_sent(site, site.sentinel, prepared.run), _routed(site, prepared.run))
    sinks = Sinks.from_json(prepared.sinks)
    return EffectWatch.open(sinks, places, send, prepared.log, prepared.run, alone=not site.marked)


def prepare_effects(prepared: PreparedBackend, site: Site, janitor: Identity, sinks: Sinks) -> None:
    """Bind to the exchanges, let the backend declare every queue, and consume from them.

    The first sentinel makes the backend declare and bind every queue, the second one proves that
    effects pass through it. Raises EnvironmentFault where they do not, SciCatDiffers where the
    broker delivers a message that the harness publishes in the same way.
    """
    first, run = site.first_sentinel or site.sentinel, prepared.run
    sent = _sent(site, first, run)
    # Before the first job, so that no message is published without our binding.
    for exchange in sorted({each.exchange for each in sent}):
        sinks.amqp.bind(exchange)
    client = open_client(prepared)
    # Several backends of a run, and several runs of a setup, share the sinks.
    stem = f"{run}-stage{token_hex(4)}"
    # Two sentinels and, if these are lost, one message of the harness.
    names = iter(f"{stem}-{number:07d}" for number in range(3))
    try:
        send_sentinel(client, janitor, first, run, next(names))
        for queue in sorted({each.queue for each in sent}):
            _await_queue(sinks.amqp, queue)
            sinks.amqp.consume(queue)
        for each in _routed(site, run):
            sinks.amqp.route(each.queue, each.exchange, each.key)
        watch = open_watch(prepared, site, client, janitor, lambda: next(names))
        assert watch is not None
        watch.settle([f"{stem}-{0:07d}"])
        watch.sinks.close()
    except DeadlineExceeded as lost:
        if sent and _delivers(sinks, sent[0], next(names)):
            raise SciCatDiffers(
                f"the backend answered a sentinel job with success, but {lost}. A message that "
                f"the harness published itself to exchange {sent[0].exchange!r} with key "
                f"{sent[0].key!r} was delivered (by actions.perform.rabbitmq.publishes and "
                "actions.perform.log.writes)"
            ) from None
        raise
    finally:
        client.transport.close()


def _delivers(sinks: Sinks, route: Rabbitmq, token: str) -> bool:
    """Return whether the broker delivers a message that the harness itself publishes."""
    sinks.amqp.publish(route.exchange, route.key, token)
    try:
        sinks.wait(Awaited(token, Channel.AMQP, "exchange"), timeout=_QUEUE_DEADLINE)
    except EnvironmentFault:
        return False
    return True


def _await_queue(amqp: AmqpSink, queue: str) -> None:
    """Wait until a queue is declared; raises DeadlineExceeded after five seconds.

    A backend that answers a request before it performs the actions declares it a little later.
    """
    latest = time.monotonic() + _QUEUE_DEADLINE
    pause = threading.Event()
    while amqp.check(queue) is None:
        if time.monotonic() > latest:
            raise DeadlineExceeded(
                f"after {_QUEUE_DEADLINE:g} s there is no queue {queue!r} at the broker: the "
                "rabbitmq action does not declare it, or the backend uses another broker"
            )
        pause.wait(_QUEUE_PAUSE)


def _sent(site: Site, sentinel: str, run: str) -> list[Rabbitmq]:
    """Return the rabbitmq actions of a sentinel, with exchanges and queues of this run."""
    actions = bindings_of(site.job_type(sentinel).on_create)
    return [
        replace(each, exchange=_named(each.exchange, run), queue=_named(each.queue, run))
        for each in actions
    ]


def _routed(site: Site, run: str) -> list[Rabbitmq]:
    """Return the queues that the harness binds to their exchange with the key of barriers."""
    if not site.first_sentinel:
        return []
    return list(
        dict.fromkeys(
            replace(each, key=BARRIER_KEY) for each in _sent(site, site.first_sentinel, run)
        )
    )


def _named(name: str, run: str) -> str:
    return name.replace("$run", run)
