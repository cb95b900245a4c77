"""Shards: parts of a run that make it together, on several machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.report.stored.run import read_run

from .runs import harness

FEW = ("--profile=smoke", "--only=update", "--only=delete")


def test_shards_are_together_the_run(tmp_path: Path) -> None:
    whole, shards = tmp_path / "whole", [tmp_path / "1", tmp_path / "2"]
    assert harness("run", *FEW, "-n2", f"--report-dir={whole}", cwd=tmp_path).code == 0
    # With workers and without: only a worker collects, and only the controller writes reports.
    for number, folder in enumerate(shards, 1):
        arguments = (*FEW, f"-n{2 * number - 2}", f"--shard={number}/2", f"--report-dir={folder}")
        done = harness("run", *arguments, cwd=tmp_path)
        assert done.code == 0, done.output
    parts = [read_run(each) for each in shards]
    sizes = [len(each.records) for each in parts]
    assert abs(sizes[0] - sizes[1]) <= 2
    done = harness("report", "--merge", *map(str, shards), "--output=all", cwd=tmp_path)
    assert done.code == 0, done.output
    merged, run = read_run(tmp_path / "all"), read_run(whole)
    assert merged.records.keys() == run.records.keys()
    assert merged.summary.rules == run.summary.rules
    assert merged.started["narrowed"] == run.started["narrowed"]
    done = harness("diff", str(whole), "all", cwd=tmp_path)
    assert (done.code, "no change" in done.output) == (0, True), done.output
    done = harness("recheck", "all", cwd=tmp_path)
    assert done.code == 0, done.output


def test_checks_that_start_backends_are_dealt_out(tmp_path: Path) -> None:
    listed = []
    for number in (1, 2):
        arguments = ("--only=startup", "--only=endpoint", f"--shard={number}/2")
        done = harness("list", *arguments, cwd=tmp_path)
        assert done.code == 0, done.output
        listed.append([line for line in done.output.splitlines() if "::" in line])
    starts = [sum("/startup/" in each for each in lines) for lines in listed]
    assert max(starts) - min(starts) <= 1
    assert len(set().union(*listed)) == sum(map(len, listed))


@pytest.mark.parametrize("value", ["0/2", "3/2", "2", "1/0", "a/b", "1/2/3"])
def test_no_shard(value: str, tmp_path: Path) -> None:
    done = harness("run", f"--shard={value}", cwd=tmp_path)
    assert done.code == 3
    assert "give a number and how many there are, such as 2/3" in " ".join(done.output.split())
