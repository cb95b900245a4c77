"""Actions of a job type: their configured options, and the behaviour of the other side.

An action is written into the job configuration (``entry``) and read by the oracle
(``scicat_harness.oracle.actions``). Some of its fields are no options: ``target``, ``server`` and
``broker`` describe how the called URL, the mail server and the broker behave. A scenario arranges
that behaviour, the oracle predicts from it, and the configuration does not contain it.

Every class of actions has ``kind``, its ``actionType``, and ``reaches_others``, True if it may send
something out of the backend. ``entry`` returns the action as it is configured, ``templates`` the
texts that the backend renders.

Source: specification: action.log to action.switch; documentation page jobconfig.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from scicat_harness.model.effect import Effect
from scicat_harness.model.option import FileOf, Phase, Template, entry_of, sources
from scicat_harness.model.remote import BrokerBehaviour, MailServer, Target
from scicat_harness.model.text import Text

__all__ = [
    "Action",
    "Email",
    "Error",
    "Foreign",
    "Log",
    "Rabbitmq",
    "Switch",
    "SwitchCase",
    "Url",
    "Validate",
    "bindings_of",
    "unfolded",
]


@dataclass(frozen=True, slots=True)
class Log:
    """Writes log lines; None leaves an option to the backend's default.

    ``init`` is written at the start of the backend, the others once per operation.
    """

    kind: ClassVar[str] = "log"
    reaches_others: ClassVar[bool] = False
    validate: Text | None = None
    perform: Text | None = None
    init: str | None = None

    def entry(self, file_of: FileOf) -> dict[str, Any]:
        """Return the action as an entry of a job configuration."""
        del file_of
        texts = sources(validate=self.validate, perform=self.perform)
        return entry_of(self.kind, {"init": self.init, **texts})

    def templates(self) -> Iterator[Template]:
        """Yield the texts that the backend renders."""
        if self.validate is not None:
            yield Template("log", self.validate, Phase.VALIDATE)
        if self.perform is not None:
            yield Template("log", self.perform, Phase.PERFORM)


@dataclass(frozen=True, slots=True)
class Email:
    """Sends a mail (specification: action.email).

    The meaning of ``to`` is the list of accepted recipients, separated by a comma. ``sender`` is
    the option ``from``; without it the backend uses ``EMAIL_FROM`` (since v4.25.0).
    """

    kind: ClassVar[str] = "email"
    reaches_others: ClassVar[bool] = True
    to: Text
    subject: Text
    body: Text
    """The content of the template file."""
    sender: str | None = None
    ignore_errors: bool | None = None
    server: MailServer = MailServer.ACCEPTS

    def entry(self, file_of: FileOf) -> dict[str, Any]:
        """Return the action as an entry of a job configuration, with the body in a file."""
        made = sources(to=self.to, subject=self.subject)
        made |= {"bodyTemplateFile": file_of(self.body.template), "from": self.sender}
        return entry_of(self.kind, made | {"ignoreErrors": self.ignore_errors})

    def templates(self) -> Iterator[Template]:
        """Yield the texts in the order in which the backend renders them."""
        yield Template("mail, recipients", self.to, Phase.PERFORM)
        yield Template("mail, subject", self.subject, Phase.PERFORM)
        yield Template("mail, body", self.body, Phase.PERFORM)


@dataclass(frozen=True, slots=True)
class Url:
    """Calls a URL (specification: action.url).

    The meaning of ``url`` is the path with the query as the server receives it. Options that are
    None are left out of the configuration; the backend then sends GET without a body.
    """

    kind: ClassVar[str] = "url"
    reaches_others: ClassVar[bool] = True
    url: Text
    method: str | None = None
    headers: Mapping[str, Text] = field(default_factory=dict)
    body: Text | None = None
    ignore_errors: bool | None = None
    target: Target = Target()

    def entry(self, file_of: FileOf) -> dict[str, Any]:
        """Return the action as an entry of a job configuration."""
        del file_of
        made: dict[str, Any] = {"url": self.url.template, "method": self.method}
        if self.headers:
            made["headers"] = {name: text.template for name, text in self.headers.items()}
        made |= sources(body=self.body)
        return entry_of(self.kind, made | {"ignoreErrors": self.ignore_errors})

    def templates(self) -> Iterator[Template]:
        """Yield the texts in the order in which the backend renders them."""
        yield Template("call, address", self.url, Phase.PERFORM)
        for name, text in self.headers.items():
            yield Template(f"call, {name}", text, Phase.PERFORM)
        if self.body is not None:
            yield Template("call, body", self.body, Phase.PERFORM)


@dataclass(frozen=True, slots=True)
class Rabbitmq:
    """Publishes the stored job (specification: action.rabbitmq)."""

    kind: ClassVar[str] = "rabbitmq"
    reaches_others: ClassVar[bool] = True
    exchange: str
    queue: str
    key: str
    broker: BrokerBehaviour = BrokerBehaviour.TAKES

    def entry(self, file_of: FileOf) -> dict[str, Any]:
        """Return the action as an entry of a job configuration."""
        del file_of
        return entry_of(
            self.kind, {"exchange": self.exchange, "queue": self.queue, "key": self.key}
        )

    def templates(self) -> Iterator[Template]:
        """Yield nothing: the backend renders no text of this action."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Validate:
    """Validates the request and its datasets: JSON schemas by JSONPath.

    Paths of ``request`` start at the request body, those of ``datasets`` at each listed dataset.
    Example: ``Validate({"jobParams.count": {"type": "number"}})``.
    """

    kind: ClassVar[str] = "validate"
    reaches_others: ClassVar[bool] = False
    request: Mapping[str, Any] = field(default_factory=dict)
    datasets: Mapping[str, Any] | None = None
    requests: Mapping[str, Any] | None = None
    """Paths under the key that the documentation misspells."""

    def entry(self, file_of: FileOf) -> dict[str, Any]:
        """Return the action as an entry of a job configuration."""
        del file_of
        # The option is left out when empty: an action may validate datasets only.
        made = {"request": dict(self.request) or None, "datasets": self.datasets}
        return entry_of(self.kind, made | {"requests": self.requests})

    def templates(self) -> Iterator[Template]:
        """Yield nothing: the backend renders no text of this action."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Error:
    """Refuses the operation in the validate phase; ``status`` None means 400."""

    kind: ClassVar[str] = "error"
    reaches_others: ClassVar[bool] = False
    message: Text
    status: int | None = None

    def entry(self, file_of: FileOf) -> dict[str, Any]:
        """Return the action as an entry of a job configuration."""
        del file_of
        return entry_of(self.kind, {"message": self.message.template, "status": self.status})

    def templates(self) -> Iterator[Template]:
        """Yield the message."""
        yield Template("error", self.message, Phase.VALIDATE)


@dataclass(frozen=True, slots=True)
class SwitchCase:
    """One case of a switch: exactly one of match, regex and schema, or none for the default.

    Example: ``SwitchCase.matching("archive", Log())``.
    """

    actions: tuple[Action, ...]
    match: Any = None
    regex: str | None = None
    schema: Mapping[str, Any] | bool | None = None
    """A JSON schema, which may be true or false."""
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

    def entry(self, file_of: FileOf) -> dict[str, Any]:
        """Return the case as an entry of a switch."""
        # ``match: null`` is a valid case, so None does not mean that the key is missing.
        made: dict[str, Any] = {"match": self.match} if self.is_match else {}
        if self.regex is not None:
            made["regex"] = self.regex
        if self.schema is not None:
            made["schema"] = self.schema if isinstance(self.schema, bool) else dict(self.schema)
        return {**made, "actions": [each.entry(file_of) for each in self.actions]}


@dataclass(frozen=True, slots=True)
class Switch:
    """Chooses other actions by a value (specification: action.switch).

    ``path`` is the option ``property``: a JSONPath over the template context. The actions of the
    first matching case run, and only in ``phase``.
    """

    kind: ClassVar[str] = "switch"
    reaches_others: ClassVar[bool] = False
    phase: Phase
    path: str
    cases: tuple[SwitchCase, ...]

    def entry(self, file_of: FileOf) -> dict[str, Any]:
        """Return the action as an entry of a job configuration, with the actions of its cases."""
        cases = [each.entry(file_of) for each in self.cases]
        return entry_of(
            self.kind, {"phase": str(self.phase), "property": self.path, "cases": cases}
        )

    def templates(self) -> Iterator[Template]:
        """Yield nothing: the texts of its cases are those of other actions (``unfolded``)."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Foreign:
    """An action type of a plugin, with its options and the effects that its probe predicts.

    ``fails`` is a pattern of the error that the action raises instead of causing the effects.
    """

    reaches_others: ClassVar[bool] = True
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    fails: str | None = None

    def entry(self, file_of: FileOf) -> dict[str, Any]:
        """Return the action as an entry of a job configuration, with its options as given."""
        del file_of
        # None may have a meaning for a plugin.
        return {"actionType": self.kind, **self.options}

    def templates(self) -> Iterator[Template]:
        """Yield nothing: only the probe knows which options are templates."""
        yield from ()


Action = Log | Email | Url | Rabbitmq | Validate | Error | Switch | Foreign


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
