"""The variables, helpers and partials of a Handlebars template, found without rendering it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Helper", "Note", "Variable", "note_of"]


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
