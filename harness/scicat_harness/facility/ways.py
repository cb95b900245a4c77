"""Ways through the switches of an operation, and the conditions under which each is taken."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.facility.conditions import DATASETS, Condition, OutOfReach, Root, measured
from scicat_harness.facility.pathsteps import FilterTest, parsed_path
from scicat_harness.facility.switchvalues import chooses_case, proposals_of_case
from scicat_harness.facility.wrongvalues import violations
from scicat_harness.model.action import Action, Switch, SwitchCase
from scicat_harness.oracle.datasets import CHOSEN_TIMES
from scicat_harness.oracle.javascript import UNDEFINED
from scicat_harness.oracle.work import TooMuch

__all__ = ["Way", "compared", "ways"]

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("==", "==="), operator.eq),
    **dict.fromkeys(("!=", "!=="), operator.ne),
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(slots=True)
class Way:
    """A way through the switches, with the conditions that take it."""

    name: str = ""
    chosen: tuple[tuple[Switch, SwitchCase], ...] = ()
    needs: tuple[Condition, ...] = ()
    reason: str = ""
    actions: list[Action] = field(default_factory=list)


def ways(actions: Sequence[Action], way: Way) -> Iterator[Way]:
    """Yield the way without a chosen case, then each case of each switch, nested ones after it."""
    yield way
    for position, action in enumerate(actions):
        if not isinstance(action, Switch):
            continue
        for index, case in enumerate(action.cases):
            name = f"{way.name}-" if way.name else ""
            further = Way(
                f"{name}switch-{position + 1}-{_condition_of(case)}-{index + 1}",
                (*way.chosen, (action, case)),
                way.needs,
                way.reason,
                [*way.actions, *case.actions],
            )
            _reach(action, index, further)
            yield from ways(case.actions, further)


def _condition_of(case: SwitchCase) -> str:
    if case.schema is not None:
        return "schema"
    if case.regex is not None:
        return "regex"
    return "match" if case.is_match else "default"


def _reach(switch: Switch, index: int, way: Way) -> None:
    """Add the condition that a switch chooses a case."""
    cases, number = switch.cases, index + 1
    try:
        root, steps, further = parsed_path(switch.path, from_context=True)
    except OutOfReach:
        # Nothing is assigned; the oracle says whether a request leads there all the same.
        return
    except TooMuch as much:
        way.reason = way.reason or f"case {number} of the switch on {switch.path}: {much}"
        return
    chosen = Condition(
        root,
        steps,
        lambda value: chooses_case(cases, index, value),
        lambda: _proposed_for(cases, index),
        # Earlier cases may take every value that this one would take.
        f"the harness found no value for which case {number} of the switch on {switch.path} is the "
        "first that matches",
    )
    try:
        way.needs = (*way.needs, *_leading_to(chosen, further, cases, index))
    except (OutOfReach, TooMuch) as reason:
        way.reason = way.reason or str(reason)


def _leading_to(
    chosen: Condition, further: Sequence[FilterTest], cases: tuple[SwitchCase, ...], index: int
) -> Iterator[Condition]:
    """Yield the conditions under which a path leads to a case, also by selecting nothing."""
    root, steps = chosen.root, chosen.steps
    if root == DATASETS and steps[0] in CHOSEN_TIMES and chooses_case(cases, index, UNDEFINED):
        # Datasets have no such time unless a request chooses one; a list there must be.
        yield replace(chosen, steps=("pid",), holds=lambda _: True)
    elif further and chooses_case(cases, index, UNDEFINED):
        # Where the filter takes nothing, the path selects nothing.
        yield compared(root, further[0], truth=False)
    else:
        yield measured(chosen)
        yield from (compared(root, each) for each in further)


def _proposed_for(cases: tuple[SwitchCase, ...], index: int) -> list[Any]:
    """Return values that a case may match, and values that schemas of earlier ones refuse.

    The last one stands for a path that selects nothing.
    """
    earlier = (each.schema for each in cases[:index] if each.schema is not None)
    refused = [value for schema in earlier for value in violations(schema)]
    return [*proposals_of_case(cases[index]), *refused, UNDEFINED]


def compared(root: Root, asked: FilterTest, *, truth: bool = True) -> Condition:
    """Return the condition that a filter takes a value; with ``truth=False`` that it does not."""
    name, wanted = ".".join(asked.steps), asked.value
    signs = asked.sign if truth else f"not {asked.sign}"
    return Condition(
        root,
        asked.steps,
        lambda value: _takes(asked, value) is truth,
        lambda: [wanted, *_near(wanted)],
        f"no {name} is known that is {signs} {wanted!r}",
    )


def _takes(asked: FilterTest, value: Any) -> bool:
    of_a_kind = isinstance(value, str) is isinstance(asked.value, str)
    if not of_a_kind or not isinstance(value, str | int | float):
        return asked.sign.startswith("!")
    return bool(_SIGNS[asked.sign](value, asked.value))


def _near(wanted: Any) -> list[Any]:
    return [f"not-{wanted}", ""] if isinstance(wanted, str) else [wanted + 1, wanted - 1, 0]
