"""Rules of rabbitmq actions, which publish the stored job.

Sources: specification: action.rabbitmq, actions.failures; documentation page jobconfig.md; observed
v5.2.1 and v4.20.2 for failures.
"""

from __future__ import annotations

from scicat_harness.model.action import Rabbitmq
from scicat_harness.model.effect import STORED, Channel, Effect
from scicat_harness.model.release import PERFORM_ERRORS_REPORTED, ReleaseRange
from scicat_harness.model.remote import BrokerBehaviour
from scicat_harness.model.text import pattern_of
from scicat_harness.oracle.actions.result import (
    IGNORED,
    ActFacts,
    ActionResult,
    ActionRules,
    ActTable,
    failing,
)
from scicat_harness.oracle.actions.shared import LATER
from scicat_harness.oracle.rule import Reading, Rule, RuleTable

__all__ = ["RABBITMQ"]

_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"


def _message(facts: ActFacts[Rabbitmq]) -> ActionResult:
    action = facts.action
    content = {
        "exchange": action.exchange,
        "key": action.key,
        # Persistent, and without content type, message id or any other property.
        "properties": {"delivery_mode": 2, "headers": {}},
        "json": STORED,
        "layout": "compact",
    }
    rule = "actions.perform.rabbitmq.publishes"
    # The message is expected at our queue on the exchange, and in every queue bound to the key.
    places = ("exchange", *facts.context.queues(action))
    return ActionResult(
        tuple(Effect(Channel.AMQP, {"source": each, **content}, rule) for each in places)
    )


def _no_connection(facts: ActFacts[Rabbitmq]) -> ActionResult:
    action = facts.action
    return failing(
        facts,
        f"Error: Could not connect to RabbitMQ queue {_name(action.queue)} with exchange "
        f"{_name(action.exchange)} and key {_name(action.key)}\\.",
    )


def _name(name: str) -> str:
    """Return the pattern of an exchange, queue or key, of which the run is a part."""
    return pattern_of(name).replace("$run", r"[\w-]+")


def _dies(facts: ActFacts[Rabbitmq]) -> ActionResult:
    del facts
    return ActionResult(dies=True, notable=True)


_VALIDATING: ActTable[Rabbitmq] = RuleTable(
    "actions.validate.rabbitmq",
    (
        Rule(
            "actions.validate.rabbitmq.gone",
            "a broken connection to the broker has ended the whole backend, even without a request",
            _SEEN,
            lambda f: f.action.broker is BrokerBehaviour.CUT,
            _dies,
            reading=Reading.OBSERVED,
        ),
        LATER,
    ),
)

_PERFORMING: ActTable[Rabbitmq] = RuleTable(
    "actions.perform.rabbitmq",
    (
        Rule(
            "actions.perform.rabbitmq.swallowed",
            "once the broker has closed its connection, a backend loses every message without an "
            "error",
            "observed v4.20.2",
            lambda f: f.action.broker is BrokerBehaviour.CLOSED,
            lambda _: IGNORED,
            ReleaseRange(until=PERFORM_ERRORS_REPORTED),
            Reading.OBSERVED,
        ),
        Rule(
            "actions.perform.rabbitmq.cut-off",
            "once the broker has closed its connection, a backend never connects again",
            _SEEN,
            lambda f: f.action.broker is BrokerBehaviour.CLOSED,
            _no_connection,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.perform.rabbitmq.dies",
            "a queue or exchange that exists otherwise ends the whole backend",
            _SEEN,
            lambda f: f.action.broker is BrokerBehaviour.CONFLICT,
            _dies,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.perform.rabbitmq.refused",
            "a queue or exchange that exists otherwise fails the action",
            _DOCS,
            lambda f: f.action.broker is BrokerBehaviour.CONFLICT,
            lambda f: failing(f, r"[\s\S]*"),
            reading=Reading.DOCUMENTED,
        ),
        Rule(
            "actions.perform.rabbitmq.publishes",
            "the stored job is published to the exchange with the key, and the queue gets it",
            _DOCS,
            lambda _: True,
            _message,
        ),
    ),
)

RABBITMQ: ActionRules[Rabbitmq] = ActionRules(_VALIDATING, _PERFORMING)
