"""Sentinels: jobs whose effects show that those of all earlier jobs have arrived."""

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
from scicat_harness.model.identity import Identity
from scicat_harness.model.request import CreateRequest, Ownership
from scicat_harness.model.site import Site
from scicat_harness.probe.prepared import PreparedBackend, open_client
from scicat_harness.probe.watch import EffectWatch, Places
from scicat_harness.sinks.amqp_client import AmqpSink
from scicat_harness.sinks.client import Sinks
from scicat_harness.sinks.journal import Awaited

__all__ = ["open_watch", "prepare_effects", "send_sentinel"]

_QUEUE_DEADLINE = 5.0
_QUEUE_PAUSE = 0.05
_NOBODYS = Ownership("sentinel", email="contact@elsewhere.example")


def send_sentinel(
    client: SciCat, janitor: Identity, job_type: str, run: str, correlation: str
) -> None:
    """Make a sentinel job; it must succeed, or nothing that came before it is known."""
    marks = {"run": run, "correlation": correlation}
    reply = client.submit(janitor, CreateRequest(job_type, ownership=_NOBODYS), {}, marks)
    if reply.status != 201:
        raise EnvironmentFault(
            f"the sentinel job {correlation} was not taken, so effects before it are unknown: "
            f"{reply.summary()}"
        )


def open_watch(
    prepared: PreparedBackend,
    site: Site,
    client: SciCat,
    janitor: Identity,
    mint: Callable[[], str],
) -> EffectWatch | None:
    """A watch over the effects of a backend; None where they cannot be seen."""
    if prepared.sinks is None or not site.sentinel:
        return None

    def send() -> str:
        correlation = mint()
        send_sentinel(client, janitor, site.sentinel, prepared.run, correlation)
        return correlation

    places = Places.of(_sent(site, prepared.run))
    sinks = Sinks.from_json(prepared.sinks)
    return EffectWatch.open(sinks, places, send, prepared.log, prepared.run, sole=not site.marked)


def prepare_effects(prepared: PreparedBackend, site: Site, janitor: Identity, sinks: Sinks) -> None:
    """Bind to the exchanges before the first job, have every queue declared, and read from them.

    The first sentinel has every queue declared and bound by the backend, the second one proves
    that the way through it works. Raises EnvironmentFault when it does not, SciCatDiffers when
    the broker is not to blame.
    """
    sent = _sent(site, prepared.run)
    for exchange in sorted({each.exchange for each in sent}):
        sinks.amqp.bind(exchange)
    client = open_client(prepared)
    # Several backends of a run, and several runs of a setup, share the sinks.
    stem = f"{prepared.run}-stage{token_hex(4)}"
    names = iter(f"{stem}-{number:07d}" for number in range(3))
    try:
        send_sentinel(client, janitor, site.sentinel, prepared.run, next(names))
        for queue in Places.of(sent).queues:
            _await_queue(sinks.amqp, queue)
            sinks.amqp.consume(queue)
        watch = open_watch(prepared, site, client, janitor, lambda: next(names))
        assert watch is not None
        watch.settle([f"{stem}-{0:07d}"])
        watch.sinks.close()
    except DeadlineExceeded as lost:
        if sent and _delivers(sinks, sent[0], next(names)):
            raise SciCatDiffers(
                f"the backend took a sentinel job and told success, but {lost}. A message that "
                f"the harness sent itself to exchange {sent[0].exchange!r} with key "
                f"{sent[0].key!r} was delivered (by actions.perform.rabbitmq.publishes and "
                "actions.perform.log.writes)"
            ) from None
        raise
    finally:
        client.transport.close()


def _delivers(sinks: Sinks, route: Rabbitmq, token: str) -> bool:
    """Whether the broker delivers what is not sent by the backend."""
    sinks.amqp.publish(route.exchange, route.key, token)
    try:
        sinks.wait(Awaited(token, Channel.AMQP, "exchange"), timeout=_QUEUE_DEADLINE)
    except EnvironmentFault:
        return False
    return True


def _await_queue(amqp: AmqpSink, queue: str) -> None:
    """A backend that answers before it acts has declared it a little later."""
    latest = time.monotonic() + _QUEUE_DEADLINE
    pause = threading.Event()
    while amqp.check(queue) is None:
        if time.monotonic() > latest:
            raise DeadlineExceeded(
                f"after {_QUEUE_DEADLINE:g} s there is no queue {queue!r} at the broker: its "
                "rabbitmq action does not declare it, or it speaks to another broker"
            )
        pause.wait(_QUEUE_PAUSE)


def _sent(site: Site, run: str) -> list[Rabbitmq]:
    """What a sentinel publishes, by the names of this run."""
    actions = bindings_of(site.job_type(site.sentinel).on_create)
    return [
        replace(each, exchange=_named(each.exchange, run), queue=_named(each.queue, run))
        for each in actions
    ]


def _named(name: str, run: str) -> str:
    return name.replace("$run", run)
