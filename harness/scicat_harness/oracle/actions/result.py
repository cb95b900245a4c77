"""The result of one action in one phase, and the facts for its rules.

Source: specification: actions.phases, actions.failures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from scicat_harness.model.action import Action
from scicat_harness.model.effect import Effect
from scicat_harness.model.option import Phase
from scicat_harness.model.request import Operation
from scicat_harness.model.text import pattern_of
from scicat_harness.oracle.actions.context import ActionContext
from scicat_harness.oracle.answers import ReplyPattern
from scicat_harness.oracle.rule import Rule, RuleTable

__all__ = [
    "IGNORED",
    "ActFacts",
    "ActRule",
    "ActTable",
    "ActionResult",
    "ActionRules",
    "Do",
    "failing",
    "refusing",
]

A = TypeVar("A", bound=Action)


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


# Notable: the failure decides the outcome, although there is no reply.
IGNORED = ActionResult(notable=True)
"""The result of a failure without consequences: no effect, no error, the next action runs."""


@dataclass(frozen=True, slots=True)
class ActFacts(Generic[A]):
    """Facts for the rules of actions: the action, its phase and its context."""

    action: A
    phase: Phase
    context: ActionContext

    @property
    def creating(self) -> bool:
        """True for a create, False for an update."""
        return self.context.operation is Operation.CREATE

    @property
    def fails(self) -> str | None:
        """The error of the first text that cannot be rendered in this phase, as a pattern."""
        rendered = (each.text for each in self.action.templates() if each.phase is self.phase)
        return next((text.fails for text in rendered if text.fails is not None), None)


Do = Callable[[ActFacts[A]], ActionResult]
ActRule = Rule[ActFacts[A], Do[A]]
ActTable = RuleTable[ActFacts[A], Do[A]]


@dataclass(frozen=True)
class ActionRules(Generic[A]):
    """The rules of an action type: a table for each phase. Those of a switch are the same."""

    validating: ActTable[A]
    performing: ActTable[A]

    def table(self, phase: Phase) -> ActTable[A]:
        """Return the table of a phase."""
        return self.validating if phase is Phase.VALIDATE else self.performing


def refusing(status: int, message: str, *, late: int = 0) -> ActionResult:
    """Return a refusal with a status and a message, given as a pattern."""
    return ActionResult(reply=ReplyPattern(status, message), late=late, notable=True)


def failing(facts: ActFacts[A], error: str) -> ActionResult:
    """Return the failure of an action in the perform phase: 400, although the job is stored.

    ``error`` is a pattern such as ``TypeError: fetch failed``.
    """
    text = (
        f"Invalid job input\\. Job '{pattern_of(facts.context.job_type)}' unable to perform action "
        f"'{facts.action.kind}' due to {error}"
    )
    return ActionResult(reply=ReplyPattern(400, text), notable=True)
