"""Texts: what they mean, filled in, and as a pattern."""

from __future__ import annotations

import re

import pytest

from scicat_harness.model.text import fill, pattern_of, plain

ODD = ["", "plain", "5 $ for (a|b)*", "a\\b", "$token", "$$", "100% {x} [y]?", "two\nlines"]


@pytest.mark.parametrize("text", ODD)
def test_a_plain_text_means_itself(text: str) -> None:
    made = plain(text)
    assert made.template == text
    assert fill(made.means, {}) == text


def test_names_are_filled_in() -> None:
    assert fill("job $id of ${token}", {"id": "1", "token": "t"}) == "job 1 of t"


def test_a_name_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError, match="token"):
        fill("$token", {"id": "1"})


@pytest.mark.parametrize("meaning", ["(a|b)*", "a.b", "what? [x]", "done"])
def test_the_pattern_of_a_meaning_matches_it_literally(meaning: str) -> None:
    pattern = pattern_of(meaning)
    assert re.fullmatch(pattern, meaning)
    assert not re.fullmatch(pattern, f"{meaning}x")


def test_names_stay_in_a_pattern() -> None:
    assert pattern_of("done $token.") == r"done\ $token\."


def test_a_name_in_braces_stays_a_name_in_a_pattern() -> None:
    pattern = pattern_of("status ${token}s {x}.")
    assert re.fullmatch(fill(pattern, {"token": "done"}), "status dones {x}.")
