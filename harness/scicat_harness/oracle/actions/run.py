"""Runs of actions: the actions of one permitted operation, from validation to the last effect.

In the validate phase all actions run, and the earliest refusal is the reply. In the perform phase
they run one by one until one fails. Sources: specification: actions.phases; observed v5.2.1 for the
order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.model.action import Action
from scicat_harness.model.effect import Effect
from scicat_harness.model.option import Phase
from scicat_harness.model.text import Quirk
from scicat_harness.oracle.actions.context import ActionContext
from scicat_harness.oracle.actions.kinds import rules_of
from scicat_harness.oracle.actions.quirks import QUIRKS, as_read
from scicat_harness.oracle.actions.result import ActFacts, ActionResult
from scicat_harness.oracle.answers import ReplyPattern
from scicat_harness.oracle.rule import Decided, Reading, Rule, RuleTable, View

__all__ = ["ORDERING", "ActionRun", "run_actions"]

Path = list[Decided[Any, Any]]
_LATER = 3
"""Added to ``late`` for each enclosing switch: more than a schema on create (1) or a switch (2)."""


@dataclass(slots=True)
class ActionRun:
    """The result of all actions of an operation.

    ``reply`` is the error that the client gets, None for success. ``refused`` is True if nothing
    was stored or changed, ``dies`` if the backend ends. ``deciding`` is the id of the rule that
    decided the outcome, None if all actions ran as configured. ``path`` are the decisions of all
    tables.
    """

    effects: list[Effect] = field(default_factory=list)
    path: Path = field(default_factory=list)
    reply: ReplyPattern | None = None
    refused: bool = False
    dies: bool = False
    deciding: str | None = None

    def note(self, rule: str, result: ActionResult) -> None:
        """Note the rule of a result: the first notable one decides, unless a later one replies."""
        if result.notable and (self.deciding is None or result.reply is not None):
            self.deciding = rule


@dataclass(frozen=True, slots=True)
class _Refusals:
    """The refusals of a validate phase, in the order of their actions."""

    found: tuple[tuple[str, ActionResult], ...]

    @property
    def overtaken(self) -> bool:
        """True if another refusal comes earlier than the first of the list."""
        return _earliest(self) != _first(self)


def _first(refusals: _Refusals) -> tuple[str, ActionResult]:
    return refusals.found[0]


# min() returns the first of equal ones, so the list decides between refusals at the same time.
def _earliest(refusals: _Refusals) -> tuple[str, ActionResult]:
    return min(refusals.found, key=lambda each: each[1].late)


ORDERING: RuleTable[_Refusals, Callable[[_Refusals], tuple[str, ActionResult]]] = RuleTable(
    "ordering",
    (
        Rule(
            "actions.order.overtaken",
            "a refusal inside a switch comes after others, and on create one by validate after one "
            "by error, wherever they stand",
            "observed v5.2.1",
            lambda f: f.overtaken,
            _earliest,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.order.first",
            "of several refusals the first in the list is the reply",
            "specification: actions.phases",
            lambda _: True,
            _first,
        ),
    ),
)


def run_actions(
    actions: Sequence[Action],
    context: ActionContext,
    view: View,
    store: Callable[[ActionContext], ActionContext],
) -> ActionRun:
    """Return the result of the actions of an operation.

    ``context`` is that of the validate phase; ``store`` returns that of the perform phase. Actions
    perform only if none refuses.
    """
    made = ActionRun()
    _validate(actions, context, view, made)
    if not made.refused:
        _perform(actions, store(context), view, made)
    return made


def _validate(
    actions: Sequence[Action], context: ActionContext, view: View, made: ActionRun
) -> None:
    refusals: list[tuple[str, ActionResult]] = []
    for rule, result in _results(actions, _Place(Phase.VALIDATE, context), view, made):
        made.effects += result.effects
        if result.dies:
            made.note(rule, result)
            # The backend has ended before this request, so not even the log lines are written.
            made.effects, made.refused, made.dies = [], True, True
            return
        # All actions validate, because a later one in the list may refuse earlier in time.
        if result.reply is not None:
            refusals.append((rule, result))
        else:
            made.note(rule, result)
    if not refusals:
        return
    decided = ORDERING.decide(_Refusals(tuple(refusals)), view)
    made.path.append(decided)
    rule, result = decided.rule.verdict(_Refusals(tuple(refusals)))
    # If the order itself deviates, its rule decides in place of the rule of the action.
    made.note(rule if decided.rule.reading is None else decided.rule.id, result)
    made.reply, made.refused = result.reply, True


def _perform(
    actions: Sequence[Action], context: ActionContext, view: View, made: ActionRun
) -> None:
    for rule, result in _results(actions, _Place(Phase.PERFORM, context), view, made):
        made.effects += result.effects
        made.note(rule, result)
        # The first failure ends the list; effects of earlier actions stay.
        if result.reply is not None or result.dies:
            made.reply, made.dies = result.reply, result.dies
            return


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of actions: phase, context, and the number of enclosing switches."""

    phase: Phase
    context: ActionContext
    depth: int = 0

    def inside(self) -> _Place:
        """Return the place of the actions that a switch chooses."""
        return replace(self, depth=self.depth + 1)


def _results(
    actions: Iterable[Action], place: _Place, view: View, made: ActionRun
) -> Iterable[tuple[str, ActionResult]]:
    """Yield the deciding rule and the result of each action; a switch is followed by its choice."""
    for action in actions:
        for quirk in _quirks(action, place.phase):
            _follow_quirk(quirk, view, made)
        facts = ActFacts(as_read(action, view.reading), place.phase, place.context)
        decided = rules_of(action).table(place.phase).decide(facts, view)
        made.path.append(decided)
        result = decided.rule.verdict(facts)
        assert isinstance(result, ActionResult)
        yield decided.rule.id, replace(result, late=result.late + _LATER * place.depth)
        if result.chosen:
            yield from _results(result.chosen, place.inside(), view, made)


def _quirks(action: Action, phase: Phase) -> list[Quirk | None]:
    """Return the quirks of the texts of a phase; a single None if there are texts without any.

    The list is empty for an action without texts.
    """
    quirks = [each.text.quirk for each in action.templates() if each.phase is phase]
    # One None is enough for the rule that texts are rendered as configured.
    return [each for each in quirks if each is not None] or quirks[:1]


def _follow_quirk(quirk: Quirk | None, view: View, made: ActionRun) -> None:
    # Texts without a quirk, too, so that the rule for them is part of the path.
    decided = QUIRKS.decide(quirk, view)
    made.path.append(decided)
    made.note(decided.rule.id, ActionResult(notable=quirk is not None))
