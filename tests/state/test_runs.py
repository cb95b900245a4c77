"""Run folders: removed by anybody once their owner is gone, never while it or a child lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.state.folder import private_folder, state_folder
from scicat_harness.state.leftovers import Entry, Remover, Removers
from scicat_harness.state.runs import RunFolder, has_owner, remove_abandoned, taking_abandoned

RUN = "harness-0123abcd"
_OWNER = """
import subprocess, sys
from scicat_harness.state.runs import RunFolder, inherited_locks
folder = RunFolder(sys.argv[1])
folder.leftovers.note("thing", name="x")
waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
if sys.argv[2] == "child":
    subprocess.Popen(waits, stdin=0, pass_fds=inherited_locks())
print(folder.path, flush=True)
sys.stdin.read()
"""
"""A process with a run folder, and maybe a child that outlives it for as long as its input."""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return state_folder()


@contextmanager
def owner(kind: str = "alone") -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A living owner and its folder."""
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, RUN, kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def kill(process: subprocess.Popen[str]) -> None:
    """As the kernel does."""
    process.send_signal(signal.SIGKILL)
    process.wait(30)


def taking(found: list[Entry]) -> Removers:
    return {"thing": Remover(found.append, lambda entry: entry["name"])}


def test_the_folder_of_a_killed_owner_is_removed_with_what_it_notes() -> None:
    found: list[Entry] = []
    with owner() as (process, path):
        kill(process)
        assert remove_abandoned(taking(found)) == []
        assert not path.exists()
    assert [each["name"] for each in found] == ["x"]


def test_the_folder_of_a_living_owner_is_left_alone() -> None:
    with owner() as (_, path):
        assert has_owner(path)
        assert remove_abandoned({}) == []
        assert path.exists()
        with pytest.raises(UsageFault, match="still going on"), taking_abandoned(RUN):
            pass


def test_a_child_that_lives_on_keeps_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scicat_harness.state.runs._DYING", 0.2)
    with owner("child") as (process, path):
        kill(process)
        assert remove_abandoned({}) == []
        assert path.exists()
        assert process.stdin is not None
        process.stdin.close()
        monkeypatch.setattr("scicat_harness.state.runs._DYING", 20.0)
        assert remove_abandoned(taking([])) == []
        assert not path.exists()


def test_the_number_of_a_process_means_nothing() -> None:
    """Another process namespace has other numbers; the lock is the same in all of them."""
    with owner() as (_, path):
        (path / "lock").write_text('{"process": 1, "started": "0", "where": "elsewhere"}')
        assert remove_abandoned({}) == []
        assert path.exists()


def test_our_own_folder_goes_when_it_is_closed() -> None:
    folder = RunFolder(RUN)
    assert folder.path.stat().st_mode & 0o077 == 0
    assert remove_abandoned({}) == []
    assert folder.path.exists()
    assert folder.close({}) == []
    assert folder.close({}) == []
    assert not folder.path.exists()


def test_what_cannot_be_removed_now_is_kept_for_the_next_start() -> None:
    def refuse(_: Entry) -> None:
        raise EnvironmentFault("the server is gone")

    folder = RunFolder(RUN)
    folder.leftovers.note("thing", name="x")
    refusing = {"thing": Remover(refuse, lambda entry: f"thing {entry['name']}")}
    assert folder.close(refusing) == ["thing x: the server is gone"]
    assert remove_abandoned(refusing) == ["thing x: the server is gone"]
    assert remove_abandoned(refusing, "harness-ffffffff") == []
    found: list[Entry] = []
    assert remove_abandoned(taking(found)) == []
    assert [each["name"] for each in found] == ["x"]
    assert not folder.path.exists()


@pytest.mark.parametrize(
    "name", ["scicat-harness-2026-11-28", "harness-0123abcd", "harness-x.01234567", "reports"]
)
def test_a_folder_of_another_name_is_left_alone(name: str, state: Path) -> None:
    (private_folder(state / "runs") / name).mkdir(mode=0o700)
    (state / "runs" / name / "lock").touch()
    assert remove_abandoned({}) == []
    assert (state / "runs" / name).exists()


def test_a_link_to_a_folder_is_left_alone(state: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (elsewhere / "lock").touch()
    (private_folder(state / "runs") / f"{RUN}.01234567").symlink_to(elsewhere)
    assert remove_abandoned({}) == []
    assert (elsewhere / "lock").exists()


def test_a_folder_without_a_lock_is_left_alone(state: Path) -> None:
    planted = private_folder(state / "runs") / f"{RUN}.01234567"
    planted.mkdir(mode=0o700)
    (planted / "leftovers.jsonl").write_text('{"kind": "thing", "name": "x"}\n')
    found: list[Entry] = []
    assert remove_abandoned(taking(found)) == []
    assert (found, planted.exists()) == ([], True)


def test_a_state_folder_that_others_may_write_to_is_refused(state: Path) -> None:
    state.chmod(0o777)
    with pytest.raises(EnvironmentFault, match="others may write to"):
        state_folder()


def test_a_state_folder_that_others_may_read_is_closed(state: Path) -> None:
    state.chmod(0o755)
    assert state_folder().stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_state_folder_of_somebody_else_is_refused(state: Path) -> None:
    os.chown(state, 12345, 12345)
    with pytest.raises(EnvironmentFault, match="not a folder of yours"):
        state_folder()


def test_a_state_folder_that_cannot_be_made_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(EnvironmentFault, match="set XDG_STATE_HOME"):
        state_folder()
