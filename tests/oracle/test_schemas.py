"""Schemas of configurations, as Ajv reads them; the outcomes were observed with Ajv 8.20."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.oracle.javascript import UNDEFINED
from scicat_harness.oracle.paths import satisfies
from scicat_harness.oracle.schemas import fits

NULLABLE: dict[str, tuple[dict[str, Any], object, bool]] = {
    "null": ({"type": "string", "nullable": True}, None, True),
    "text": ({"type": "string", "nullable": True}, "a", True),
    "number": ({"type": "string", "nullable": True}, 1, False),
    "several-types": ({"type": ["string", "number"], "nullable": True}, None, True),
    "not-nullable": ({"type": "string", "nullable": False}, None, False),
    "pattern": ({"type": "string", "nullable": True, "pattern": "^a"}, None, True),
    "enum": ({"type": "string", "nullable": True, "enum": ["a"]}, None, False),
    "const": ({"type": "string", "nullable": True, "const": "a"}, None, False),
    "not-null": ({"type": "string", "nullable": True, "not": {"type": "null"}}, None, False),
    "all-of": ({"type": "string", "nullable": True, "allOf": [{"type": "string"}]}, None, False),
    "property": ({"properties": {"a": {"type": "string", "nullable": True}}}, {"a": None}, True),
    "item": ({"items": {"type": "integer", "nullable": True}}, [1, None], True),
}


@pytest.mark.parametrize(("schema", "value", "expected"), NULLABLE.values(), ids=NULLABLE)
def test_nullable(schema: dict[str, Any], value: object, expected: bool) -> None:
    assert fits(value, schema) is expected


def test_a_value_that_is_missing_is_not_null() -> None:
    assert not satisfies(UNDEFINED, {"type": "null"})
    assert satisfies(UNDEFINED, {})


def test_groups_and_code_points_are_written_as_in_javascript() -> None:
    schema = {"pattern": r"^(?<a>x+)\u{79}\k<a>$"}
    assert fits("xxyxx", schema)
    assert not fits("xxyx", schema)
