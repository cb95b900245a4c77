"""What a Handlebars template uses, as far as can be seen without rendering it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Helper", "Note", "Variable", "note_of"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that is looked up.

    ``path`` is where it is looked up from the root of the context, with what surrounds it
    resolved (``each``, ``with``, block parameters, ``../``): ``*`` is an item of a list, ``?`` the
    value before it or an item of that. It is None where only rendering would tell.
    """

    line: int
    column: int
    name: str
    path: tuple[str, ...] | None
    raw: bool
    """Written with three braces (or ``&``): nothing is escaped."""
    output: bool
    """Printed as it is, rather than handed to a helper or asked about."""
    block: bool
    within: str | None
    """The helper it is handed to."""


@dataclass(frozen=True, slots=True)
class Helper:
    """A helper that is called, with the number of its arguments."""

    line: int
    column: int
    name: str
    params: int
    literals: tuple[object, ...]
    """The arguments that are literals, None for the others."""
    hash: tuple[str, ...]
    raw: bool
    output: bool
    block: bool
    within: str | None


@dataclass(frozen=True, slots=True)
class Note:
    """A partial or a decorator, which the backend has none of."""

    line: int
    column: int
    kind: str
    name: str | None


def note_of(found: dict[str, Any]) -> Variable | Helper | Note:
    """One thing a template uses, from the engine's answer."""
    where = {name: found[name] for name in ("line", "column", "name")}
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
