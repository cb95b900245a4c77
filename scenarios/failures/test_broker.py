"""A broker that fails: most of its failures end the whole backend, the others cut it off for good.

Source: observed v5.2.1; an action that fails should concern nobody but its request. What happened
before the death is seen, and what was stored is looked up in a backend over the same data. Not
covered: a broker that is out of memory, limits of messages.
"""

from __future__ import annotations

from scicat_harness.config.jobconfig import job_config_yaml
from scicat_harness.deploy.deployment import StartFiles
from scicat_harness.fixtures.blueprints.failing_broker import CONFLICTS, SILENT
from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.failing_broker_cases import closed_cases, conflict_cases, cut_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.sites import lab_sites
from scicat_harness.judge.health import must_look_healthy
from scicat_harness.plugin.lab import Lab

PREPARE = {each.word: each.prepare for each in CONFLICTS}
NO_BROKER = r"Cannot connect to RabbitMQ"


@matrix(conflict_cases)
def test_conflict(case: EffectCase, lab: Lab) -> None:
    """A queue or exchange that is there otherwise."""
    PREPARE[case.name](lab.sinks.amqp, lab.run)
    trial = lab.trial(lab_sites()[case.site])
    outcome = trial.send(case.identity, case.request)
    assert case.pinned is not None
    outcome.must_be(case.pinned)
    lab.revive(trial)


@matrix(closed_cases)
def test_closed_in_order(case: EffectCase, lab: Lab) -> None:
    """The broker closes the connection, as an operator does; it stays there for others."""
    proxy = lab.proxy()
    trial = lab.trial(lab_sites()[case.site], lab.addresses(broker_port=proxy.port))
    lab.close_connections(proxy)
    trial = lab.resume(trial, SILENT)
    outcome = trial.send(case.identity, case.request)
    assert case.pinned is not None
    outcome.must_be(case.pinned)
    must_look_healthy(trial)


@matrix(cut_cases)
def test_cut(case: EffectCase, lab: Lab) -> None:
    """The connection breaks while nothing is asked of it."""
    proxy = lab.proxy()
    trial = lab.trial(lab_sites()[case.site], lab.addresses(broker_port=proxy.port))
    proxy.cut()
    lab.has_ended(trial)
    outcome = trial.send(case.identity, case.request)
    assert case.pinned is not None
    outcome.must_be(case.pinned)
    lab.revive(trial)


def test_absent_at_the_start(lab: Lab) -> None:
    """Nobody listens where the broker should be."""
    address = lab.broker_at(lab.addresses().closed)
    start = StartFiles(job_config_yaml(()), environment=address.environment())
    lab.start.must_fail(start, lab.attempt(start), NO_BROKER)


def test_wrong_password_at_the_start(lab: Lab) -> None:
    """The broker does not let the backend in."""
    environment = {**lab.broker.environment(), "RABBITMQ_PASSWORD": "wrong"}
    start = StartFiles(job_config_yaml(()), environment=environment)
    lab.start.must_fail(start, lab.attempt(start), NO_BROKER)
