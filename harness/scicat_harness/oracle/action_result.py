"""Doings: what one action does in one phase, and the facts its rules may ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scicat_harness.model.action import Action, Email, Log, Phase, Switch, SwitchCase, Url, Validate
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.request import Operation
from scicat_harness.model.text import FORGED, Text, pattern_of
from scicat_harness.oracle.action_context import ActionContext
from scicat_harness.oracle.answers import ReplyPattern
from scicat_harness.oracle.javascript import Pattern, loosely_equal
from scicat_harness.oracle.paths import distinct, filter_fails, first_wrong, satisfies, select
from scicat_harness.oracle.rule import Rule

__all__ = [
    "ActFacts",
    "ActRule",
    "ActionResult",
    "Do",
    "breaks_down",
    "entries",
    "failing",
    "paths_not_honoured",
    "refusing",
    "wrong_paths",
]


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What comes of one action: effects, what the client is told, and who comes next.

    ``told`` None: nothing against the request.
    ``late``: how long after others it refuses, 0 for at once; the earliest is told.
    ``notable``: the rule decides what the request comes to, even if nothing is told.
    """

    effects: tuple[Effect, ...] = ()
    told: ReplyPattern | None = None
    late: int = 0
    dies: bool = False
    notable: bool = False
    chosen: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class ActFacts:
    """An action, the phase it is in, and what it can see."""

    action: Action
    phase: Phase
    context: ActionContext
    label: str
    """The ``actionType`` an error is reported under."""

    @property
    def creating(self) -> bool:
        """Whether this is a create."""
        return self.context.operation is Operation.CREATE

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
        context = self.context.context()
        if job_hidden and "job" in context:
            context["job"] = {}
        return distinct(select(path, context))

    def matching(self, value: object, *, turn: int = 0) -> SwitchCase | str | None:
        """The first case of a switch that matches; a text where one cannot be tried.

        ``turn`` counts the times that a pattern that remembers was asked before.
        """
        assert isinstance(self.action, Switch)
        for case in self.action.cases:
            if case.schema is not None:
                matched = satisfies(value, case.schema)
            elif case.regex is not None:
                pattern = Pattern(case.regex)
                if not isinstance(value, str):
                    return "not-text"
                # One that remembers where it was looks behind the match the next time.
                matched = pattern.found(value) and not (pattern.remembers and turn % 2)
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


Do = Callable[[ActFacts], ActionResult]
ActRule = Rule[ActFacts, Do]

_JOB_ROOTS = ("job.", "$.job.")


def wrong_paths(facts: ActFacts) -> tuple[str | None, str | None]:
    """The first path that is missing, and the first with a value that its schema refuses.

    Only one of them is set: paths are looked at in order, those of the request first.
    """
    action = facts.action
    assert isinstance(action, Validate)
    return first_wrong(_roots(facts, honoured_only=True))


def paths_not_honoured(facts: ActFacts) -> tuple[str | None, str | None]:
    """The same, had everything that is configured been looked at."""
    return first_wrong(_roots(facts, honoured_only=False))


def breaks_down(facts: ActFacts) -> bool:
    """Whether a filter in a path asks nothing for a property before any path is found wrong."""
    for path, schema, root in _roots(facts, honoured_only=True):
        if filter_fails(path, root):
            return True
        if first_wrong([(path, schema, root)]) != (None, None):
            return False
    return False


def _roots(facts: ActFacts, *, honoured_only: bool) -> list[tuple[str, Any, object]]:
    """Paths with their schemas and what they start from, in the order they are looked at."""
    action = facts.action
    assert isinstance(action, Validate)
    paths = {**action.request, **({} if honoured_only else action.requests or {})}
    roots: list[tuple[str, Any, object]] = [
        (path, schema, facts.context.request) for path, schema in paths.items()
    ]
    if facts.creating or not honoured_only:
        roots += [
            (path, schema, dataset)
            for dataset in facts.context.datasets
            for path, schema in (action.datasets or {}).items()
        ]
    return roots


def entries(text: Text, rule: str) -> tuple[Effect, ...]:
    """What a log action writes: one entry, or more where its text forges some."""
    if text.unjudged:
        return (Effect(Channel.LOG, {"context": "LogJobAction", "text": text}, rule),)
    return tuple(
        Effect(Channel.LOG, {"context": "LogJobAction", "text": each}, rule)
        for each in text.means.split(FORGED)
    )


def refusing(status: int, message: str, *, late: int = 0) -> ActionResult:
    """The client is refused with a message, given as a pattern."""
    return ActionResult(told=ReplyPattern(status, message), late=late, notable=True)


def failing(facts: ActFacts, error: str) -> ActionResult:
    """The client is told that the input was wrong, though the job is stored."""
    text = (
        f"Invalid job input\\. Job '{pattern_of(facts.context.job_type)}' unable to perform action "
        f"'{facts.label}' due to {error}"
    )
    return ActionResult(told=ReplyPattern(400, text), notable=True)
