"""Actions of a job type: what the backend is configured to do, and what it will meet doing it.

An action is written into the job configuration (:func:`options`) and read by the oracle. Beside
its options it says how the other side will behave (``target``, ``server``, ``broker``), which the
backend is not told: a scenario arranges it and the oracle predicts from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scicat_harness.model.effect import Effect
from scicat_harness.model.text import Text

__all__ = [
    "NO_ANSWER",
    "Action",
    "BrokerBehaviour",
    "Email",
    "Error",
    "Foreign",
    "Log",
    "MailServer",
    "Phase",
    "Rabbitmq",
    "Switch",
    "SwitchCase",
    "Target",
    "Url",
    "Validate",
    "bindings_of",
    "options",
    "unfolded",
]


class Phase(StrEnum):
    """Before the job is stored, or after."""

    VALIDATE = "validate"
    PERFORM = "perform"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Log:
    """Writes lines; None leaves an option to the backend's default."""

    validate: Text | None = None
    perform: Text | None = None
    init: str | None = None


class MailServer(StrEnum):
    """How the mail server behaves towards a mail."""

    ACCEPTS = "accepts"
    REFUSES = "refuses"
    """The mail is not taken: no server, all recipients refused, or an error on the way."""


@dataclass(frozen=True, slots=True)
class Email:
    """Sends a mail; ``to`` means the accepted recipients, separated by a comma."""

    to: Text
    subject: Text
    body: Text
    """The content of the template file."""
    sender: str | None = None
    ignore_errors: bool | None = None
    server: MailServer = MailServer.ACCEPTS


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL does: a status and body, or ``failure`` where no answer comes."""

    status: int = 200
    body: str = r"[\s\S]*"
    """Pattern of the body."""
    failure: str | None = None
    """Pattern of the error that a backend reports instead of an answer."""
    reached: bool = True
    """Whether the request arrives at all."""
    hops: tuple[str, ...] = ()
    """Further paths that are asked for because of redirects."""

    @property
    def succeeds(self) -> bool:
        """Whether the remote side says that all is well."""
        return self.failure is None and 200 <= self.status < 300


NO_ANSWER = Target(failure="TypeError: fetch failed", reached=False)


@dataclass(frozen=True, slots=True)
class Url:
    """Calls a URL; ``url`` means the path and query as they travel."""

    url: Text
    method: str | None = None
    headers: Mapping[str, Text] = field(default_factory=dict)
    body: Text | None = None
    ignore_errors: bool | None = None
    target: Target = Target()


class BrokerBehaviour(StrEnum):
    """What the broker makes of a message."""

    TAKES = "takes"
    CLOSED = "closed"
    """The connection was closed earlier, in order."""
    CUT = "cut"
    """The connection broke earlier, without a word."""
    CONFLICT = "conflict"
    """Queue or exchange exist otherwise than the action declares them."""


@dataclass(frozen=True, slots=True)
class Rabbitmq:
    """Publishes the stored job."""

    exchange: str
    queue: str
    key: str
    broker: BrokerBehaviour = BrokerBehaviour.TAKES


@dataclass(frozen=True, slots=True)
class Validate:
    """JSON schemas over parts of the request and of its datasets, by path."""

    request: Mapping[str, Any] = field(default_factory=dict)
    datasets: Mapping[str, Any] | None = None
    requests: Mapping[str, Any] | None = None
    """Paths under the key that the documentation misspells."""


@dataclass(frozen=True, slots=True)
class Error:
    """Refuses."""

    message: Text
    status: int | None = None


@dataclass(frozen=True, slots=True)
class SwitchCase:
    """One case; exactly one of the kinds, or none of them for the default."""

    actions: tuple[Action, ...]
    match: Any = None
    regex: str | None = None
    schema: Mapping[str, Any] | None = None
    is_match: bool = False
    """Whether ``match`` counts, so that null can be matched."""

    @classmethod
    def matching(cls, value: object, *actions: Action) -> SwitchCase:
        """A case for a value."""
        return cls(actions, match=value, is_match=True)

    @property
    def is_default(self) -> bool:
        """Whether it matches whatever comes."""
        return self.schema is None and self.regex is None and not self.is_match


@dataclass(frozen=True, slots=True)
class Switch:
    """Chooses other actions by a value; ``path`` is a JSONPath over the template context."""

    phase: Phase
    path: str
    cases: tuple[SwitchCase, ...]


@dataclass(frozen=True, slots=True)
class Foreign:
    """An action type of a plugin, by its options; what it does is predicted by its probe.

    ``fails`` is the error it raises instead, a pattern.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    fails: str | None = None


Action = Log | Email | Url | Rabbitmq | Validate | Error | Switch | Foreign


FileOf = Callable[[str], str]


def options(action: Action, file_of: FileOf) -> dict[str, Any]:
    """The action as it stands in a job configuration; ``file_of`` names a mail body's file."""
    match action:
        case Log():
            made = {"init": action.init, **_templates(validate=action.validate)}
            made |= _templates(perform=action.perform)
            return _entry("log", made)
        case Email():
            made = _templates(to=action.to, subject=action.subject)
            made |= {"bodyTemplateFile": file_of(action.body.template), "from": action.sender}
            return _entry("email", made | {"ignoreErrors": action.ignore_errors})
        case Url():
            made = {"url": action.url.template, "method": action.method}
            if action.headers:
                made["headers"] = {key: text.template for key, text in action.headers.items()}
            made |= _templates(body=action.body)
            return _entry("url", made | {"ignoreErrors": action.ignore_errors})
        case Rabbitmq():
            return _entry(
                "rabbitmq",
                {"exchange": action.exchange, "queue": action.queue, "key": action.key},
            )
        case Validate():
            made = {"request": dict(action.request) or None, "datasets": action.datasets}
            return _entry("validate", made | {"requests": action.requests})
        case Error():
            return _entry("error", {"message": action.message.template, "status": action.status})
        case Switch():
            cases = [_case(each, file_of) for each in action.cases]
            made = {"phase": str(action.phase), "property": action.path, "cases": cases}
            return _entry("switch", made)
        case Foreign():
            return {"actionType": action.kind, **action.options}


def _templates(**texts: Text | None) -> dict[str, Any]:
    return {name: None if text is None else text.template for name, text in texts.items()}


def _entry(kind: str, made: Mapping[str, Any]) -> dict[str, Any]:
    present = {key: value for key, value in made.items() if value is not None}
    return {"actionType": kind, **present}


def _case(case: SwitchCase, file_of: FileOf) -> dict[str, Any]:
    made: dict[str, Any] = {"match": case.match} if case.is_match else {}
    if case.regex is not None:
        made["regex"] = case.regex
    if case.schema is not None:
        made["schema"] = dict(case.schema)
    return {**made, "actions": [options(each, file_of) for each in case.actions]}


def bindings_of(actions: Sequence[Action]) -> list[Rabbitmq]:
    """Every rabbitmq action, those inside switches included."""
    return [each for each in unfolded(actions) if isinstance(each, Rabbitmq)]


def unfolded(actions: Sequence[Action]) -> list[Action]:
    """The actions and those inside switches."""
    found: list[Action] = []
    for action in actions:
        found.append(action)
        if isinstance(action, Switch):
            for case in action.cases:
                found += unfolded(case.actions)
    return found
