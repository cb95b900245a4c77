"""The list of what a run made: one that cannot be read or written is never taken for empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.errors import EnvironmentFault
from scicat_harness.probe.made import MadeList


def test_a_missing_list_is_empty(tmp_path: Path) -> None:
    assert len(MadeList(tmp_path / "made.jsonl").read()) == 0


def test_a_list_that_cannot_be_read_is_not_empty(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"made cannot be read \(Is a directory\)"):
        MadeList(tmp_path).read()


def test_a_list_that_cannot_be_written_stops_the_request(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"cannot write down what the run makes"):
        MadeList(tmp_path).gone("jobs")
