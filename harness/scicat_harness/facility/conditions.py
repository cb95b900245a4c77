"""Conditions on values of a request, a job or its datasets, and assignments that meet them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.facility.samples import LARGEST, fits, proposals
from scicat_harness.oracle.javascript import UNDEFINED

__all__ = [
    "DATASETS",
    "ENV",
    "JOB",
    "REQUEST",
    "Assignment",
    "Condition",
    "OutOfReach",
    "Root",
    "measured",
    "satisfies_schema",
]


class OutOfReach(Exception):
    """No request of the plan can have this; the text is the reason."""


Root = str
REQUEST, DATASETS, JOB, ENV = "request", "datasets", "job", "env"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value at a path below a root; with ``absent`` the path must not exist."""

    root: Root
    steps: tuple[str, ...]
    """Names, ``*`` or indices; no steps below datasets stand for any dataset."""
    value: Any = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What the value at a path must be.

    ``proposed`` gives values to try, and ``holds`` decides. ``schema`` is set for a JSON schema,
    which is applied to conditions below the path as well. ``unmet`` is the sentence for the case
    that no value is known. With ``by_backend`` the configuration does not ask for it: it restricts
    the values of other conditions only.
    """

    root: Root
    steps: tuple[str, ...]
    holds: Callable[[Any], bool]
    proposed: Callable[[], Sequence[Any]]
    unmet: str
    schema: Any = None
    by_backend: bool = False
    completed: Callable[[Any], Iterator[Any]] | None = None
    """With ``by_backend``: the values to try for one that is proposed."""


def measured(condition: Condition) -> Condition:
    """Return a condition on the length of a value as one on the value itself.

    The backend's library takes ``length`` at the end of a path for the property that texts and
    lists have in JavaScript. Raises OutOfReach if no length up to 1,000 is known that does.
    """
    *steps, last = condition.steps
    if last != "length" or not steps:
        return condition
    tried = (1, 2, 0, *range(3, 30), *condition.proposed())
    lengths = (each for each in tried if isinstance(each, int) and 0 <= each <= LARGEST)
    length = next((each for each in lengths if condition.holds(each)), None)
    if length is None:
        raise OutOfReach(condition.unmet)
    names = ("minItems", "maxItems", "minLength", "maxLength")
    schema = dict.fromkeys(names, length)
    return replace(
        condition,
        steps=tuple(steps),
        holds=lambda value: isinstance(value, str | list) and condition.holds(len(value)),
        proposed=lambda: proposals(schema),
        schema=schema,
    )


def satisfies_schema(root: Root, steps: tuple[str, ...], schema: Any, unmet: str) -> Condition:
    """Return the condition that there is a value, and that it satisfies a JSON schema."""
    return Condition(
        root,
        steps,
        lambda value: value is not UNDEFINED and fits(value, schema),
        lambda: proposals(schema),
        unmet,
        schema,
    )
