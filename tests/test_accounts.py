"""The entries of an accounts file, and the groups of each."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.accounts import NotJson, groups_of, parse_accounts


@pytest.mark.parametrize(
    ("entry", "groups"),
    [
        ({}, ()),
        ({"role": "archivers"}, ("archivers",)),
        ({"role": ["b", "a", "b", "", 5]}, ("b", "a")),
        ({"role": "a", "global": True}, ("a", "globalaccess")),
        # JavaScript takes these for true, and the next ones for false.
        ({"global": "false"}, ("globalaccess",)),
        ({"global": []}, ("globalaccess",)),
        ({"global": 0}, ()),
        ({"global": ""}, ()),
        ({"global": None}, ()),
        ({"role": 5, "global": False}, ()),
    ],
)
def test_groups(entry: dict[str, Any], groups: tuple[str, ...]) -> None:
    assert groups_of(entry) == groups


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[\n{"username" "a"}]', 2, r"^line 2, column 13: Expecting ':' delimiter$"),
        ("[" * 100_000, 1, "recursion"),
        (f"[{'9' * 5000}]", 1, "digits"),
    ],
)
def test_a_text_that_is_not_json(text: str, line: int, said: str) -> None:
    with pytest.raises(NotJson, match=said) as caught:
        parse_accounts(text)
    assert caught.value.line == line
