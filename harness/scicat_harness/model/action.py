"""Actions of a job type: their configured options, and the behaviour of the other side.

An action is written into the job configuration (:func:`options`) and read by the oracle. Some of
its fields are no options: ``target``, ``server`` and ``broker`` describe how the called URL, the
mail server and the broker behave. A scenario arranges that behaviour, the oracle predicts from it,
and the configuration does not contain it.

Source: specification: action.log to action.switch; documentation page jobconfig.md.
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
    """The part of an operation in which an action runs; ``ALL`` is for switches only.

    ``validate`` runs before the job is stored or changed, ``perform`` after it (specification:
    actions.phases).
    """

    VALIDATE = "validate"
    PERFORM = "perform"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Log:
    """Writes log lines; None leaves an option to the backend's default.

    ``init`` is written at the start of the backend, the others once per operation.
    """

    validate: Text | None = None
    perform: Text | None = None
    init: str | None = None


class MailServer(StrEnum):
    """The reaction of the mail server to a mail."""

    ACCEPTS = "accepts"
    REFUSES = "refuses"
    """The mail is not taken: no server, all recipients refused, or an error on the way."""


@dataclass(frozen=True, slots=True)
class Email:
    """Sends a mail (specification: action.email).

    The meaning of ``to`` is the list of accepted recipients, separated by a comma. ``sender`` is
    the option ``from``; without it the backend uses ``EMAIL_FROM`` (since v4.25.0).
    """

    to: Text
    subject: Text
    body: Text
    """The content of the template file."""
    sender: str | None = None
    ignore_errors: bool | None = None
    server: MailServer = MailServer.ACCEPTS


@dataclass(frozen=True, slots=True)
class Target:
    """The response of a called URL: a status and body, or ``failure`` where none comes.

    Example: ``Target(503, "busy")`` refuses, :data:`NO_ANSWER` cannot be reached.
    """

    status: int = 200
    body: str = r"[\s\S]*"
    """Pattern of the body."""
    failure: str | None = None
    """Pattern of the error that the backend reports when there is no response."""
    reached: bool = True
    """False if the request does not arrive."""
    hops: tuple[str, ...] = ()
    """Paths of the further requests that redirects cause, in order."""

    @property
    def succeeds(self) -> bool:
        """True if the backend takes the response for a success."""
        # Redirects have been followed by then (``hops``), so only 2xx counts.
        return self.failure is None and 200 <= self.status < 300


NO_ANSWER = Target(failure="TypeError: fetch failed", reached=False)
"""A URL without a listener; the text is that of Node's fetch."""


@dataclass(frozen=True, slots=True)
class Url:
    """Calls a URL (specification: action.url).

    The meaning of ``url`` is the path with the query as the server receives it. Options that are
    None are left out of the configuration; the backend then sends GET without a body.
    """

    url: Text
    method: str | None = None
    headers: Mapping[str, Text] = field(default_factory=dict)
    body: Text | None = None
    ignore_errors: bool | None = None
    target: Target = Target()


class BrokerBehaviour(StrEnum):
    """The state of the broker when a message is published."""

    TAKES = "takes"
    CLOSED = "closed"
    """The connection was closed earlier, in order."""
    CUT = "cut"
    """The connection broke earlier, without the AMQP closing handshake."""
    CONFLICT = "conflict"
    """Queue or exchange exist with other properties than the action declares."""


@dataclass(frozen=True, slots=True)
class Rabbitmq:
    """Publishes the stored job (specification: action.rabbitmq)."""

    exchange: str
    queue: str
    key: str
    broker: BrokerBehaviour = BrokerBehaviour.TAKES


@dataclass(frozen=True, slots=True)
class Validate:
    """Validates the request and its datasets: JSON schemas by JSONPath.

    Paths of ``request`` start at the request body, those of ``datasets`` at each listed dataset.
    Example: ``Validate({"jobParams.count": {"type": "number"}})``.
    """

    request: Mapping[str, Any] = field(default_factory=dict)
    datasets: Mapping[str, Any] | None = None
    requests: Mapping[str, Any] | None = None
    """Paths under the key that the documentation misspells."""


@dataclass(frozen=True, slots=True)
class Error:
    """Refuses the operation in the validate phase; ``status`` None means 400."""

    message: Text
    status: int | None = None


@dataclass(frozen=True, slots=True)
class SwitchCase:
    """One case of a switch: exactly one of match, regex and schema, or none for the default.

    Example: ``SwitchCase.matching("archive", Log())``.
    """

    actions: tuple[Action, ...]
    match: Any = None
    regex: str | None = None
    schema: Mapping[str, Any] | None = None
    is_match: bool = False
    """True if ``match`` is a key of the case; its value may be null."""

    @classmethod
    def matching(cls, value: object, *actions: Action) -> SwitchCase:
        """Return the case that matches ``value`` by loose equality."""
        return cls(actions, match=value, is_match=True)

    @property
    def is_default(self) -> bool:
        """True if the case matches every value."""
        return self.schema is None and self.regex is None and not self.is_match


@dataclass(frozen=True, slots=True)
class Switch:
    """Chooses other actions by a value (specification: action.switch).

    ``path`` is the option ``property``: a JSONPath over the template context. The actions of the
    first matching case run, and only in ``phase``.
    """

    phase: Phase
    path: str
    cases: tuple[SwitchCase, ...]


@dataclass(frozen=True, slots=True)
class Foreign:
    """An action type of a plugin, with its options and the effects that its probe predicts.

    ``fails`` is a pattern of the error that the action raises instead of causing the effects.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    fails: str | None = None


Action = Log | Email | Url | Rabbitmq | Validate | Error | Switch | Foreign


FileOf = Callable[[str], str]


def options(action: Action, file_of: FileOf) -> dict[str, Any]:
    """Return the action as an entry of a job configuration.

    ``file_of`` returns the name of the file that holds a mail body. For example
    ``options(Error(plain("no"), 418), str)`` is
    ``{"actionType": "error", "message": "no", "status": 418}``.
    """
    # Options have the names of v4.17.1 and later: before, the phase of a switch was ``scope`` and
    # ``perform`` of log was ``performJob``. The oldest observed release is v4.20.2.
    match action:
        case Log():
            made = {"init": action.init, **_templates(validate=action.validate)}
            made |= _templates(perform=action.perform)
            return _entry("log", made)
        case Email():
            # The backend reads the file at its start, relative to its working folder.
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
            # The option is left out when empty: an action may validate datasets only.
            made = {"request": dict(action.request) or None, "datasets": action.datasets}
            return _entry("validate", made | {"requests": action.requests})
        case Error():
            return _entry("error", {"message": action.message.template, "status": action.status})
        case Switch():
            cases = [_case(each, file_of) for each in action.cases]
            made = {"phase": str(action.phase), "property": action.path, "cases": cases}
            return _entry("switch", made)
        case Foreign():
            # Options of a plugin are written as given: None may have a meaning there.
            return {"actionType": action.kind, **action.options}


def _templates(**texts: Text | None) -> dict[str, Any]:
    return {name: None if text is None else text.template for name, text in texts.items()}


def _entry(kind: str, made: Mapping[str, Any]) -> dict[str, Any]:
    # None means that the option is not configured; null in the file would be a value.
    present = {key: value for key, value in made.items() if value is not None}
    return {"actionType": kind, **present}


def _case(case: SwitchCase, file_of: FileOf) -> dict[str, Any]:
    # ``match: null`` is a valid case, so None does not mean that the key is missing.
    made: dict[str, Any] = {"match": case.match} if case.is_match else {}
    if case.regex is not None:
        made["regex"] = case.regex
    if case.schema is not None:
        made["schema"] = dict(case.schema)
    return {**made, "actions": [options(each, file_of) for each in case.actions]}


def bindings_of(actions: Sequence[Action]) -> list[Rabbitmq]:
    """Return every rabbitmq action, those inside switches included."""
    return [each for each in unfolded(actions) if isinstance(each, Rabbitmq)]


def unfolded(actions: Sequence[Action]) -> list[Action]:
    """Return the actions and those inside switches, depth first, in configured order."""
    found: list[Action] = []
    for action in actions:
        found.append(action)
        if isinstance(action, Switch):
            for case in action.cases:
                found += unfolded(case.actions)
    return found
