"""Unicode properties in patterns of schemas and switches."""

from __future__ import annotations

import re

import pytest

from scicat_harness.oracle.javascript import Pattern
from scicat_harness.oracle.properties import plainly, with_placeholders
from scicat_harness.oracle.schemas import fits


@pytest.mark.parametrize(
    ("pattern", "found", "not_found"),
    [
        (r"^\p{L}+$", ("größe", "日本"), ("a1", "", "_")),
        (r"^\p{Lu}\p{Ll}*$", ("Äpfel", "X"), ("äpfel", "XX")),
        (r"^[\p{Lu}x]$", ("Ö", "x"), ("ö", "y")),
        (r"^[^\p{L}]$", ("1", " "), ("a", "é")),
        (r"^\P{L}$", ("1",), ("a",)),
        (r"^\p{gc=Nd}{2}$", ("42", "٤٢"), ("4", "ab")),
        (r"^\p{Uppercase_Letter}$", ("A",), ("a",)),
        (r"^\\p{2}$", (r"\pp",), ("LL",)),
    ],
)
def test_properties(pattern: str, found: tuple[str, ...], not_found: tuple[str, ...]) -> None:
    program = Pattern(f"/{pattern}/u")
    for text in found:
        assert program.found(text), text
        assert fits(text, {"pattern": pattern}), text
    for text in not_found:
        assert not program.found(text), text
        assert not fits(text, {"pattern": pattern}), text


def test_a_property_that_is_not_known() -> None:
    with pytest.raises(re.error, match="the property Greek is not known here"):
        with_placeholders(r"\p{Greek}")


def test_texts_to_read() -> None:
    assert plainly(r"^[\p{Lu}_]\p{L}{2}\p{P}$") == r"^[A-Z_][a-zA-Z]{2}\p{P}$"
