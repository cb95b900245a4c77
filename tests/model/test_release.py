"""Releases: read from text, and what is said of those that were never observed."""

from __future__ import annotations

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.model.release import (
    CURRENT,
    OBSERVED,
    UPCOMING,
    Release,
    unobserved,
    unobserved_version,
)

FIVE = "\N{ARABIC-INDIC DIGIT FIVE}"


@pytest.mark.parametrize("release", OBSERVED, ids=str)
def test_nothing_is_said_of_an_observed_release(release: Release) -> None:
    assert unobserved(release) is None


def test_the_newest_observed_release_is_the_usual_one() -> None:
    assert list(OBSERVED) == sorted(OBSERVED)
    assert OBSERVED[-1] == CURRENT < UPCOMING


@pytest.mark.parametrize(
    ("release", "sentence"),
    [
        ("v5.3.0", "v5.3.0 is not released: judged by what the master branch did before it"),
        ("v6.0.0", "v6.0.0 was never observed: judged by the rules of v5.3.0"),
        ("v5.2.2", "v5.2.2 was never observed: judged by the rules of v5.2.1"),
        ("v4.20.1", "v4.20.1 was never observed: judged by the rules of v4.20.2"),
        ("v3.0.0", "v3.0.0 was never observed: judged by the rules of v4.20.2"),
        (
            "v5.1.0",
            "v5.1.0 was never observed: judged by the rules of v5.0.1 and the changes known since",
        ),
        (
            "v4.27.0",
            "v4.27.0 was never observed: judged by the rules of v4.25.1 and the changes known "
            "since",
        ),
    ],
)
def test_an_unobserved_release_is_judged_by_the_rules_of_another(
    release: str, sentence: str
) -> None:
    assert unobserved(Release.parse(release)) == sentence
    assert unobserved_version(release) == sentence


def test_what_is_no_release_was_not_observed_either() -> None:
    assert unobserved_version("v5.2.1") is None
    assert unobserved_version("latest") == "'latest' is no release: nothing of it was observed"


@pytest.mark.parametrize(
    "text",
    [
        "latest",
        "",
        "5.2",
        "v5.2.1.0",
        "v5.2.1-rc1",
        f"v{FIVE}.2.1",
        "v5.2.-1",
        f"v5.2.{'9' * 5000}",
    ],
    ids=["word", "empty", "short", "long", "suffix", "other-digits", "negative", "huge"],
)
def test_what_is_no_release_is_refused_by_the_name_of_its_option(text: str) -> None:
    with pytest.raises(UsageFault, match=r"--release .* is not of the form v5\.2\.1") as refused:
        Release.parse(text, "--release")
    assert len(str(refused.value)) < 200
