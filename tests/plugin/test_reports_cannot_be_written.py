"""A report that cannot be written: exit code 2, one message, and nowhere a verdict."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from scicat_harness.report.stored.run import read_run

from .runs import Run, events, harness, plain_pytest, started, wait_for

FEW = ("--profile=smoke", "--only=create", "-k", "test_matrix and user1")
_LIMITED = """
import errno, os, resource, sys
from scicat_harness.plugin.recorder import Recorder
start = Recorder.start
def limited(self, *arguments):
    # From here on, so that neither backends nor sinks have the limit.
    start(self, *arguments)
    resource.setrlimit(resource.RLIMIT_FSIZE, (@, resource.RLIM_INFINITY))
Recorder.start = limited
from scicat_harness.cli.main import main
main()
"""
_FULL = """
import errno, os
from scicat_harness.report.CONSUMER import CLASS
def full(self, kind, data, take=CLASS.take):
    if kind == "finished":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    take(self, kind, data)
CLASS.take = full
from scicat_harness.cli.main import main
main()
"""


def limited(size: int) -> tuple[str, ...]:
    """The command line, whose reports must not be longer than that."""
    return (sys.executable, "-c", _LIMITED.replace("@", str(size)))


def full(consumer: str, name: str) -> tuple[str, ...]:
    """The command line, where one report finds the disk full."""
    return (sys.executable, "-c", _FULL.replace("CONSUMER", consumer).replace("CLASS", name))


def is_without_verdict(done: Run, folder: Path, *said: str) -> bool:
    """Whether a run said what is the matter, and neither said nor wrote how it ended."""
    assert done.code == 2, done.output
    assert done.says("the reports of the run cannot be written", *said), done.output
    assert "pass  " not in done.output
    left = {each.name for each in folder.iterdir()}
    assert left <= {"events.jsonl", "journal.jsonl", "allure-results"} | {
        each for each in left if each.startswith("backend-")
    }
    assert not any((folder / "allure-results").iterdir())
    return True


@pytest.mark.parametrize(("size", "workers"), [(5_000, "0"), (12_000, "0"), (12_000, "2")])
def test_events_that_find_no_room(size: int, workers: str, tmp_path: Path) -> None:
    given = ("run", *FEW, "-n", workers, "--report-dir=report")
    done = harness(*given, cwd=tmp_path, command=limited(size))
    folder = tmp_path / "report"
    assert is_without_verdict(done, folder, f"{folder}: the reports", "File too large")
    assert read_run(folder).verdict == "unknown"


@pytest.mark.parametrize(
    ("consumer", "name"),
    [
        ("events", "JsonLines"),
        ("summary", "SummaryFile"),
        ("markdown", "MarkdownFile"),
        ("junit", "JUnitFile"),
        ("page.file", "PageFile"),
        ("allure", "AllureResults"),
    ],
)
def test_one_report_finds_no_room(consumer: str, name: str, tmp_path: Path) -> None:
    step = tmp_path / "step.md"
    given = ("run", *FEW, "--report-dir=report")
    command = full(consumer, name)
    done = harness(
        *given, cwd=tmp_path, command=command, environment={"GITHUB_STEP_SUMMARY": str(step)}
    )
    assert is_without_verdict(done, tmp_path / "report", "No space left on device")
    assert not step.exists()


def test_a_step_summary_that_cannot_be_written(tmp_path: Path) -> None:
    given = ("run", *FEW, "--report-dir=report")
    nowhere = {"GITHUB_STEP_SUMMARY": str(tmp_path / "no" / "step.md")}
    done = harness(*given, cwd=tmp_path, environment=nowhere)
    assert is_without_verdict(done, tmp_path / "report", "no/step.md: the reports", "No such file")


def test_plain_pytest_says_so_too(tmp_path: Path) -> None:
    where = f"--report-dir={tmp_path / 'report'}"
    given = ("scenarios/read/test_one.py", "--profile=smoke", "-q", where)
    nowhere = {"GITHUB_STEP_SUMMARY": str(tmp_path / "no" / "step.md")}
    done = plain_pytest(*given, environment=nowhere)
    assert is_without_verdict(done, tmp_path / "report", "No such file")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for the events of a run, and not for its reports."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(place))
    with suppress(OSError):
        if not subprocess.run(mount, check=False, capture_output=True).returncode:
            yield place
            subprocess.run(("umount", "-l", str(place)), check=True)
            return
    pytest.skip("no file system can be mounted here")


def test_a_small_disk(small_disk: Path, tmp_path: Path) -> None:
    done = harness("run", *FEW, f"--report-dir={small_disk / 'report'}", cwd=tmp_path)
    folder = small_disk / "report"
    assert is_without_verdict(done, folder, f"{folder}: the reports", os.strerror(errno.ENOSPC))


def test_a_folder_that_another_run_reports_into(tmp_path: Path) -> None:
    whole = ("run", "--profile=standard", "--report-dir=report")
    with started(*whole, cwd=tmp_path) as first:
        wait_for(first, lambda: bool(events(tmp_path / "report", "check")))
        done = harness("run", *FEW, "--report-dir=report", cwd=tmp_path)
        assert done.code == 3, done.output
        told = f"process {first.pid}"
        assert done.says("--report-dir", "a run that has not ended", "harness-", told), done.output
        first.send_signal(signal.SIGKILL)
        first.wait()
    done = harness("run", *FEW, "--report-dir=report", cwd=tmp_path)
    assert done.code == 0, done.output
    assert not [each for each in (tmp_path / "report").iterdir() if each.name.startswith(".")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "it is empty; give a value, or leave it out"),
        (" ", "--report-dir ' ': is empty"),
        ("file", "file is not a folder; give a folder that can be written to"),
        ("file/report", "file is not a folder; give a folder that can be written to"),
        ("x" * 300, "it is too long for a path"),
    ],
)
def test_a_folder_that_is_none(given: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = harness("run", *FEW, "--report-dir", given, cwd=tmp_path)
    assert done.code == 3, done.output
    assert done.says("--report-dir", said), done.output
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_plain_pytest_refuses_an_empty_one() -> None:
    done = plain_pytest("scenarios/read/test_one.py", "--profile=smoke", "--report-dir=")
    assert done.code == 3, done.output
    assert done.says("--report-dir is empty")
