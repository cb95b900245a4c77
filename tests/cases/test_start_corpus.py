"""The corpus of starts: names, size, and the known deviations it shows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.fixtures.deviations.starts import START_DEVIATIONS
from scicat_harness.fixtures.startup.case import StartCase
from scicat_harness.fixtures.startup.corpus import broken_cases, start_cases, usable_cases

CASES = list(start_cases())
MOST_ROWS = 100
"""A row takes a real backend two or three seconds."""


def test_names_are_unique_and_in_kebab_case() -> None:
    names = [each.name for each in CASES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


def test_every_row_is_in_one_of_the_two_lists() -> None:
    assert len(broken_cases()) + len(usable_cases()) == len(CASES) <= MOST_ROWS


def test_what_must_fail_must_say_something() -> None:
    assert [each.name for each in broken_cases() if not each.ending.printed] == []


def test_every_known_deviation_of_starts_has_a_row_and_no_row_another() -> None:
    shown = {each.known.entry for each in CASES if each.known is not None}
    assert shown == {entry.id for entry in START_DEVIATIONS}


def test_a_broker_is_named_only_where_it_is_asked_for() -> None:
    address = BrokerAddress("127.0.0.1", 5, "u", "p")
    for each in CASES:
        given = each.with_broker(address).environment
        if each.broker is None:
            assert given == each.start.environment
        else:
            expected = {**address.environment(), **each.broker}
            assert {name: given[name] for name in expected} == expected


def test_each_ending_is_one_of_a_whole_backend() -> None:
    def endings(cases: Iterable[StartCase]) -> set[tuple[bool, str]]:
        return {(each.ending.healthy, each.known.entry if each.known else "") for each in cases}

    assert endings(each for each in CASES if each.whole) == endings(CASES)
