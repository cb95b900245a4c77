"""Leftovers: noted before they are made, removed by the next run, never a living one's."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from fixtures.plugin.folders import new_folder, remove_stale_folders
from harness.deploy.leftovers import Leftovers, remove_leftovers


def removed(folder: Path, *kinds: str) -> list[Mapping[str, str]]:
    """What is handed to the removers of these kinds."""
    found: list[Mapping[str, str]] = []
    remove_leftovers(folder, dict.fromkeys(kinds, found.append))
    return found


def test_what_was_noted_is_handed_to_its_remover(tmp_path: Path) -> None:
    Leftovers(tmp_path).note("database", uri="mongodb://a/b")
    Leftovers(tmp_path).note("messaging", url="amqp://a", names="[]")
    assert removed(tmp_path, "database") == [{"kind": "database", "uri": "mongodb://a/b"}]
    assert len(removed(tmp_path, "database", "messaging")) == 2


def test_a_note_is_on_disk_at_once_and_for_nobody_else(tmp_path: Path) -> None:
    Leftovers(tmp_path / "run").note("database", uri="mongodb://user:secret@a/b")
    (path,) = (tmp_path / "run").iterdir()
    assert "secret" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_half_a_note_names_nothing(tmp_path: Path) -> None:
    notes = Leftovers(tmp_path)
    notes.note("database", uri="first")
    (path,) = tmp_path.iterdir()
    with path.open("a") as file:
        file.write('{"kind": "database", "u')
    assert [each["uri"] for each in removed(tmp_path, "database")] == ["first"]


def test_a_folder_without_notes_is_no_problem(tmp_path: Path) -> None:
    assert removed(tmp_path, "database") == []


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary folders."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def dead_process() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(30)
    return process.pid


def test_the_folder_of_a_dead_process_is_removed_with_what_it_notes(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = temporary / f"scicat-harness-{dead_process()}-x"
    Leftovers(stale).note("thing", name="x")
    found: list[Mapping[str, str]] = []
    monkeypatch.setattr("fixtures.plugin.folders.REMOVERS", {"thing": found.append})
    remove_stale_folders()
    assert [each["name"] for each in found] == ["x"]
    assert not stale.exists()


@pytest.mark.parametrize("pid", [os.getpid(), 1], ids=["ours", "somebody-elses"])
def test_the_folder_of_a_living_process_is_left_alone(pid: int, temporary: Path) -> None:
    living = temporary / f"scicat-harness-{pid}-x"
    living.mkdir()
    remove_stale_folders()
    assert living.exists()


@pytest.mark.parametrize("name", ["scicat-harness-x-1", "scicat-harness-", "other-1-x"])
def test_a_folder_of_another_name_is_left_alone(name: str, temporary: Path) -> None:
    (temporary / name).mkdir()
    remove_stale_folders()
    assert (temporary / name).exists()


def test_our_own_folder_is_named_after_us(temporary: Path) -> None:
    with new_folder() as folder:
        assert Path(folder).parent == temporary
        assert Path(folder).name.startswith(f"scicat-harness-{os.getpid()}-")
        remove_stale_folders()
        assert Path(folder).exists()
