"""Environment files; every value was observed with dotenv 17.4, which the backend uses."""

from __future__ import annotations

import pytest

from scicat_harness.dotenv import variables

VALUES = {
    "plain": ("A=1", {"A": "1"}),
    "blanks-around": (" A = x y ", {"A": "x y"}),
    "export": ("export A=1", {"A": "1"}),
    "empty": ("A=\nB=2", {"A": "", "B": "2"}),
    "colon": ("A: x", {"A": "x"}),
    "colon-without-blank": ("A:x", {}),
    "colon-at-the-end-of-a-line": ("A:\nx", {"A": "x"}),
    "names-with-points": ("a.b-c=1", {"a.b-c": "1"}),
    "no-assignment": ("A\n# B=1", {}),
    "the-last-one-counts": ("A=1\nA=2", {"A": "2"}),
    "carriage-returns": ("A=1\r\nB=2\rC=3", {"A": "1", "B": "2", "C": "3"}),
    "comment": ("A=x # y", {"A": "x"}),
    "hash-within-a-word": ("A=x#y", {"A": "x"}),
    "only-a-comment": ("A=#x", {"A": ""}),
    "quoted-hash": ('A="x # y" # z', {"A": "x # y"}),
    "single-quotes": (r"A='x\ny'", {"A": r"x\ny"}),
    "double-quotes": (r'A="x\ny"', {"A": "x\ny"}),
    "backticks": ("A=`x \"y\" 'z'`", {"A": "x \"y\" 'z'"}),
    "several-lines": ('A="x\ny"\nB=2', {"A": "x\ny", "B": "2"}),
    "quotes-within": ("A='it''s'", {"A": "it''s"}),
    "quotes-before-more": ('A="x" y', {"A": '"x" y'}),
    "not-closed": ('A="x\nB=2', {"A": '"x', "B": "2"}),
    "not-closed-with-a-line-end": ('A="x\\ny', {"A": '"x\ny'}),
    "escaped-quote": (r'A="x\"y"', {"A": r"x\"y"}),
    "no-expansion": ("A=1\nB=${A}", {"A": "1", "B": "${A}"}),
}


@pytest.mark.parametrize(("text", "expected"), VALUES.values(), ids=VALUES)
def test_values(text: str, expected: dict[str, str]) -> None:
    assert {each.name: each.value for each in variables(text)} == expected


def test_lines_count_from_one() -> None:
    text = '# a\nA=1\n\nB="x\ny"\n  export C=3\n'
    assert [(each.name, each.line) for each in variables(text)] == [("A", 2), ("B", 4), ("C", 6)]


def test_values_are_not_shown() -> None:
    assert "hush" not in repr(list(variables("A=hush")))
