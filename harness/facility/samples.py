"""Samples: values that satisfy a schema, that do not, and that a case of a switch matches.

A sample is proposed and then held against the schema or case itself, so that what cannot be
proposed is said to be out of reach instead of being wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from rstr import Rstr

from harness.model.action import SwitchCase
from harness.oracle.javascript import Pattern, loosely_equal
from harness.oracle.paths import satisfies

__all__ = ["NO_SAMPLE", "matching", "satisfying", "unsatisfying"]


class _NoSample:
    def __repr__(self) -> str:
        return "no sample"


NO_SAMPLE = _NoSample()
_SEED = 20240702
_MOST_REPEATS = 3
_PLAIN: tuple[Any, ...] = (
    "harness",
    1,
    True,
    None,
    [],
    {},
    -1,
    0.5,
    "",
    ["harness"],
    {"harness": 1},
)
"""Proposals for whatever is asked for."""


def satisfying(schema: Any) -> Any:
    """A value that satisfies a schema, or NO_SAMPLE."""
    return next((each for each in _proposed(schema) if _fits(each, schema)), NO_SAMPLE)


def unsatisfying(schema: Any) -> Any:
    """A value that does not, as like one that does as possible; or NO_SAMPLE."""
    right = satisfying(schema)
    near: list[Any] = []
    if isinstance(right, bool):
        near = [not right]
    elif isinstance(right, str):
        near = [f"not-{right}", right.upper()]
    elif isinstance(right, int | float):
        near = [right - 1, right + 1]
    return next((each for each in (*near, *_PLAIN) if not _fits(each, schema)), NO_SAMPLE)


def matching(cases: tuple[SwitchCase, ...], index: int) -> Any:
    """A value for which the case is the first that matches, or NO_SAMPLE."""
    for value in _proposals(cases, index):
        chosen = next((n for n, case in enumerate(cases) if _matches(case, value)), None)
        if chosen == index and not _breaks(cases[:index], value):
            return value
    return NO_SAMPLE


def _proposals(cases: tuple[SwitchCase, ...], index: int) -> Iterator[Any]:
    case = cases[index]
    if case.schema is not None:
        yield from _proposed(case.schema)
    elif case.regex is not None:
        yield from _like(case.regex)
    elif case.is_match:
        yield case.match
    else:
        yield from ("harness-other", "", 12345, None)


def _matches(case: SwitchCase, value: Any) -> bool:
    if case.schema is not None:
        return _fits(value, case.schema)
    if case.regex is not None:
        try:
            return isinstance(value, str) and Pattern(case.regex).found(value)
        except (re.error, IndexError):
            return False
    return loosely_equal(value, case.match) if case.is_match else True


def _breaks(earlier: tuple[SwitchCase, ...], value: Any) -> bool:
    """Whether a pattern before it is held against something that is no text."""
    return not isinstance(value, str) and any(
        each.regex is not None and each.schema is None for each in earlier
    )


def _fits(value: Any, schema: Any) -> bool:
    return isinstance(schema, Mapping) and satisfies(value, schema)


def _proposed(schema: Any) -> Iterator[Any]:
    if not isinstance(schema, Mapping):
        return
    if "const" in schema:
        yield schema["const"]
    yield from schema.get("enum") or ()
    for name in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(name) or ():
            yield from _proposed(each)
    kinds = schema.get("type")
    for kind in [kinds] if isinstance(kinds, str) else kinds or ():
        yield from _of_kind(str(kind), schema)
    yield from _of_kind("object", schema)
    yield from _of_kind("string", schema)
    yield from _PLAIN


def _of_kind(kind: str, schema: Mapping[str, Any]) -> Iterator[Any]:
    if kind == "string":
        if "pattern" in schema:
            yield from _like(f"/{schema['pattern']}/")
        length = max(int(schema.get("minLength") or 0), 1)
        yield from ("harness" if length <= 7 else "h" * length, "h" * length)
        yield from ("contact@elsewhere.example", "2024-07-02T09:00:00.000Z")
    elif kind in ("integer", "number"):
        yield from _numbers(schema)
    elif kind == "array":
        item = satisfying(schema.get("items") or {})
        yield [item] * max(int(schema.get("minItems") or 0), 1)
    elif kind == "object":
        known = schema.get("properties") or {}
        names = [*known, *(each for each in schema.get("required") or () if each not in known)]
        yield {name: satisfying(known.get(name, {})) for name in names}


def _numbers(schema: Mapping[str, Any]) -> Iterator[Any]:
    for name, step in (
        ("minimum", 0),
        ("exclusiveMinimum", 1),
        ("maximum", 0),
        ("exclusiveMaximum", -1),
        ("multipleOf", 0),
    ):
        bound = schema.get(name)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            yield bound + step
    yield 1


def _like(written: str) -> Iterator[str]:
    """Texts in which a pattern is found; the same ones every time."""
    body = written[1:].rpartition("/")[0]
    # First the plain words of the pattern, which read like what people send.
    yield from re.findall(r"[\w-]+(?: [\w-]+)*", re.sub(r"\\.|[\^$]", "|", body))
    try:
        made = Rstr(Random(_SEED)).xeger(re.sub(r"[*+]|\{\d+,\}", _bounded, body))
    except (re.error, ValueError, KeyError, TypeError):
        return
    yield made


def _bounded(found: re.Match[str]) -> str:
    lower = {"*": 0, "+": 1}.get(found[0])
    lower = int(found[0][1:-2]) if lower is None else lower
    return f"{{{lower},{lower + _MOST_REPEATS}}}"
