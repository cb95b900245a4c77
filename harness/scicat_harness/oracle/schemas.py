"""Validation by JSON schemas of configurations, in a bounded number of steps.

Source: specification: action.validate; JSON Schema draft 7, with the keyword ``nullable`` of
OpenAPI. Ajv, which backends use, fetches no schema that a reference names; neither does this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend
from referencing.exceptions import Unresolvable

from scicat_harness.oracle.matching import CompiledPattern, as_python, compiled
from scicat_harness.oracle.properties import with_placeholders
from scicat_harness.oracle.work import TooMuch, bounded, spend

__all__ = ["fits"]

_MOST_STEPS = 100_000
_DEEPEST = 60
# A context variable: between two keywords the library calls us, with arguments of its own.
_DEPTH: ContextVar[int] = ContextVar("depth", default=0)
_DRAFT_07 = "http://json-schema.org/draft-07/schema"
Check = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


def fits(value: object, schema: Mapping[str, Any] | bool) -> bool:
    """Return whether a value satisfies a schema.

    Raises TooMuch if that takes more than 100,000 steps, is nested more than 60 deep, refers to
    another schema, or if the schema is invalid. Formats are not checked, as in the backend.
    """
    with bounded(_MOST_STEPS, "a schema"):
        try:
            return bool(_Validator(schema).is_valid(value))
        except Unresolvable as error:
            raise TooMuch(f"a reference in a schema leads nowhere: {error}"[:120]) from None
        # What the library raises for an invalid schema depends on the keyword and the value.
        except (re.error, ArithmeticError, TypeError, ValueError, AttributeError) as error:
            # One short line, because it becomes the reason of a case in reports.
            reason = " ".join(f"{error}".split())[:80]
            raise TooMuch(f"a schema cannot be judged here: {reason}") from None


def _counted(check: Check) -> Check:
    def counted(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        depth = _DEPTH.get()
        if depth >= _DEEPEST:
            # Libraries written in other languages end the process when the stack is exhausted.
            raise TooMuch(f"a schema is nested more than {_DEEPEST} deep")
        spend(_cost(wanted, instance))
        token = _DEPTH.set(depth + 1)
        try:
            # The first error decides. A generator would run on after the depth has been reset.
            found = next(iter(check(validator, wanted, instance, schema) or ()), None)
        finally:
            _DEPTH.reset(token)
        if found is not None:
            yield found

    return counted


# In proportion to the schema's part and the value: an ``enum`` may have thousands of members.
def _cost(wanted: Any, instance: Any) -> int:
    sizes = (len(each) for each in (wanted, instance) if isinstance(each, list | dict))
    return 1 + sum(sizes)


def _reference(check: Check) -> Check:
    def local(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[Any]:
        # The schema of draft 7 itself comes with the library.
        if not str(reference).startswith(("#", _DRAFT_07)):
            raise TooMuch("a schema refers to another one elsewhere")
        yield from check(validator, reference, instance, schema) or ()

    return local


def _unique(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[Any]:
    if wanted is True and isinstance(instance, list):
        # Every item is compared with every other.
        spend(len(instance) ** 2)
        yield from Draft7Validator.VALIDATORS["uniqueItems"](_, wanted, instance, __) or ()


def _compiled(pattern: object) -> CompiledPattern:
    # Ajv reads patterns with the flag u.
    return compiled(with_placeholders(as_python(str(pattern), unicode=True)))


# The library would match with ``re``, where no step can be counted: so all keywords with patterns
# are replaced.
def _pattern(_: Any, wanted: Any, instance: Any, __: Any) -> Iterator[Any]:
    if isinstance(instance, str) and not _compiled(wanted).is_found(instance):
        yield ValidationError("does not match")


def _pattern_properties(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[Any]:
    if isinstance(instance, Mapping):
        for pattern, schema in wanted.items():
            program = _compiled(pattern)
            for name, value in instance.items():
                if program.is_found(str(name)):
                    yield from validator.descend(value, schema, path=name)


def _additional(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, Mapping):
        return
    programs = [_compiled(each) for each in schema.get("patternProperties") or ()]
    known = schema.get("properties") or {}
    for name, value in instance.items():
        if name in known or any(each.is_found(str(name)) for each in programs):
            continue
        if wanted is False:
            yield ValidationError("is not allowed")
        elif isinstance(wanted, Mapping):
            yield from validator.descend(value, wanted, path=name)


def _type(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    # Ajv adds null to the types beside ``nullable``, and leaves the other keywords as they are: an
    # enum without null still refuses it (observed with Ajv 8.20).
    if instance is not None or schema.get("nullable") is not True:
        yield from Draft7Validator.VALIDATORS["type"](validator, wanted, instance, schema) or ()


_OWN: Mapping[str, Check] = {
    "$ref": _reference(Draft7Validator.VALIDATORS["$ref"]),
    "additionalProperties": _additional,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "type": _type,
    "uniqueItems": _unique,
}
_Validator: Any = extend(
    Draft7Validator,
    {name: _counted(check) for name, check in {**Draft7Validator.VALIDATORS, **_OWN}.items()},
)
