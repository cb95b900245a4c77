"""Samples: values that satisfy a schema, that do not, and that a case of a switch matches.

A sample is proposed and then held against the schema or case itself, so that what cannot be
proposed is said to be out of reach instead of being wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

from rstr import Rstr

from scicat_harness.model.action import SwitchCase
from scicat_harness.oracle.javascript import Pattern, loosely_equal
from scicat_harness.oracle.matching import longest
from scicat_harness.oracle.paths import satisfies
from scicat_harness.oracle.work import TooMuch, bounded, spend

__all__ = ["LARGEST", "NO_SAMPLE", "matching", "satisfying", "unsatisfying"]


class _NoSample:
    def __repr__(self) -> str:
        return "no sample"


NO_SAMPLE = _NoSample()
LARGEST = 1_000
"""Characters of a text, items of a list, properties of an object; and values in one sample."""
_DEEPEST = 20
_MOST_PROPOSALS = 200
_MOST_STEPS = 300_000
"""For one sample."""
_FIXED_SEED = 20240702
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
    """A value that satisfies a schema, or NO_SAMPLE; TooMuch where it would be too large."""
    with bounded(_MOST_STEPS, "finding a value"):
        search = _Search()
        return search.first(search.proposed(schema), lambda each: _fits(each, schema))


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
    with bounded(_MOST_STEPS, "finding a value"):
        return next((each for each in (*near, *_PLAIN) if not _fits(each, schema)), NO_SAMPLE)


def matching(cases: tuple[SwitchCase, ...], index: int) -> Any:
    """A value for which the case is the first that matches, or NO_SAMPLE; or TooMuch."""

    def chosen(value: Any) -> bool:
        first = next((n for n, case in enumerate(cases) if _matches(case, value)), None)
        return first == index and not _breaks(cases[:index], value)

    with bounded(_MOST_STEPS, "finding a value"):
        search = _Search()
        return search.first(_proposals(search, cases[index]), chosen)


def _proposals(search: _Search, case: SwitchCase) -> Iterator[Any]:
    if case.schema is not None:
        yield from search.proposed(case.schema)
    elif case.regex is not None:
        yield from search.like(case.regex)
    elif case.is_match:
        yield case.match
    else:
        yield from ("harness-other", "", 12345, None)


def _matches(case: SwitchCase, value: Any) -> bool:
    spend()
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


class _Search:
    """Proposes values of a bounded size, and remembers what would have been larger."""

    def __init__(self) -> None:
        self._too_large = ""
        self._depth = 0
        self._values = 0
        self._times = 1

    def first(self, proposals: Iterator[Any], wanted: Callable[[Any], bool]) -> Any:
        """The first proposal that is wanted; what was too large to be proposed is TooMuch."""
        few = islice(proposals, _MOST_PROPOSALS)
        found = next((each for each in few if wanted(each)), NO_SAMPLE)
        if found is NO_SAMPLE and self._too_large:
            raise TooMuch(self._too_large)
        return found

    def proposed(self, schema: Any) -> Iterator[Any]:
        """Values of the kinds that a schema names, and a few more."""
        spend()
        if not isinstance(schema, Mapping):
            return
        if self._depth >= _DEEPEST:
            self._note(f"a value would be nested more than {_DEEPEST} deep")
            return
        self._depth += 1
        try:
            yield from self._named(schema)
        finally:
            self._depth -= 1

    def _named(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        if "const" in schema:
            yield schema["const"]
        yield from schema.get("enum") or ()
        for name in ("anyOf", "oneOf", "allOf"):
            for each in schema.get(name) or ():
                yield from self.proposed(each)
        kinds = schema.get("type")
        for kind in [kinds] if isinstance(kinds, str) else kinds or ():
            yield from self._of_kind(str(kind), schema)
        yield from self._of_kind("object", schema)
        yield from self._of_kind("string", schema)
        yield from _PLAIN

    def _of_kind(self, kind: str, schema: Mapping[str, Any]) -> Iterator[Any]:
        if kind == "string":
            yield from self._texts(schema)
        elif kind in ("integer", "number"):
            yield from _numbers(schema)
        elif kind == "array":
            length = self._wanted(schema, "minItems")
            if length is not None:
                item = self._value(schema.get("items") or {}, max(length, 1))
                yield [item] * max(length, 1)
        elif kind == "object":
            yield from self._objects(schema)

    def _texts(self, schema: Mapping[str, Any]) -> Iterator[str]:
        length = self._wanted(schema, "minLength")
        if length is None:
            return
        if "pattern" in schema:
            yield from self.like(f"/{schema['pattern']}/")
        length = max(length, 1)
        yield from ("harness" if length <= len("harness") else "h" * length, "h" * length)
        yield from ("contact@elsewhere.example", "2024-07-02T09:00:00.000Z")

    def _objects(self, schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        least = self._wanted(schema, "minProperties")
        known = schema.get("properties") or {}
        names = [*known, *(each for each in schema.get("required") or () if each not in known)]
        if least is None or len(names) > LARGEST:
            self._note(f"an object would have more than {LARGEST:,} properties")
            return
        further = [f"harness{number}" for number in range(least - len(names))]
        yield {name: self._value(known.get(name, {}), 1) for name in (*names, *further)}

    def _value(self, schema: Any, times: int) -> Any:
        """A part of a sample, that many times; of all its parts there may be so many."""
        spend(times)
        before, self._times = self._times, self._times * times
        self._values += self._times
        try:
            if self._values > LARGEST:
                self._note(f"a value would have more than {LARGEST:,} parts")
                return NO_SAMPLE
            few = islice(self.proposed(schema), _MOST_PROPOSALS)
            return next((each for each in few if _fits(each, schema)), NO_SAMPLE)
        finally:
            self._times = before

    def _note(self, reason: str) -> None:
        """Remember the first thing that was too large."""
        self._too_large = self._too_large or reason

    def _wanted(self, schema: Mapping[str, Any], name: str) -> int | None:
        """How many a schema wants at least; None where that is too many."""
        wanted = schema.get(name) or 0
        if not isinstance(wanted, int | float) or not -math.inf < wanted <= LARGEST:
            self._note(f"{name} {wanted!r:.20} asks for more than {LARGEST:,}")
            return None
        return max(math.ceil(wanted), 0)

    def like(self, written: str) -> Iterator[str]:
        """Texts in which a pattern is found; the same ones every time."""
        body = written[1:].rpartition("/")[0]
        if len(body) > LARGEST:
            self._note(f"a pattern is longer than {LARGEST:,} characters")
            return
        # First the plain words of the pattern, which read like what people send.
        yield from re.findall(r"[\w-]+(?: [\w-]+)*", re.sub(r"\\.|[\^$]", "|", body))
        try:
            pattern = re.sub(r"[*+]|\{\d+,\}", _bounded, body)
            if longest(pattern) > LARGEST:
                self._note(f"a pattern asks for more than {LARGEST:,} characters")
                return
            made = Rstr(Random(_FIXED_SEED)).xeger(pattern)
        except (re.error, ArithmeticError, ValueError, KeyError, TypeError, RecursionError):
            return
        yield made


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


def _bounded(found: re.Match[str]) -> str:
    lower = {"*": 0, "+": 1}.get(found[0])
    lower = int(found[0][1:-2]) if lower is None else lower
    return f"{{{lower},{lower + _MOST_REPEATS}}}"
