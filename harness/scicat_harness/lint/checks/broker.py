"""Actions of rabbitmq: names that are no templates, and queues that share their messages.

Specification: action.rabbitmq.
"""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject

__all__ = ["broker_findings"]

_NAMES = ("exchange", "queue", "key")
# The backend declares exchanges as durable topic exchanges, which this one of RabbitMQ is.
_OF_TOPIC_TYPE = frozenset({"amq.topic"})


def broker_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield the findings about rabbitmq actions.

    A configuration that needs a broker is noted once, and only if it is unknown whether RabbitMQ is
    enabled.
    """
    actions = [
        action
        for job in subject.jobs
        for operation in job.operations()
        for action in operation.all_actions()
        if action.kind == "rabbitmq"
    ]
    if actions and subject.broker is None:
        sentence = f"{actions[0].title} needs RABBITMQ_ENABLED=yes and a broker, or nothing starts"
        yield subject.at("broker.needs-enabling", actions[0].path, sentence)
    # The first queue of each exchange and key, over all job types: they share one broker.
    queues: dict[tuple[str, str], str] = {}
    for action in actions:
        names = {name: action.options.get(name) for name in _NAMES}
        if all(isinstance(value, str) for value in names.values()):
            yield from _of(subject, action, {name: str(value) for name, value in names.items()})
            yield from _shared(subject, action, queues)


def _of(subject: LintSubject, action: ActionEntry, names: dict[str, str]) -> Iterator[Finding]:
    for name, value in names.items():
        path: KeyPath = (*action.path, name)
        if "{{" in value:
            sentence = f"{name} is used as it is written, with its braces"
            yield subject.at("broker.template", path, sentence, about=action.title)
        elif not value and name != "key":
            consequence = "declaring it ends the whole backend"
            if name == "queue":
                # RabbitMQ generates a name for a queue that is declared without one.
                consequence = "every message makes another queue, which has no consumer"
            sentence = f"{name} is empty: {consequence}"
            yield subject.at("broker.empty-name", path, sentence, about=action.title)
        elif name != "key" and value.startswith("amq.") and value not in _OF_TOPIC_TYPE:
            sentence = f"{name} '{value}' is the broker's own: declaring it ends the whole backend"
            yield subject.at("broker.reserved-name", path, sentence, about=action.title)
        elif name == "key" and {"*", "#"} & set(value.split(".")):
            sentence = f"the queue is bound with '{value}' and gets whatever matches it"
            yield subject.at("broker.pattern-key", path, sentence, about=action.title)


def _shared(
    subject: LintSubject, action: ActionEntry, queues: dict[tuple[str, str], str]
) -> Iterator[Finding]:
    exchange, queue, key = (str(action.options[name]) for name in _NAMES)
    other = queues.setdefault((exchange, key), queue)
    if other != queue:
        sentence = f"queues '{other}' and '{queue}' are both bound to {exchange} with {key}: "
        sentence += "each gets every message"
        path = (*action.path, "queue")
        yield subject.at("broker.two-queues", path, sentence, about=action.title)
