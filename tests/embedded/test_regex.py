"""Regular expressions that keep a position between calls, as JavaScript does."""

from __future__ import annotations

import pytest

from scicat_harness.embedded.regex import JsRegex


@pytest.mark.parametrize(
    ("written", "texts", "found"),
    [
        ("/a/", ["ba", "ba", "b"], [True, True, False]),
        # Behind the last match, then from the beginning.
        ("/a/g", ["ba", "ba", "ba"], [True, False, True]),
        # Exactly where the last match ended.
        ("/a/y", ["ba", "a", "aa", "aa"], [False, True, True, False]),
        ("/^a/my", ["b\na", "a"], [False, True]),
        (r"/(a)\1/y", ["aab", "aaaa", "aa"], [True, True, False]),
        # A character of two units counts as two.
        ("/./uy", ["😀", "😀a"], [True, True]),
        ("/b*/y", ["bb", "a", "a"], [True, False, True]),
    ],
)
def test_a_regex_remembers(written: str, texts: list[str], found: list[bool]) -> None:
    # What Node 20 answers.
    regex = JsRegex.literal(written)
    assert [regex.test(each) for each in texts] == found
