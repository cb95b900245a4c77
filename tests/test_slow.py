"""The list of slow tests names tests that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES = [
    line
    for line in (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("line", LINES)
def test_a_line(line: str) -> None:
    path, _, name = line.partition("::")
    assert (ROOT / path).is_file()
    assert f"def {name.partition('[')[0]}" in (ROOT / path).read_text(encoding="utf-8")


def test_the_list_is_sorted() -> None:
    assert sorted(set(LINES)) == LINES
