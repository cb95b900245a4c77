"""Requests alone between two barriers: effects attributed by a token, or else by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import pytest

from scicat_harness.errors import DeadlineExceeded
from scicat_harness.probe.watch import EffectWatch, Places
from scicat_harness.sinks.arrival import Arrival

FIRST, SECOND, BARRIER = (f"run-main-{number:07d}" for number in range(3))


class NoSinks:
    """Nothing arrives there."""

    def after(self, seq: int) -> Sequence[Arrival]:
        del seq
        return []


class Source:
    """Has seen the given effects."""

    kind = "kafka"

    def __init__(self) -> None:
        self.new: list[Mapping[str, Any]] = []
        self.sure = True

    def arrivals(self, deadline: float) -> Sequence[Mapping[str, Any]]:
        if not self.sure:
            raise DeadlineExceeded(f"not within {deadline:g} s")
        found, self.new = self.new, []
        return found


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def watch(source: Source) -> EffectWatch:
    sinks: Any = NoSinks()
    watch = EffectWatch(sinks, Places(()), lambda: BARRIER, sole=True)
    watch.sources = [source]
    return watch


def test_what_a_source_saw_is_of_the_request_it_names(watch: EffectWatch, source: Source) -> None:
    source.new = [{"of": {"token": [FIRST]}}, {"of": "nobody"}]
    seen = watch.settle([FIRST, SECOND])
    assert [each.content for each in seen.arrivals[FIRST]] == [
        {"of": {"token": [FIRST]}, "kind": "kafka"}
    ]
    assert [each.source for each in seen.arrivals[SECOND]] == ["kafka"]
    assert watch.settle([FIRST]).arrivals == {}


def test_they_keep_the_order_they_came_in(watch: EffectWatch, source: Source) -> None:
    numbers = count()
    source.new = [{"n": next(numbers)}, {"n": next(numbers)}]
    first, second = watch.settle([FIRST]).arrivals[FIRST]
    assert (first.content["n"], second.content["n"]) == (0, 1)
    assert first.seq < second.seq


def test_what_the_barrier_caused_is_no_effect(watch: EffectWatch, source: Source) -> None:
    source.new = [{"token": BARRIER}]
    assert watch.settle([FIRST]).arrivals == {}


def test_without_certainty_nothing_is_known(watch: EffectWatch, source: Source) -> None:
    source.sure = False
    with pytest.raises(DeadlineExceeded):
        watch.settle([FIRST])


def test_what_comes_after_the_last_barrier_is_late(watch: EffectWatch, source: Source) -> None:
    watch.settle([FIRST])
    assert watch.late() == []
    source.new = [{"token": FIRST}]
    (late,) = watch.late()
    assert late.source == "kafka"
