"""The variables, helpers, partials and branches of a Handlebars template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "Branch",
    "Condition",
    "Expression",
    "Helper",
    "Note",
    "Variable",
    "branch_of",
    "note_of",
]


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a template looks up.

    ``path`` starts at the root of the context, with the surrounding blocks resolved (``each``,
    ``with``, block parameters, ``../``). In it ``*`` is an item of a list, and ``?`` is the value
    before it or an item of that value. It is None if it depends on the values::

        {{#each job.jobParams.files}}{{name}}{{/each}}  # ("job", "jobParams", "files", "*", "name")
    """

    line: int
    column: int
    name: str
    path: tuple[str, ...] | None
    raw: bool
    """True for three braces or ``&``: nothing is escaped."""
    output: bool
    """True if the value itself is printed, not passed to a helper or tested by a block."""
    block: bool
    within: str | None
    """The helper that has it as an argument, or None."""


@dataclass(frozen=True, slots=True)
class Helper:
    """A call of a helper.

    ``params`` is the number of positional arguments, ``hash`` the names of the others. ``raw``,
    ``output``, ``block`` and ``within`` mean the same as for a variable.
    """

    line: int
    column: int
    name: str
    params: int
    literals: tuple[object, ...]
    """The positional arguments: values of literals, None for the others."""
    hash: tuple[str, ...]
    raw: bool
    output: bool
    block: bool
    within: str | None


@dataclass(frozen=True, slots=True)
class Note:
    """A partial or a decorator; the backend has neither."""

    line: int
    column: int
    kind: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression in a condition: a literal, a path from the root, a call, or unknown.

    ``(eq job.type "a")`` is ``Expression(call="eq", params=(Expression(path=("job", "type")),
    Expression(value="a")))``; one whose path depends on the place has neither.
    """

    value: Any = None
    path: tuple[str, ...] | None = None
    call: str = ""
    params: tuple[Expression, ...] = ()
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression that must be true, or false, for a branch to be rendered."""

    test: Expression
    truth: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """One side of a block.

    ``text`` is the opening tag, ``otherwise`` is True for the side of ``else``, also where there is
    none. ``conditions`` are those of the blocks around it, the outermost first.
    """

    line: int
    text: str
    otherwise: bool
    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        side = "else of " if self.otherwise else ""
        return f"line {self.line}: {side}{self.text}"


def branch_of(found: dict[str, Any]) -> Branch:
    """Return a branch from its form in the engine's answer."""
    conditions = (
        Condition(_expression(each["test"]), each["truth"]) for each in found["conditions"]
    )
    return Branch(found["line"], found["text"], found["otherwise"], tuple(conditions))


def _expression(found: dict[str, Any]) -> Expression:
    path = found.get("path")
    return Expression(
        value=found.get("value"),
        path=None if path is None else tuple(map(str, path)),
        call=found.get("call", ""),
        params=tuple(_expression(each) for each in found.get("params", ())),
        is_literal="value" in found,
    )


def note_of(found: dict[str, Any]) -> Variable | Helper | Note:
    """Return a variable, helper or note from its form in the engine's answer."""
    where = {name: found[name] for name in ("line", "column", "name")}
    # The forms are those of uses.js.
    if found["kind"] not in ("path", "helper"):
        return Note(**where, kind=found["kind"])
    how = {name: found[name] for name in ("raw", "output", "block")}
    within = found.get("within")
    if found["kind"] == "path":
        path = None if found["path"] is None else tuple(map(str, found["path"]))
        return Variable(**where, **how, within=within, path=path)
    literals, pairs = tuple(found["literals"]), tuple(found["hash"])
    params = found["params"]
    return Helper(**where, **how, within=within, params=params, literals=literals, hash=pairs)
