"""Leftovers: noted before they are made, removed by their kind, named when they cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scicat_harness.errors import EnvironmentFault
from scicat_harness.state.leftovers import Entry, Leftovers, Remover, Removers


def taking(found: list[Entry]) -> Removers:
    """A remover of things that does nothing but note them."""
    return {"thing": Remover(found.append, lambda entry: f"thing {entry['name']}")}


def failing(entry: Entry) -> None:
    raise EnvironmentFault(f"no server has {entry['name']}")


REFUSING: Removers = {"thing": Remover(failing, lambda entry: f"thing {entry['name']}")}


def test_what_was_noted_is_removed_and_forgotten(tmp_path: Path) -> None:
    Leftovers(tmp_path).note("thing", name="x")
    found: list[Entry] = []
    assert Leftovers(tmp_path).remove(taking(found)) == []
    assert [each["name"] for each in found] == ["x"]
    assert list(tmp_path.iterdir()) == []


def test_a_note_is_on_disk_at_once_and_for_nobody_else(tmp_path: Path) -> None:
    Leftovers(tmp_path / "run").note("thing", uri="mongodb://user:secret@a/b")
    (path,) = (tmp_path / "run").iterdir()
    assert "secret" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_half_a_note_names_nothing(tmp_path: Path) -> None:
    Leftovers(tmp_path).note("thing", name="first")
    (path,) = tmp_path.iterdir()
    with path.open("a") as file:
        file.write('{"kind": "thing", "n')
    found: list[Entry] = []
    Leftovers(tmp_path).remove(taking(found))
    assert [each["name"] for each in found] == ["first"]


def test_what_cannot_be_removed_is_named_and_kept(tmp_path: Path) -> None:
    Leftovers(tmp_path).note("thing", name="x")
    Leftovers(tmp_path).note("thing", name="y")
    assert Leftovers(tmp_path).remove(REFUSING) == [
        "thing x: no server has x",
        "thing y: no server has y",
    ]
    found: list[Entry] = []
    assert Leftovers(tmp_path).remove(taking(found)) == []
    assert [each["name"] for each in found] == ["x", "y"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"kind": "castle", "name": "x"}, "a castle, which this version cannot remove"),
        ({"name": "x"}, "a leftover without a kind, which this version cannot remove"),
        ({"kind": "thing"}, "a thing whose entry is damaged"),
    ],
)
def test_what_is_not_understood_is_named_and_kept(
    line: dict[str, str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "leftovers.jsonl"
    path.write_text(json.dumps(line) + "\n")
    (problem,) = Leftovers(tmp_path).remove(REFUSING)
    assert said in problem
    assert json.loads(path.read_text()) == line


def test_what_cannot_be_removed_for_weeks_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "leftovers.jsonl"
    path.write_text('{"kind": "thing", "name": "x", "since": "2024-07-02T09:00:00+00:00"}\n')
    (problem,) = Leftovers(tmp_path).remove(REFUSING)
    assert "given up, because it was made 2024-07-02" in problem
    assert Leftovers(tmp_path).remove(REFUSING) == []


def test_a_folder_without_notes_is_no_problem(tmp_path: Path) -> None:
    assert Leftovers(tmp_path).remove(REFUSING) == []
