"""Patterns are matched as a backend matches them, in a bounded number of steps."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from scicat_harness.oracle.matching import CompiledPattern
from scicat_harness.oracle.work import TooMuch

SAME = (
    "a", "^a$", "a|b|", "(a|b)*c", "a+?b", "[a-c]{2,3}", "[^a]b", r"\d+-\w*\s?", "(?:ab?)+c",
    r"\bab\b", r"\Bb", r"(a)(b)?\1", "a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b", "(a*)*b",
    "(a|ab)(c|bcd)*", "", "^(ab|a)?$", "a{0}b", "(a{2}){2}", "x*", ".b", "(?P<n>a)(?P=n)",
    "(a|b|c){1,2}$", "^$", "[-a]", "(()|a)+b",
)  # fmt: skip


@pytest.mark.parametrize("pattern", SAME)
@settings(max_examples=150, deadline=None)
@given(text=some.text(alphabet="abcd -\n", max_size=8), lower=some.booleans())
def test_as_python_does_where_both_languages_agree(pattern: str, text: str, *, lower: bool) -> None:
    if "$" in pattern and text.endswith("\n"):
        return
    flags = re.IGNORECASE if lower else re.NOFLAG
    shown = text.upper() if lower else text
    expected = re.search(pattern, shown, flags) is not None
    assert CompiledPattern(pattern, flags).is_found(shown) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^a$", "a\n", False),
        (r"^\d$", "٣", False),
        (r"^\w$", "é", False),
        (r"^\s$", "\ufeff", True),
        (".", "\u2028", False),
        (r"((a)|b)+\2", "b", True),
    ],
)
def test_as_javascript_does_where_they_differ(pattern: str, text: str, found: bool) -> None:
    assert CompiledPattern(pattern).is_found(text) is found


EVIL = (
    (r"^(a+)+$", "a" * 40 + "!"),
    (r"^(a|aa)+$", "a" * 60 + "!"),
    (r"(.*)*(.*)*(.*)*x", "a" * 60),
    (r"a*a*a*a*a*a*b", "a" * 60),
    (r"^(a|b){1000000}$", "ab"),
    (r"((((a{99}){99}){99}){99}){99}", "a"),
    ("(" * 3000 + "a" + ")" * 3000, "a"),
    ("(?:){1000000000}", "a"),
    ("a{99999999999999999999}", "a"),
    ("a" * 20_000, "a"),
    ("(?=(a+)+$)b", "a" * 40),
)


@pytest.mark.parametrize(("pattern", "text"), EVIL, ids=[each[0][:20] for each in EVIL])
def test_none_goes_on_for_ever(pattern: str, text: str) -> None:
    said = ""
    try:
        CompiledPattern(pattern).is_found(text)
    except TooMuch as reason:
        said = f"{reason}"
    assert said == "" or re.fullmatch("a pattern .*", said)


def test_the_worst_is_said_to_be_too_much() -> None:
    with pytest.raises(TooMuch, match="more than 50,000 steps"):
        CompiledPattern(r"^(a+)+$").is_found("a" * 40 + "!")
    with pytest.raises(TooMuch, match="5,000 parts"):
        CompiledPattern(r"^(a|b){1000000}$")


def test_what_is_no_pattern() -> None:
    with pytest.raises(re.error):
        CompiledPattern("(")
