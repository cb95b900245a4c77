"""Setups that are kept: judged several times, ended in order, swept when their keeper is killed."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from .runs import Run, events, harness, started, wait_for

GONE = 60.0
FEW = ("--profile=smoke", "-k", "test_matrix and user1 and owner_access")
Command = Callable[..., Run]


class Place:
    """Where setups of one test are written down, and keep their temporary files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state, self.temporary = folder / "state", folder / "tmp"
        self.temporary.mkdir()
        self.variables = {"XDG_STATE_HOME": str(self.state), "TMPDIR": str(self.temporary)}

    def command(self, *arguments: str) -> Run:
        """``scicat-harness`` with these arguments, to its end."""
        return harness(*arguments, cwd=self.folder, environment=self.variables)

    def written(self, name: str = "default") -> dict[str, Any]:
        """What is written down of a setup."""
        path = self.state / "scicat-harness" / "kept" / name / "state.json"
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def processes(self, name: str = "default") -> list[psutil.Process]:
        """The keeper of a setup, and what it started."""
        keeper = psutil.Process(self.written(name)["process"])
        return [keeper, *keeper.children(recursive=True)]

    def names(self) -> list[str]:
        """Everything that is written down."""
        return [each.name for each in (self.state / "scicat-harness" / "kept").glob("*")]

    def folders(self) -> list[str]:
        """Temporary folders of setups and runs."""
        return [each.name for each in (self.state / "scicat-harness" / "runs").glob("*")]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    for name in made.names():
        for process in made.processes(name):
            process.kill()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that do not end."""
    left: list[psutil.Process] = psutil.wait_procs(processes, timeout=GONE)[1]
    return left


def checks(folder: Path) -> int:
    """How many checks were done."""
    return len(events(folder, "check"))


def test_a_setup_is_judged_twice_and_ended(place: Place) -> None:
    up = place.command("up", "--profile=smoke")
    assert up.code == 0, up.output
    assert up.says("scicat-harness run --kept default", "scicat-harness down --name default")
    written = place.written()
    assert (
        place.state / "scicat-harness" / "kept" / "default" / "state.json"
    ).stat().st_mode & 0o077 == 0
    for number, workers in enumerate(("0", "2")):
        report = place.folder / f"report-{number}"
        more = ("-n", workers, f"--report-dir={report}")
        run = place.command("run", "--kept=default", *FEW, *more)
        assert run.code == 0, run.output
        assert checks(report) > 3
        assert place.written() == written
    processes = place.processes()
    down = place.command("down")
    assert down.code == 0
    assert down.says("default: ended")
    assert alive(processes) == []
    assert place.folders() == []
    assert place.names() == []


def test_its_options_are_those_of_the_runs(place: Place) -> None:
    defect = "--defect=datasets.check.any-instead-of-all"
    assert place.command("up", "--profile=smoke", defect).code == 0
    counts: list[int] = []
    for profile in ((), ("--profile=full",)):
        report = place.folder / f"report-{len(counts)}"
        more = (*FEW[1:], *profile, f"--report-dir={report}")
        run = place.command("run", "--kept=default", *more)
        assert run.code == 1, run.output
        counts.append(checks(report))
    # How much to check is the one thing that a run may say itself.
    assert counts[1] > counts[0]
    assert place.command("down").code == 0


def test_a_killed_keeper_is_swept(place: Place) -> None:
    assert place.command("up", "--profile=smoke", "--name=a").code == 0
    processes = place.processes("a")
    processes[0].kill()
    assert alive(processes) == []
    run = place.command("run", "--kept=a", *FEW)
    assert run.code == 3
    assert run.says("no setup of that name is up", "scicat-harness up --name a")
    down = place.command("down", "--all")
    assert down.code == 0
    assert down.says("a: removed what its killed process left")
    assert place.names() == []
    assert place.folders() == []


def test_what_was_written_of_a_killed_keeper_goes_with_the_next_command(place: Place) -> None:
    assert place.command("up", *FEW[:1], "--name=killed").code == 0
    keeper, *others = place.processes("killed")
    keeper.kill()
    psutil.wait_procs([keeper, *others], timeout=GONE)
    assert place.names() == ["killed"]
    # The password of every account is in it.
    assert place.command("down", "--name=another").code in (0, 3)
    assert place.names() == []


def test_a_name_is_taken_once(place: Place) -> None:
    assert place.command("up", "--profile=smoke").code == 0
    again = place.command("up", "--profile=smoke")
    assert again.code == 3
    assert again.says("a setup called 'default' is up already")
    assert place.command("down").code == 0


def test_what_cannot_be_started_says_why(place: Place) -> None:
    up = place.command("up", "--deployment=process", "--backend-dir=missing")
    assert up.code == 3
    assert up.says("--backend-dir", "missing: no such folder")
    assert place.names() == []
    assert place.folders() == []


@pytest.mark.parametrize("name", ["..", "../..", "", "a/b", ".", "/tmp"])
def test_a_name_that_leads_elsewhere_is_refused(name: str, place: Place) -> None:
    kept = place.state / "precious"
    kept.mkdir(parents=True)
    # What cannot be started has its folder removed: it must be one of ours.
    for command in (("up", "--deployment=process", "--backend-dir=missing"), ("down",)):
        ended = place.command(*command, f"--name={name}")
        assert ended.code == 3
        assert ended.says("--name", "give letters, digits" if name else "it is empty")
    assert kept.is_dir()


def test_what_another_version_wrote_is_said_to_be(place: Place) -> None:
    folder = place.state / "scicat-harness" / "kept" / "old"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text('{"process": 1}')
    down = place.command("down", "--name=old")
    assert down.code == 3
    assert down.says("state.json has another format than this version of the harness writes")
    (folder / "state.json").unlink()
    folder.rmdir()


def test_what_is_not_there_cannot_be_ended(place: Place) -> None:
    down = place.command("down", "--name=x")
    assert down.code == 3
    assert down.says("no setup called 'x' is kept; kept setups: none")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_is_cut_short_leaves_nothing(
    number: signal.Signals, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in place.variables.items():
        monkeypatch.setenv(name, value)
    with started("up", cwd=place.folder) as up:
        wait_for(up, lambda: bool(place.folders()))
        processes = psutil.Process(up.pid).children(recursive=True)
        up.send_signal(number)
        output, _ = up.communicate(timeout=GONE)
    assert up.returncode == 2, output
    assert "Traceback" not in output
    assert alive(processes) == []
    assert place.folders() == []
    assert [each for each in place.names() if (place.state / each / "state.json").exists()] == []


def test_a_failed_run_is_left_up(place: Place) -> None:
    defect = "--defect=datasets.check.any-instead-of-all"
    run = place.command("run", "--keep", *FEW, defect)
    assert run.code == 1, run.output
    (name,) = place.names()
    assert run.says(f"kept as {name}", "union: http://127.0.0.1", "scicat-harness down --name")
    assert place.command("down", f"--name={name}").code == 0


def test_a_run_that_passes_leaves_nothing_up(place: Place) -> None:
    run = place.command("run", "--keep", *FEW)
    assert run.code == 0, run.output
    assert place.names() == []
    assert place.folders() == []
