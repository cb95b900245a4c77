"""Loose equality as JavaScript has it, and patterns written /.../flags."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.oracle.javascript import UNDEFINED, Pattern, loosely_equal, shown
from scicat_harness.oracle.work import TooMuch

EQUAL: list[tuple[Any, Any]] = [
    ("a", "a"),
    (1, "1"),
    (1, " 1 "),
    (1, "1.0"),
    (1, "0x1"),
    (1000, "1e3"),
    (0, ""),
    (0, " "),
    (0, "\n"),
    (1, True),
    (0, False),
    ("1", True),
    ("", False),
    ("0", False),
    (None, UNDEFINED),
    (None, None),
    (UNDEFINED, UNDEFINED),
    ([1], 1),
    ([1], "1"),
    ([1, 2], "1,2"),
    ([], ""),
    ([], 0),
    ([], False),
    ([None], ""),
    ([[1], [2, 3]], "1,2,3"),
    ({}, "[object Object]"),
    ([True], "true"),
    (1.5, "1.5"),
    ([1.0], "1"),
    (1.0, 1),
]
UNEQUAL: list[tuple[Any, Any]] = [
    ("a", "b"),
    ("1", "1.0"),
    ("a", 0),
    ("true", True),
    (True, 2),
    (None, 0),
    (None, ""),
    (None, False),
    (UNDEFINED, 0),
    (UNDEFINED, "undefined"),
    (UNDEFINED, "null"),
    ([], []),
    ({}, {}),
    ([1], [1]),
    ({}, 0),
    ([], None),
    ([1, 2], 1),
    ("nan", 0),
    ("1_0", 10),
    ("inf", float("inf")),
    ("NaN", float("nan")),
]


@pytest.mark.parametrize(("left", "right"), EQUAL, ids=repr)
def test_equal(left: Any, right: Any) -> None:
    assert loosely_equal(left, right)
    assert loosely_equal(right, left)


@pytest.mark.parametrize(("left", "right"), UNEQUAL, ids=repr)
def test_unequal(left: Any, right: Any) -> None:
    assert not loosely_equal(left, right)
    assert not loosely_equal(right, left)


def test_the_very_same_object_equals_itself() -> None:
    same = [1]
    assert loosely_equal(same, same)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (UNDEFINED, "undefined"),
        (7, "7"),
        (1.0, "1"),
    ],
)
def test_what_a_value_looks_like_in_a_message(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("written", "found", "missed"),
    [
        ("/ab/", "xaby", "AB"),
        ("/^ab$/", "ab", "abc"),
        ("/ab/i", "AB", "b"),
        ("/^b/m", "a\nb", "ab"),
        ("/a.b/s", "a\nb", "ab"),
        ("/a\\/b/", "a/b", "ab"),
        ("/a.b/", "a b", "a\nb"),
    ],
)
def test_a_pattern_and_its_flags(written: str, found: str, missed: str) -> None:
    pattern = Pattern(written)
    assert pattern.found(found)
    assert not pattern.found(missed)


@pytest.mark.parametrize(("flags", "remembers"), [("", 0), ("i", 0), ("g", 1), ("gi", 1), ("y", 1)])
def test_global_and_sticky_patterns_remember(flags: str, remembers: int) -> None:
    assert Pattern(f"/a/{flags}").remembers is bool(remembers)


def test_a_pattern_that_only_javascript_reads() -> None:
    with pytest.raises(
        TooMuch, match=r"the regex /\^\\p\{Script=Greek\}\$/u cannot be judged here: bad escape"
    ):
        Pattern(r"/^\p{Script=Greek}$/u")
