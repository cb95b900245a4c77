"""Messages: names that are taken as they are, and queues that share what they get."""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject

__all__ = ["broker_findings"]

_NAMES = ("exchange", "queue", "key")
_OF_TOPIC_TYPE = frozenset({"amq.topic"})


def broker_findings(subject: LintSubject) -> Iterator[Finding]:
    """For every rabbitmq action."""
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
            what = "declaring it ends the whole backend"
            if name == "queue":
                what = "every message makes a queue of its own that nobody reads"
            sentence = f"{name} is empty: {what}"
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
