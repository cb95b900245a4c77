"""Samples: values that satisfy or violate a schema.

A value is proposed and then tested with the schema itself. So a sample is never wrong; a
schema for which none is found is out of reach.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from random import Random
from typing import Any

from rstr import Rstr

from scicat_harness.facility.bounds import numbers
from scicat_harness.facility.combining import alternatives, asked_for_by, combined
from scicat_harness.facility.references import RECURSIVE, inlined
from scicat_harness.model.identity import CONTACT
from scicat_harness.oracle.matching import as_python, longest
from scicat_harness.oracle.paths import distinct, satisfies
from scicat_harness.oracle.properties import plainly
from scicat_harness.oracle.work import TooMuch, bounded, spend

__all__ = [
    "LARGEST",
    "MOST_PROPOSALS",
    "MOST_STEPS",
    "NO_SAMPLE",
    "PLAIN",
    "ValueSearch",
    "fits",
    "proposals",
    "satisfying",
]


class _NoSample:
    def __repr__(self) -> str:
        return "no sample"


NO_SAMPLE = _NoSample()
LARGEST = 1_000
"""Most characters of a text, items of a list, properties of an object, and values in a sample."""
_DEEPEST = 20
MOST_PROPOSALS = 200
_MOST_MADE = 8
_FILLING = "harness"
MOST_STEPS = 300_000
"""Most steps for one sample."""
# Every run must find the same samples, or its cases could not be compared with another's.
_FIXED_SEED = 20240702
# A pattern such as a* gets a short text.
_MOST_REPEATS = 3
# What takes almost any character gets letters and digits: others have a meaning in addresses.
_ANYTHING = re.compile(r"\[\^(?:\\.|[^\]\\])*\]|(?<!\\)\.")
_OF_ARRAYS = frozenset({"items", "minItems", "maxItems", "uniqueItems", "contains"})
_OF_NUMBERS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
PLAIN: tuple[Any, ...] = (
    *("harness", 1, True, None, [], {}, -1, 0.5, "", ["harness"], {"harness": 1}, False),
)
"""Proposals for every schema."""


def satisfying(schema: Any) -> Any:
    """Return a value that satisfies a schema, or NO_SAMPLE if none is found.

    Raises TooMuch if every value would be too large, or the search takes too many steps.
    """
    with bounded(MOST_STEPS, "finding a value"):
        search = ValueSearch()
        return search.first(search.proposed(inlined(schema)), lambda each: fits(each, schema))


def fits(value: Any, schema: Any) -> bool:
    """Return whether a value satisfies a schema; what is no schema accepts nothing."""
    return isinstance(schema, Mapping | bool) and satisfies(value, schema)


def proposals(schema: Any) -> list[Any]:
    """Return values that satisfy a schema, the plainest first.

    Raises TooMuch like ``satisfying``, if it finds none.
    """
    with bounded(MOST_STEPS, "finding a value"):
        search = ValueSearch()
        return search.all(search.proposed(inlined(schema)), lambda each: fits(each, schema))


def _also(schema: Any, items: Any) -> Any:
    """Return the schema of an item that must satisfy both."""
    if isinstance(schema, Mapping) and isinstance(items, Mapping):
        return combined(items, schema)
    return schema


def _contained(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what a list must contain an item of, by this schema and by all that it joins."""
    if "contains" in schema:
        yield schema["contains"]
    for each in schema.get("allOf") or ():
        if isinstance(each, Mapping):
            yield from _contained(each)


def _is_recursive(schema: Any) -> bool:
    return isinstance(schema, Mapping) and RECURSIVE in schema


class ValueSearch:
    """Proposes values of a bounded size, and keeps the first reason for one that is too large."""

    def __init__(self) -> None:
        self._too_large = ""
        self._depth = 0
        self._values = 0
        self._times = 1

    def first(self, proposals: Iterator[Any], wanted: Callable[[Any], bool]) -> Any:
        """Return the first proposal that is wanted, or NO_SAMPLE.

        Raises TooMuch if none is and a larger one might have been.
        """
        few = islice(proposals, MOST_PROPOSALS)
        found = next((each for each in few if wanted(each)), NO_SAMPLE)
        if found is NO_SAMPLE and self._too_large:
            raise TooMuch(self._too_large)
        return found

    def all(self, proposals: Iterator[Any], wanted: Callable[[Any], bool]) -> list[Any]:
        """Return the proposals that are wanted; raises TooMuch like ``first``."""
        found = []
        for each in islice(proposals, MOST_PROPOSALS):
            try:
                found += [each] if wanted(each) else []
            # Another value may be easier to test. The bound on all of them is noticed by the next.
            except TooMuch as much:
                self._note(str(much))
        if not found and self._too_large:
            raise TooMuch(self._too_large)
        return found

    def proposed(self, schema: Any) -> Iterator[Any]:
        """Yield values of the types that a schema names, and a few others."""
        spend()
        if schema is True:
            schema = {}
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
        for each in alternatives(schema):
            yield from self.proposed(each)
        kinds = schema.get("type")
        for kind in [kinds] if isinstance(kinds, str) else kinds or ():
            yield from self._of_kind(str(kind), schema)
        # A schema without a type may still have items, properties or a pattern.
        if not _OF_ARRAYS.isdisjoint(schema) or list(_contained(schema)):
            yield from self._of_kind("array", schema)
        if not _OF_NUMBERS.isdisjoint(schema):
            yield from self._of_kind("number", schema)
        yield from self._of_kind("object", schema)
        yield from self._of_kind("string", schema)
        yield from PLAIN

    def _of_kind(self, kind: str, schema: Mapping[str, Any]) -> Iterator[Any]:
        if kind == "string":
            yield from self._texts(schema)
        elif kind in ("integer", "number"):
            yield from numbers(schema)
        elif kind == "array":
            length = self._wanted(schema, "minItems")
            if isinstance(schema.get("items"), list):
                yield from self._tuples(schema, length or 0)
            elif length == 0 and _is_recursive(schema.get("items")):
                yield []
            elif length is not None:
                item = self._value(schema.get("items") or {}, max(length, 1))
                # At least one item, so that paths into the list find something.
                yield [item] * max(length, 1)
                if schema.get("uniqueItems") is True and length > 1:
                    yield self._different(schema.get("items") or {}, length)
                contained = list(_contained(schema))
                if contained:
                    items = schema.get("items") or {}
                    found = [self._value(_also(each, items), 1) for each in contained]
                    filling = self._different(schema.get("items") or {}, length)
                    yield [*found, *filling[: max(length - len(found), 0)]]
        elif kind == "object":
            yield from self._objects(schema)

    def _tuples(self, schema: Mapping[str, Any], length: int) -> Iterator[list[Any]]:
        """Yield a list whose items have a schema each, and further ones up to ``length``."""
        items = schema["items"][:LARGEST]
        further = schema.get("additionalItems")
        beyond = [further if isinstance(further, Mapping) else {}] * (length - len(items))
        yield [self._value(each, 1) for each in (*items, *beyond)]

    def _different(self, schema: Any, length: int) -> list[Any]:
        """Return as many values that differ, or fewer if no more are found."""
        numbers = range(1, length + 1)
        made = chain((f"harness{each}" for each in numbers), numbers, self.proposed(schema))
        fitting = (each for each in islice(made, MOST_PROPOSALS) if fits(each, schema))
        return distinct(list(islice(fitting, length)))

    def _texts(self, schema: Mapping[str, Any]) -> Iterator[str]:
        length = self._wanted(schema, "minLength")
        if length is None:
            return
        if "pattern" in schema:
            yield from self.like(f"/{schema['pattern']}/")
        length = max(length, 1)
        yield from ("harness" if length <= len("harness") else "h" * length, "h" * length)
        # For patterns of addresses and times, which are hard to make from the pattern.
        yield from (CONTACT, "2024-07-02T09:00:00.000Z")

    def _objects(self, schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        least = self._wanted(schema, "minProperties")
        required = schema.get("required") or ()
        properties = schema.get("properties") or {}
        # Of a schema that contains itself only what is required, or no value would have an end.
        known = {
            name: each
            for name, each in properties.items()
            if name in required or not _is_recursive(each)
        }
        names = [*known, *(each for each in schema.get("required") or () if each not in known)]
        names += asked_for_by(names, schema)
        if least is None or len(names) > LARGEST:
            self._note(f"an object would have more than {LARGEST:,} properties")
            return
        further = list(islice(self._names(schema), max(least - len(names), 0)))
        others = schema.get("additionalProperties")
        other = others if isinstance(others, Mapping) else {}
        yield {name: self._value(known.get(name, other), 1) for name in (*names, *further)}
        yield from self._by_patterns(schema, further)
        # A property that is not required may be the one for which no value is found.
        needed = [each for each in names if each in required]
        yield {name: self._value(known.get(name, {}), 1) for name in needed}

    def _names(self, schema: Mapping[str, Any]) -> Iterator[str]:
        """Yield names for further properties, different ones."""
        wanted = schema.get("propertyNames")
        pattern = wanted.get("pattern") if isinstance(wanted, Mapping) else None
        if isinstance(pattern, str):
            made = (each for each in self.like(f"/{pattern}/") if fits(each, wanted))
            yield from dict.fromkeys(made)
        yield from (f"harness{number}" for number in range(LARGEST))

    def _by_patterns(
        self, schema: Mapping[str, Any], wanted: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """Yield an object with as many names as ``wanted`` that a pattern of names takes."""
        patterns = schema.get("patternProperties")
        for pattern, inner in (patterns if isinstance(patterns, Mapping) else {}).items():
            texts = islice(self.like(f"/{pattern}/"), _MOST_MADE)
            found = next((each for each in texts if fits(each, {"pattern": pattern})), None)
            if found is not None:
                numbered = (f"{found}{each or ''}" for each in range(len(wanted)))
                yield {name: self._value(inner, 1) for name in numbered}

    def _value(self, schema: Any, times: int) -> Any:
        """Return a part of a sample that is used ``times`` times, or NO_SAMPLE.

        Nested lists multiply their items, so all parts of a sample are counted together.
        """
        spend(times)
        before, self._times = self._times, self._times * times
        self._values += self._times
        try:
            if self._values > LARGEST:
                self._note(f"a value would have more than {LARGEST:,} parts")
                return NO_SAMPLE
            few = islice(self.proposed(schema), MOST_PROPOSALS)
            return next((each for each in few if fits(each, schema)), NO_SAMPLE)
        finally:
            self._times = before

    def _note(self, reason: str) -> None:
        """Keep the first reason why a value was too large."""
        self._too_large = self._too_large or reason

    def _wanted(self, schema: Mapping[str, Any], name: str) -> int | None:
        """Return the least number that a schema wants, or None if that is too large."""
        wanted = schema.get(name) or 0
        if not isinstance(wanted, int | float) or not -math.inf < wanted <= LARGEST:
            self._note(f"{name} {wanted!r:.20} asks for more than {LARGEST:,}")
            return None
        return max(math.ceil(wanted), 0)

    def like(self, written: str) -> Iterator[str]:
        """Yield texts in which ``/pattern/flags`` is found, the same ones in every run."""
        body = written[1:].rpartition("/")[0]
        if len(body) > LARGEST:
            self._note(f"a pattern is longer than {LARGEST:,} characters")
            return
        # First the plain words of the pattern, which are easy to read in a report.
        yield from re.findall(r"[\w-]+(?: [\w-]+)*", re.sub(r"\\.|[\^$]", "|", body))
        try:
            body = _numbered(plainly(body))
            # Unbounded repeats get an upper bound, so that the length of a text is known.
            pattern = re.sub(r"[*+]|\{\d+,\}", _bounded, body)
            plain = _ANYTHING.sub("[a-z0-9]", pattern)
            if longest(pattern) > LARGEST:
                self._note(f"a pattern asks for more than {LARGEST:,} characters")
                return
            # Several, since a pattern may have alternatives.
            made = [
                Rstr(Random(_FIXED_SEED + number)).xeger(each)
                for each in dict.fromkeys((plain, pattern))
                for number in range(_MOST_MADE)
            ]
        # rstr does not know every construct, and fails in many ways.
        except (re.error, ArithmeticError, ValueError, KeyError, TypeError, RecursionError):
            return
        yield from dict.fromkeys(made)
        # For a length that something else asks for.
        yield from (f"{each}{_FILLING}" for each in dict.fromkeys(made))


def _numbered(pattern: str) -> str:
    """Return a pattern of JavaScript with numbers in the place of the names of its groups."""
    numbers = re.compile(as_python(pattern, unicode=True)).groupindex
    pattern = re.sub(r"\(\?<(?![=!])\w+>", "(", pattern)
    return re.sub(r"\\k<(\w+)>", lambda found: rf"\{numbers[found[1]]}", pattern)


def _bounded(found: re.Match[str]) -> str:
    lower = {"*": 0, "+": 1}.get(found[0])
    lower = int(found[0][1:-2]) if lower is None else lower
    return f"{{{lower},{lower + _MOST_REPEATS}}}"
