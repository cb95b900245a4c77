"""Samples satisfy what they are made for, or say that there is none."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.facility.samples import NO_SAMPLE, satisfying
from scicat_harness.facility.wrongvalues import violations
from scicat_harness.model.action import SwitchCase
from scicat_harness.oracle.paths import satisfies

from .choosing import matching

SCHEMAS: dict[str, Any] = {
    "anything": {},
    "const": {"const": "yes"},
    "const-true": {"const": True},
    "enum": {"enum": ["fast", 3]},
    "text": {"type": "string"},
    "long-text": {"type": "string", "minLength": 20},
    "pattern": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]+$"},
    "words": {"pattern": "^(fast|slow)$"},
    "number": {"type": "number", "minimum": 5},
    "above": {"type": "integer", "exclusiveMinimum": 5},
    "below": {"type": "integer", "maximum": -5},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "list": {"type": "array", "items": {"type": "string"}, "minItems": 2},
    "object": {
        "type": "object",
        "required": ["pid", "size"],
        "properties": {"pid": {"type": "string"}, "size": {"type": "integer"}},
    },
    "several-kinds": {"type": ["integer", "null"]},
    "any-of": {"anyOf": [{"const": "a"}, {"const": "b"}]},
    "tuple": {
        "type": "array",
        "items": [{"type": "integer"}, {"type": "string"}],
        "minItems": 3,
        "additionalItems": {"type": "boolean"},
    },
    "then": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "derived"}},
        "if": {"properties": {"kind": {"const": "derived"}}},
        "then": {"required": ["inputs"], "properties": {"inputs": {"type": "array"}}},
    },
    "all-of": {
        "allOf": [
            {"type": "object", "required": ["a"]},
            {"required": ["b"], "properties": {"b": {"type": "integer"}}},
        ]
    },
    "one-of-beside-others": {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "pattern": "^q"}},
        "oneOf": [{"required": ["b"]}, {"required": ["c"]}],
    },
    "names-that-ask-for-names": {
        "type": "object",
        "required": ["a"],
        "dependencies": {"a": ["b"], "b": ["c"]},
    },
    "patterns-of-names": {
        "type": "object",
        "patternProperties": {"^S_": {"type": "string"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "further-names": {
        "type": "object",
        "minProperties": 2,
        "additionalProperties": {"type": "string", "maxLength": 5},
    },
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_one_that_satisfies(schema: Any) -> None:
    assert satisfies(satisfying(schema), schema)


@pytest.mark.parametrize(
    "schema", [each for name, each in SCHEMAS.items() if name != "anything"], ids=str
)
def test_one_that_does_not(schema: Any) -> None:
    found = next(iter(violations(schema)), NO_SAMPLE)
    assert found is not NO_SAMPLE
    assert not satisfies(found, schema)


def test_what_nothing_satisfies_and_what_everything_does() -> None:
    assert satisfying({"type": "string", "enum": [5]}) is NO_SAMPLE
    assert violations({}) == []


CASES = (
    SwitchCase.matching("a"),
    SwitchCase((), regex="/^fin(ished|al)/i"),
    SwitchCase((), schema={"type": "number"}),
    SwitchCase.matching("a"),
    SwitchCase(()),
)


def test_a_value_for_the_first_case_that_matches() -> None:
    assert matching(CASES, 0) == "a"
    assert str(matching(CASES, 1)).startswith("fin")
    assert matching((CASES[2], CASES[4]), 0) == 1
    assert matching(CASES, 4) == "harness-other"


def test_a_case_that_nothing_leads_to() -> None:
    # The same value is taken before, and a number breaks the pattern before.
    assert matching(CASES, 3) is NO_SAMPLE
    assert matching(CASES, 2) is NO_SAMPLE


def test_items_differ_where_the_schema_asks_for_it() -> None:
    schema = {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True}
    assert satisfying(schema) == ["harness1", "harness2"]


def test_a_pattern_for_almost_any_character_gets_plain_ones() -> None:
    found = satisfying({"type": "string", "pattern": r"^[^@ ]+@[^@ ]+\.[^@ ]+$"})
    assert found.isascii()
    assert found.replace("@", "").replace(".", "").isalnum()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 1000, "multipleOf": 7},
        {"type": "number", "exclusiveMaximum": -3, "multipleOf": 0.5},
        {
            "type": "array",
            "contains": {"type": "object", "required": ["a"], "properties": {"a": {"const": 1}}},
            "items": {"type": "object", "required": ["b"]},
        },
        {
            "type": "array",
            "minItems": 2,
            "uniqueItems": True,
            "allOf": [
                {"contains": {"const": "human"}},
                {"contains": {"type": "string", "pattern": "^organ:(heart|lung)$"}},
            ],
        },
    ],
)
def test_values_that_several_keywords_ask_for(schema: dict[str, Any]) -> None:
    assert satisfies(satisfying(schema), schema)
