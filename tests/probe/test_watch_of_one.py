"""Requests alone between two barriers: effects attributed by a token, or else by position."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import DeadlineExceeded
from scicat_harness.probe.sources import LogSource, Places, SinkSource
from scicat_harness.probe.watch import EffectWatch
from scicat_harness.sinks.arrival import Arrival

FIRST, SECOND, BARRIER = (f"run-main-{number:07d}" for number in range(3))
TOKENS = re.compile(r"run-main-\d{7}")


class FewSinks:
    """Sinks with the given arrivals."""

    def __init__(self) -> None:
        self.all: list[Arrival] = []

    def arrive(self, *tokens: str) -> None:
        seq = len(self.all) + 1
        self.all.append(Arrival(seq, 0.0, "url", "url", tokens, max(tokens, default=None), {}))

    def after(self, seq: int) -> Sequence[Arrival]:
        return self.all[seq:]


class Kafka:
    """The probe of a plugin that has seen the given effects."""

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
def source() -> Kafka:
    return Kafka()


@pytest.fixture
def sinks() -> FewSinks:
    return FewSinks()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "backend.log"
    path.touch()
    return path


@pytest.fixture
def watch(source: Kafka, sinks: FewSinks, log: Path) -> EffectWatch:
    """A watch whose sentinel writes its line and nothing else."""
    given: Any = sinks

    def send() -> str:
        write(log, BARRIER)
        return BARRIER

    lines = LogSource.from_now(log, TOKENS, alone=True)
    watch = EffectWatch(
        given, send, [SinkSource(given, Places(()), alone=True), lines], TOKENS, alone=True
    )
    watch.add_probes([source])
    return watch


def write(log: Path, text: str) -> None:
    """Write a line of a log action."""
    with log.open("a") as file:
        file.write(f"[Nest] 1  - 11/23/2026, 9:00:00 PM     LOG [LogJobAction] {text}\n")


def test_what_a_source_saw_is_of_the_request_it_names(watch: EffectWatch, source: Kafka) -> None:
    source.new = [{"of": {"token": [FIRST]}}, {"of": "nobody"}]
    seen = watch.settle([FIRST, SECOND])
    assert [each.content for each in seen.arrivals[FIRST]] == [
        {"of": {"token": [FIRST]}, "kind": "kafka"}
    ]
    assert [each.source for each in seen.arrivals[SECOND]] == ["kafka"]
    assert watch.settle([FIRST]).arrivals == {}


def test_they_keep_the_order_they_came_in(watch: EffectWatch, source: Kafka) -> None:
    numbers = count()
    source.new = [{"n": next(numbers)}, {"n": next(numbers)}]
    first, second = watch.settle([FIRST]).arrivals[FIRST]
    assert (first.content["n"], second.content["n"]) == (0, 1)
    assert first.seq < second.seq


def test_what_the_barrier_caused_is_no_effect(watch: EffectWatch, source: Kafka) -> None:
    source.new = [{"token": BARRIER}]
    assert watch.settle([FIRST]).arrivals == {}


def test_without_certainty_nothing_is_known(watch: EffectWatch, source: Kafka) -> None:
    source.sure = False
    with pytest.raises(DeadlineExceeded):
        watch.settle([FIRST])


def test_what_comes_after_the_last_barrier_is_late(watch: EffectWatch, source: Kafka) -> None:
    watch.settle([FIRST])
    assert watch.late() == []
    source.new = [{"token": FIRST}]
    (late,) = watch.late()
    assert late.source == "kafka"


def test_calls_and_lines_without_a_token_are_of_the_last_request(
    watch: EffectWatch, sinks: FewSinks, log: Path
) -> None:
    sinks.arrive()
    sinks.arrive(BARRIER)
    write(log, "somebody")
    seen = watch.settle([FIRST, SECOND])
    assert [each.channel for each in seen.arrivals[SECOND]] == ["url", "log"]
    assert watch.settle([FIRST]).arrivals == {}


def test_calls_and_lines_after_the_last_barrier_are_late(
    watch: EffectWatch, sinks: FewSinks, log: Path
) -> None:
    watch.settle([FIRST])
    sinks.arrive(BARRIER)
    sinks.arrive()
    write(log, FIRST)
    assert [each.channel for each in watch.late()] == ["url", "log"]
