"""A broker that fails: most of its failures end the whole backend, the others cut it off for good.

Source: observed v5.2.1; an action that fails should concern nobody but its request. What happened
before the death is seen, and what was stored is looked up in a backend over the same data. Not
covered: a broker that is out of memory, limits of messages.
"""

from __future__ import annotations

from scicat_harness.config.jobconfig import job_config_yaml
from scicat_harness.deploy.deployment import StartFiles
from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.effects.sites import SILENT
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.health import must_look_healthy
from scicat_harness.plugin.own_backends import OwnBackends
from scicat_harness.plugin.own_services import OwnServices

NO_BROKER = r"Cannot connect to RabbitMQ"


@matrix(effect_rows(__file__, part="test_conflict"))
def test_conflict(case: EffectCase, own_backends: OwnBackends) -> None:
    """A queue or exchange that is there otherwise."""
    trial = own_backends.start(case.site, existing=case.existing)
    trial.send(case.identity, case.request).must_be(case.pinned)
    own_backends.revive(trial)


@matrix(effect_rows(__file__, part="test_closed_in_order"))
def test_closed_in_order(
    case: EffectCase, own_services: OwnServices, own_backends: OwnBackends
) -> None:
    """The broker closes the connection, as an operator does; it stays there for others."""
    proxy = own_services.proxy()
    trial = own_backends.start(case.site, broker=proxy)
    own_services.close_connections(proxy)
    trial = own_backends.resume(trial, SILENT)
    trial.send(case.identity, case.request).must_be(case.pinned)
    must_look_healthy(trial)


@matrix(effect_rows(__file__, part="test_cut"))
def test_cut(case: EffectCase, own_services: OwnServices, own_backends: OwnBackends) -> None:
    """The connection breaks while nothing is asked of it."""
    proxy = own_services.proxy()
    trial = own_backends.start(case.site, broker=proxy)
    proxy.cut()
    own_backends.has_ended(trial)
    trial.send(case.identity, case.request).must_be(case.pinned)
    own_backends.revive(trial)


def test_absent_at_the_start(own_services: OwnServices, own_backends: OwnBackends) -> None:
    """Nobody listens where the broker should be."""
    environment = own_services.no_broker.environment()
    own_backends.must_not_start(StartFiles(job_config_yaml(()), environment=environment), NO_BROKER)


def test_wrong_password_at_the_start(own_services: OwnServices, own_backends: OwnBackends) -> None:
    """The broker does not let the backend in."""
    environment = {**own_services.broker.environment(), "RABBITMQ_PASSWORD": "wrong"}
    own_backends.must_not_start(StartFiles(job_config_yaml(()), environment=environment), NO_BROKER)
