"""The result of one action in one phase, and the facts for its rules.

Source: specification: actions.phases, actions.failures.
"""

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
from scicat_harness.oracle.javascript import Pattern, is_text, loosely_equal
from scicat_harness.oracle.paths import distinct, filter_fails, first_wrong, satisfies, select
from scicat_harness.oracle.rule import Rule
from scicat_harness.oracle.unspecified import Unspecified

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
    """The result of one action in one phase: effects, reply, and the actions to run next.

    ``reply`` is the error that the client gets, None if the action does not fail. ``late`` is the
    rank of a refusal in time: 0 for at once; the earliest refusal becomes the reply. ``dies`` is
    True if the backend ends. ``notable`` is True if the rule of the action decides the outcome,
    also without a reply. ``chosen`` are the actions that a switch chooses.
    """

    effects: tuple[Effect, ...] = ()
    reply: ReplyPattern | None = None
    late: int = 0
    dies: bool = False
    notable: bool = False
    chosen: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class ActFacts:
    """Facts for the rules of actions: the action, its phase and its context."""

    action: Action
    phase: Phase
    context: ActionContext
    label: str
    """The ``actionType``, which error messages contain."""

    @property
    def creating(self) -> bool:
        """True for a create, False for an update."""
        return self.context.operation is Operation.CREATE

    @property
    def text(self) -> Text | None:
        """The text of a log action in this phase; None for other actions."""
        if not isinstance(self.action, Log):
            return None
        return self.action.validate if self.phase is Phase.VALIDATE else self.action.perform

    @property
    def broken(self) -> Text | None:
        """The first text of an email or url action that fails, without the address of the call.

        The address has rules of its own: as observed, ``ignoreErrors`` does not cover it.
        """
        texts: tuple[Text | None, ...] = ()
        if isinstance(self.action, Email):
            texts = (self.action.to, self.action.subject, self.action.body)
        elif isinstance(self.action, Url):
            texts = (*self.action.headers.values(), self.action.body)
        return next((each for each in texts if each is not None and each.fails), None)

    @property
    def ignores_errors(self) -> bool:
        """True if the action has ``ignoreErrors: true``."""
        return isinstance(self.action, Email | Url) and bool(self.action.ignore_errors)

    def selected(self, path: str, *, job_hidden: bool) -> list[object]:
        """Return the distinct values at a path; with ``job_hidden`` the job has no properties."""
        context = self.context.context()
        if job_hidden and "job" in context:
            context["job"] = {}
        return distinct(select(path, context))

    def matching(self, value: object, *, turn: int | None = 0) -> SwitchCase | str | None:
        """Return the first case of a switch that matches ``value``, or None.

        The text ``not-text`` is returned if a regex comes first and the value is no text: such a
        request is refused. ``turn`` is the number of earlier requests, for a regex with flag ``g``
        or ``y``; with None such a regex raises Unspecified for a text that it finds.
        """
        assert isinstance(self.action, Switch)
        # The keys in this order: schema wins over regex, regex over match.
        for case in self.action.cases:
            if case.schema is not None:
                matched = satisfies(value, case.schema)
            elif case.regex is not None:
                pattern = Pattern(case.regex)
                if not is_text(value):
                    return "not-text"
                # With flag g or y a regex continues behind its last match at the next request. The
                # values of our cases match once, so every other request finds nothing.
                matched = pattern.found(value)
                if matched and pattern.remembers:
                    if turn is None:
                        raise Unspecified(
                            f"the regex {case.regex} goes on behind its last match, so earlier "
                            "requests decide whether it matches"
                        )
                    matched = not turn % 2
            elif case.is_match:
                matched = loosely_equal(value, case.match)
            else:
                matched = True
            if matched:
                return case
        return None

    @property
    def undecided(self) -> bool:
        """True for a switch over a property of the job before an update, where it is hidden."""
        hidden = self.phase is Phase.VALIDATE and not self.creating
        return (
            hidden and isinstance(self.action, Switch) and self.action.path.startswith(_JOB_ROOTS)
        )


Do = Callable[[ActFacts], ActionResult]
ActRule = Rule[ActFacts, Do]

_JOB_ROOTS = ("job.", "$.job.")


def wrong_paths(facts: ActFacts) -> tuple[str | None, str | None]:
    """Return the first path without a value, and the first with a value that its schema refuses.

    At most one of them is set: paths are checked in order, those of the request first, and the
    first failure is the reply.
    """
    action = facts.action
    assert isinstance(action, Validate)
    return first_wrong(_roots(facts, honoured_only=True))


def paths_not_honoured(facts: ActFacts) -> tuple[str | None, str | None]:
    """Return the same for all configured paths, those included that the backend ignores.

    It ignores ``requests``, a misspelling of the documentation, and ``datasets`` on update.
    """
    return first_wrong(_roots(facts, honoured_only=False))


def breaks_down(facts: ActFacts) -> bool:
    """Return whether a filter asks null for a property before another path fails.

    In the backend such a filter is an error, with which the whole action ends.
    """
    for path, schema, root in _roots(facts, honoured_only=True):
        if filter_fails(path, root):
            return True
        if first_wrong([(path, schema, root)]) != (None, None):
            return False
    return False


def _roots(facts: ActFacts, *, honoured_only: bool) -> list[tuple[str, Any, object]]:
    """Return the paths with their schemas and start documents, in the order of the checks."""
    action = facts.action
    assert isinstance(action, Validate)
    paths = {**action.request, **({} if honoured_only else action.requests or {})}
    context = facts.context.context()
    roots: list[tuple[str, Any, object]] = [
        (path, schema, context["request"]) for path, schema in paths.items()
    ]
    if facts.creating or not honoured_only:
        # Dataset by dataset, each with all its paths.
        roots += [
            (path, schema, dataset)
            for dataset in context["datasets"]
            for path, schema in (action.datasets or {}).items()
        ]
    return roots


def entries(text: Text, rule: str) -> tuple[Effect, ...]:
    """Return the log entries of a text: one, or more if the text contains forged heads.

    ``rule`` is the id of the rule that requires them.
    """
    # The meaning of an unjudged text is unknown, so it cannot be split.
    if text.unjudged:
        return (Effect(Channel.LOG, {"context": "LogJobAction", "text": text}, rule),)
    return tuple(
        Effect(Channel.LOG, {"context": "LogJobAction", "text": each}, rule)
        for each in text.means.split(FORGED)
    )


def refusing(status: int, message: str, *, late: int = 0) -> ActionResult:
    """Return a refusal with a status and a message, given as a pattern."""
    return ActionResult(reply=ReplyPattern(status, message), late=late, notable=True)


def failing(facts: ActFacts, error: str) -> ActionResult:
    """Return the failure of an action in the perform phase: 400, although the job is stored.

    ``error`` is a pattern such as ``TypeError: fetch failed``.
    """
    text = (
        f"Invalid job input\\. Job '{pattern_of(facts.context.job_type)}' unable to perform action "
        f"'{facts.label}' due to {error}"
    )
    return ActionResult(reply=ReplyPattern(400, text), notable=True)
