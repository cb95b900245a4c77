"""Environment files as the backend reads them: the syntax of dotenv for Node.

python-dotenv reads some lines otherwise: ``A=x#y`` is ``x`` for the backend and ``x#y`` there, and
it refuses ``A: x``, values in backticks and quotes that are not closed (dotenv 17.4 and
python-dotenv 1.2 were compared).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["EnvVariable", "variables"]

_NAME = re.compile(r"^\s*(?:export\s+)?(?P<name>[\w.-]+)(?:\s*=|:\s)", re.MULTILINE | re.ASCII)
# Quotes may span lines. What follows them can only be a comment; otherwise they are no quotes.
_QUOTED = re.compile(
    r"\s*(?P<quote>['\"`])(?P<text>(?:\\(?P=quote)|(?!(?P=quote)).)*)(?P=quote)\s*?(?:#.*?)?$",
    re.MULTILINE | re.DOTALL,
)
_QUOTES = ("'", '"', "`")
_BARE = re.compile(r"[^#\n]*")
_REST = re.compile(r".*")


@dataclass(frozen=True, slots=True)
class EnvVariable:
    """One assignment; ``line`` counts from 1. ``repr`` leaves out the value: it may be secret."""

    name: str
    value: str = field(repr=False)
    line: int


def variables(text: str) -> Iterator[EnvVariable]:
    r"""Yield the assignments of an environment file in their order; other lines are skipped.

    The last assignment of a name is the one that counts. ``\n`` and ``\r`` within double quotes are
    line ends; nothing else is replaced, and variables in values are not expanded::

        {each.name: each.value for each in variables('export A="b # c" # d')}  # {"A": "b # c"}
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    position = 0
    while found := _NAME.search(text, position):
        value, position = _value(text, found.end())
        yield EnvVariable(found["name"], value, text.count("\n", 0, found.start("name")) + 1)


def _value(text: str, start: int) -> tuple[str, int]:
    """Return the value that begins at ``start``, and where the rest of the file begins."""
    quoted = _QUOTED.match(text, start)
    if quoted is not None:
        return _replaced(quoted["text"], quoted["quote"]), quoted.end()
    bare = _BARE.match(text, start)
    rest = _REST.match(text, start)
    assert bare is not None
    assert rest is not None
    value = bare[0].strip()
    first = value[:1]
    # Further quotes stand between these, as in 'it''s'.
    if len(value) > 1 and first in _QUOTES and value[-1] == first:
        value = value[1:-1]
    return _replaced(value, first), rest.end()


def _replaced(value: str, quote: str) -> str:
    # Also where the quote that opens the value is never closed.
    return value.replace("\\n", "\n").replace("\\r", "\r") if quote == '"' else value
