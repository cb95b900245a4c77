"""Doings: what one action does in one phase, and the facts its rules may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jsonpath import JSONPathError, findall
from jsonschema import Draft7Validator

from harness.model.action import Action, Email, Log, Phase, Switch, SwitchCase, Url, Validate
from harness.model.effect import Channel, Effect
from harness.model.request import Operation
from harness.model.text import FORGED, Text, pattern_of
from harness.oracle.answers import Reply
from harness.oracle.javascript import UNDEFINED, Pattern, loosely_equal
from harness.oracle.rule import Rule
from harness.oracle.scene import Scene

__all__ = ["ActFacts", "ActRule", "Do", "Doing", "entries", "failing", "refusing", "wrong_paths"]


@dataclass(frozen=True, slots=True)
class Doing:
    """What comes of one action: effects, what the client is told, and who comes next.

    ``told`` None: nothing against the request. ``late``: told only if nobody else refuses.
    ``notable``: the rule decides what the request comes to, even if nothing is told.
    """

    effects: tuple[Effect, ...] = ()
    told: Reply | None = None
    late: bool = False
    dies: bool = False
    notable: bool = False
    chosen: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class ActFacts:
    """An action, the phase it is in, and what it can see."""

    action: Action
    phase: Phase
    scene: Scene
    label: str
    """The ``actionType`` an error is reported under."""

    @property
    def creating(self) -> bool:
        """Whether this is a create."""
        return self.scene.operation is Operation.CREATE

    @property
    def text(self) -> Text | None:
        """The text of a log action for this phase."""
        if not isinstance(self.action, Log):
            return None
        return self.action.validate if self.phase is Phase.VALIDATE else self.action.perform

    @property
    def broken(self) -> Text | None:
        """The first text of a mail or call, apart from the address called, that fails."""
        texts: tuple[Text | None, ...] = ()
        if isinstance(self.action, Email):
            texts = (self.action.to, self.action.subject, self.action.body)
        elif isinstance(self.action, Url):
            texts = (*self.action.headers.values(), self.action.body)
        return next((each for each in texts if each is not None and each.fails), None)

    @property
    def ignores_errors(self) -> bool:
        """Whether the action is told to ignore its errors."""
        return isinstance(self.action, Email | Url) and bool(self.action.ignore_errors)

    def selected(self, path: str, *, job_hidden: bool) -> list[object]:
        """The distinct values at a path over the template context."""
        context = self.scene.context()
        if job_hidden and "job" in context:
            context["job"] = {}
        return _distinct(_select(path, context))

    def matching(self, value: object) -> SwitchCase | str | None:
        """The first case of a switch that matches; a text where one cannot be tried."""
        assert isinstance(self.action, Switch)
        for case in self.action.cases:
            if case.schema is not None:
                matched = Draft7Validator(case.schema).is_valid(_plain(value))
            elif case.regex is not None:
                pattern = Pattern(case.regex)
                if not isinstance(value, str):
                    return "not-text"
                # One that remembers where it was looks behind the match the next time.
                matched = pattern.found(value) and not (pattern.remembers and self.scene.turn % 2)
            elif case.is_match:
                matched = loosely_equal(value, case.match)
            else:
                matched = True
            if matched:
                return case
        return None

    @property
    def undecided(self) -> bool:
        """Whether a switch asks for a part of the job before an update (observed: hidden)."""
        hidden = self.phase is Phase.VALIDATE and not self.creating
        return (
            hidden and isinstance(self.action, Switch) and self.action.path.startswith(_JOB_ROOTS)
        )


Do = Callable[[ActFacts], Doing]
ActRule = Rule[ActFacts, Do]

_JOB_ROOTS = ("job.", "$.job.")


def wrong_paths(facts: ActFacts) -> tuple[str | None, str | None]:
    """The first path that is missing, and the first with a value that its schema refuses.

    Only one of them is set: paths are looked at in order, those of the request first.
    """
    action = facts.action
    assert isinstance(action, Validate)
    roots: list[tuple[str, Any, object]] = [
        (path, schema, facts.scene.request) for path, schema in action.request.items()
    ]
    if facts.creating:
        roots += [
            (path, schema, dataset)
            for path, schema in (action.datasets or {}).items()
            for dataset in facts.scene.datasets
        ]
    for path, schema, root in roots:
        found = _select(path, root)
        if not found:
            return path, None
        if not all(Draft7Validator(schema).is_valid(_plain(value)) for value in found):
            return None, path
    return None, None


def entries(means: str, rule: str) -> tuple[Effect, ...]:
    """What a log action writes: one entry, or more where its text forges some."""
    return tuple(
        Effect(Channel.LOG, {"context": "LogJobAction", "text": each}, rule)
        for each in means.split(FORGED)
    )


def refusing(status: int, message: str, *, late: bool = False) -> Doing:
    """The client is refused with a message, given as a pattern."""
    return Doing(told=Reply(status, message), late=late, notable=True)


def failing(facts: ActFacts, error: str) -> Doing:
    """The client is told that the input was wrong, though the job is stored."""
    text = (
        f"Invalid job input\\. Job '{pattern_of(facts.scene.job_type)}' unable to perform action "
        f"'{facts.label}' due to {error}"
    )
    return Doing(told=Reply(400, text), notable=True)


def _select(path: str, root: object) -> list[object]:
    try:
        return list(findall(path if path.startswith("$") else f"$.{path}", root))  # type: ignore[arg-type]
    except JSONPathError as error:
        raise AssertionError(f"path {path!r} of a configuration of ours: {error}") from None


def _distinct(values: list[object]) -> list[object]:
    found: list[object] = []
    for value in values:
        if not any(value == each and type(value) is type(each) for each in found):
            found.append(value)
    return found


def _plain(value: object) -> object:
    return None if value is UNDEFINED else value
