"""The ledger and the two readings of the oracle agree: each entry happens, nothing else does."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from scicat_harness.cli.differences import cells
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.startup.corpus import start_cases
from scicat_harness.judge.ledger import Deviation
from scicat_harness.model.release import Release
from scicat_harness.oracle.predict import TABLES
from scicat_harness.oracle.rule import Reading

from ..everything import EXTENTS, NOW, RELEASES, foreseen, oracle_of

differing = cache(cells)
BESIDE_MATRICES = {"patterns-remember"}
"""Entries that take several requests in a row, which no case of a matrix is."""
SCENARIOS = Path(__file__).parents[2] / "scenarios"
RULES = {rule.id for table in TABLES for rule in table.rules}
ENTRIES = {entry.id: entry for entry in LEDGER.entries}

ABOUT = {"authorization", "connections", "effects", "ways"}


@cache
def matched(profile: Profile, release: Release) -> set[str]:
    """The entries that some case of a profile shows on a release."""
    found = set()
    for each in foreseen(profile, release):
        site = getattr(each.case, "site", SITE.name)
        documented = each.case.predict(oracle_of(site, release, Reading.DOCUMENTED))
        if not each.prediction.same_promise(documented):
            entry = LEDGER.explaining(each.prediction.deciding, documented.deciding, release)
            found.add(entry.id if entry is not None else "")
    return found


@pytest.mark.parametrize(("profile", "release"), EXTENTS, ids=str)
def test_every_entry_of_a_release_is_matched_by_some_case(
    profile: Profile, release: Release
) -> None:
    unmatched = LEDGER.unmatched(release, matched(profile, release), ABOUT)
    by_rules = {each.id for each in unmatched if not each.by_hand}
    assert by_rules <= BESIDE_MATRICES


@pytest.mark.parametrize(("profile", "release"), EXTENTS, ids=str)
def test_every_deviation_has_an_entry(profile: Profile, release: Release) -> None:
    assert "" not in matched(profile, release)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_the_table_of_differences_has_no_unexplained_cell(release: Release) -> None:
    assert differing(release).get("", []) == []


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_the_table_of_differences_shows_every_entry_about_authorization(release: Release) -> None:
    entries = [each for each in LEDGER.of_release(release) if each.about == "authorization"]
    assert set(differing(release)) == {entry.id for entry in entries if not entry.by_hand}


def test_every_entry_is_about_a_release_that_is_judged() -> None:
    claimed = {entry.id for release in RELEASES for entry in LEDGER.of_release(release)}
    assert claimed == set(ENTRIES)


def test_entry_ids_are_unique() -> None:
    assert len(ENTRIES) == len(LEDGER.entries)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_entry_names_rules_that_exist(entry: Deviation) -> None:
    assert entry.observed <= RULES
    for wanted in entry.documented:
        assert any(
            rule.startswith(wanted) if wanted.endswith(".") else rule == wanted for rule in RULES
        )


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_entry_says_what_is_promised_what_happens_and_how_to_see_it(entry: Deviation) -> None:
    assert min(len(entry.promise), len(entry.behaviour)) > 20
    assert ("start with" if entry.about == "starts" else "/api/") in entry.reproduction
    assert entry.link == "" or entry.link.startswith("https://github.com/SciCatProject/")


BY_HAND = [entry.id for entry in LEDGER.entries if entry.by_hand and entry.about != "starts"]
IN_CORPUS = {each.known.entry for each in start_cases() if each.known is not None}


@pytest.mark.parametrize("name", BY_HAND)
def test_an_entry_without_rules_is_named_by_a_scenario(name: str) -> None:
    texts = (path.read_text(encoding="utf-8") for path in SCENARIOS.rglob("test_*.py"))
    shown = re.compile(rf'must_deviate\(\s*"{name}"')
    assert any(shown.search(text) for text in texts)


def test_an_entry_about_starts_is_named_by_the_corpus() -> None:
    assert {entry.id for entry in LEDGER.entries if entry.about == "starts"} == IN_CORPUS


def test_an_entry_of_another_release_explains_nothing() -> None:
    entry = ENTRIES["v3-list-crash"]
    assert entry in LEDGER.of_release(NOW)
    assert entry not in LEDGER.of_release(Release(5, 0, 1))
