"""The report folder of a running run: its own, and complete or without any verdict."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.report.allure import fresh_results
from scicat_harness.report.folder import ReportFolder

HOLDER = (
    "import sys; from pathlib import Path; from scicat_harness.report.folder import ReportFolder; "
    "folder = ReportFolder(Path(sys.argv[1]), 'harness-killed'); print('held', flush=True); "
    "sys.stdin.read()"
)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[ReportFolder]:
    """A folder with two reports in its stage."""
    found = ReportFolder(tmp_path / "report", "harness-1")
    for name in ("summary.json", "summary.md"):
        (found.stage / name).write_text("pass")
    yield found
    found.release()


def names_in(path: Path) -> list[str]:
    """What is in a folder, hidden files included."""
    return sorted(each.name for each in path.iterdir())


def test_reports_come_to_their_places_together(folder: ReportFolder) -> None:
    (folder.stage / "allure-results").mkdir()
    (folder.stage / "allure-results" / "1-result.json").touch()
    (folder.path / "allure-results").mkdir()
    (folder.path / "allure-results" / "notes.txt").touch()
    folder.publish()
    folder.release()
    assert names_in(folder.path) == ["allure-results", "summary.json", "summary.md"]
    assert names_in(folder.path / "allure-results") == ["1-result.json", "notes.txt"]


def test_one_that_cannot_come_to_its_place_takes_all_back(
    folder: ReportFolder, tmp_path: Path
) -> None:
    (folder.path / "summary.json").mkdir()
    (folder.path / "summary.json" / "of-somebody").touch()
    step = tmp_path / "step.md"
    step.write_text("before\n")
    with pytest.raises(OSError, match=r"summary\.json"):
        folder.publish(step)
    folder.release()
    assert names_in(folder.path) == ["summary.json"]
    assert step.read_text() == "before\n"


def test_the_summary_of_a_step_is_added_to(folder: ReportFolder, tmp_path: Path) -> None:
    step = tmp_path / "step.md"
    step.write_text("before\n")
    folder.publish(step)
    assert step.read_text() == "before\npass"


def test_a_step_summary_that_cannot_be_written_is_named(
    folder: ReportFolder, tmp_path: Path
) -> None:
    with pytest.raises(IsADirectoryError) as found:
        folder.publish(tmp_path)
    assert found.value.filename == str(tmp_path)
    assert [each for each in names_in(folder.path) if not each.startswith(".")] == []


def test_reports_of_an_earlier_run_are_gone_when_a_run_begins(tmp_path: Path) -> None:
    for name in ("summary.json", "report.html", "junit.xml", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "events.jsonl").write_text('{"event":"started","at":""}\n')
    (tmp_path / ".scicat-harness-old").mkdir()
    found = ReportFolder(tmp_path, "harness-1")
    found.release()
    # The events are the recorder's.
    assert names_in(tmp_path) == ["events.jsonl", "notes.txt"]


def test_a_second_run_is_refused_and_told_which_is_there(folder: ReportFolder) -> None:
    who = rf"{folder.path}: a run that has not ended .*\(harness-1, process {os.getpid()}\)"
    with pytest.raises(UsageFault, match=who):
        ReportFolder(folder.path, "harness-2")
    folder.release()
    ReportFolder(folder.path, "harness-2").release()


def test_a_killed_run_lets_go(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(UsageFault, match="harness-killed"):
            ReportFolder(tmp_path, "harness-2")
        holder.send_signal(signal.SIGKILL)
    assert names_in(tmp_path) != []
    ReportFolder(tmp_path, "harness-2").release()
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("given", ["file", "file/report", "dangling", "loop/report", "x" * 300])
def test_what_is_no_folder_is_refused(given: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageFault, match=r"--report-dir .*give a folder that can be written"):
        ReportFolder(tmp_path / given, "harness-1")


@pytest.mark.parametrize("name", [".scicat-harness.lock", "allure-results"])
def test_no_link_is_followed(name: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir() if name == "allure-results" else victim.write_text("precious")
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / name).symlink_to(victim)
    if name == "allure-results":
        (victim / "other-result.json").touch()
        with pytest.raises(OSError, match="it is a link"):
            fresh_results(tmp_path / "report" / name)
        assert names_in(victim) == ["other-result.json"]
        return
    with pytest.raises(UsageFault, match="cannot be written"):
        ReportFolder(tmp_path / "report", "harness-1")
    assert victim.read_text() == "precious"


def test_a_run_that_did_not_begin_leaves_no_folder(tmp_path: Path) -> None:
    ReportFolder(tmp_path / "reports" / "run", "harness-1").release()
    assert names_in(tmp_path) == []


def test_a_full_disk_is_not_the_users_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(EnvironmentFault, match="No space left on device"):
        ReportFolder(tmp_path / "report", "harness-1")


@pytest.mark.parametrize("name", ["report.html", "summary.md", "events.jsonl"])
def test_a_file_that_is_of_no_run_is_not_replaced(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("my notes")
    with pytest.raises(UsageFault, match=f"has a file {name} that is not of a run"):
        ReportFolder(tmp_path, "harness-1")
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "my notes"
