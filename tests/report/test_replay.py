"""Replay: what is made of a folder says what the run said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scicat_harness.report.replay import replay

from .folders import AT, check, run_of, seen


class Taken:
    """What a consumer was told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, Any]]] = []

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        self.events.append((kind, data))


def test_every_event_is_told_with_the_time_it_had(tmp_path: Path) -> None:
    taken = Taken()
    replay(run_of(tmp_path, check(seen())), [taken])
    assert [kind for kind, _ in taken.events] == ["started", "check", "finished"]
    assert taken.events[1][1]["at"] == AT


def test_a_killed_run_ends_as_an_interrupted_one(tmp_path: Path) -> None:
    taken = Taken()
    run = run_of(
        tmp_path, check(seen()), finished=None, rest='{"half', at="2026-11-23T20:23:08.046845+00:00"
    )
    replay(run, [taken])
    assert not run.finished
    kind, data = taken.events[-1]
    assert (kind, data["interrupted"], data["seconds"]) == ("finished", True, 10.0)
