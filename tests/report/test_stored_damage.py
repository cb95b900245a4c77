"""Damaged report folders: every command either works, or says in one line what is wrong where.

A real run is damaged in every field of every kind of event, by values that are wrong in their type,
their size or their depth.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.cli.main import cli
from scicat_harness.errors import UsageFault
from scicat_harness.report.stored.run import read_run

from ..plugin.runs import harness

Event = dict[str, Any]
FEW = (
    "test_matrix and user1 and owner_access or one-reaches-its-queue or "
    "create-calls.answered-201 or url-closed-told"
)

KINDS = (
    ("failed", ()),
    ("deviating", ("job",)),
    ("passed", ("amqp", "job")),
    ("passed", ("job", "log", "url")),
)
"""Verdicts, and the channels of what was seen."""


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


REMOVED = object()
VALUES: dict[str, Any] = {
    "removed": REMOVED,
    "null": None,
    "an empty list": [],
    "an empty object": {},
    "an empty text": "",
    "a text": "x",
    "half a surrogate pair": "\ud83d",
    "a negative number": -1,
    "too large a number": float("inf"),
    "no number": float("nan"),
    "a huge number": 10**400,
    "a fraction": 1e308,
    "true": True,
    "a list of numbers": [1],
    "a list of lists": [["x"]],
    "an object within": {"x": {"x": None}},
    "deep": _nested(150),
    "too deep": _nested(600),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """The events of a real run: its start, one check of each kind, its end."""
    folder = tmp_path_factory.mktemp("real") / "report"
    defect = "--defect=datasets.check.any-instead-of-all"
    given = ("run", "--profile=smoke", defect, "-k", FEW, f"--report-dir={folder}")
    done = harness(*given, cwd=folder.parent)
    assert done.code == 1, done.output
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events: list[Event] = [json.loads(line) for line in lines]
    shortest = sorted(events[1:-1], key=lambda each: -len(json.dumps(each)))
    chosen = {_kind(each): each for each in shortest}
    return [events[0], *(chosen[each] for each in KINDS), events[-1]]


def _kind(event: Event) -> tuple[str, tuple[str, ...]]:
    record = event["record"]
    effects = [each for seen in record["seen"] for each in seen["effects"] or ()]
    return record["verdict"], tuple(sorted({each["channel"] for each in effects}))


def write(folder: Path, events: Sequence[Event]) -> Path:
    """A report folder with these events."""
    folder.mkdir(exist_ok=True)
    text = "".join(f"{json.dumps(each)}\n" for each in events)
    (folder / "events.jsonl").write_text(text, encoding="utf-8")
    return folder


def keys_in(value: Any, depth: int) -> Iterator[tuple[Any, ...]]:
    """The way to every key, and to the last entry of every list."""
    entries: Any = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = [(len(value) - 1, value[-1])] if value else ()
    for key, inner in entries:
        yield (key,)
        if depth > 1:
            yield from ((key, *rest) for rest in keys_in(inner, depth - 1))


def damaged(event: Event, way: Sequence[Any], value: Any) -> Event:
    """The event with another value there, or without the key."""
    changed = copy.deepcopy(event)
    place: Any = changed
    for key in way[:-1]:
        place = place[key]
    if value is REMOVED:
        del place[way[-1]]
    else:
        place[way[-1]] = value
    return changed


def commands(folder: Path, whole: Path) -> Iterator[list[str]]:
    """Every command that opens a stored run."""
    yield from (["report", "--format", each] for each in ("junit", "json", "markdown", "allure"))
    yield ["report", "--earlier", str(whole)]
    yield ["certificate", "--format", "html"]
    yield from (["diff", "--format", each, str(whole)] for each in ("json", "table", "markdown"))
    yield ["diff", "--output", str(folder / "diff.txt"), str(whole)]
    yield ["recheck"]


def faults_of(folder: Path, whole: Path) -> Iterator[str]:
    """What is wrong with how the commands take a folder; it says nothing where all is well."""
    try:
        read_run(folder)
    except UsageFault as error:
        if not re.search(rf"^{folder}/events.jsonl: line \d+ .*; give a report folder", str(error)):
            yield f"unclear: {error}"
        return
    except Exception as error:
        yield f"opening: {error!r}"
        return
    for command in commands(folder, whole):
        try:
            cli.main([*command, str(folder)], standalone_mode=False)
        except UsageFault as error:
            if f"{folder}/events.jsonl: line " not in str(error):
                yield f"{' '.join(command)}: unclear: {error}"
        except Exception as error:
            yield f"{' '.join(command)}: {error!r}"


@pytest.fixture
def tried(
    run: list[Event], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int, int], tuple[list[str], int]]:
    """What is wrong when an event is damaged, at every key down to a depth; and how many ways."""
    monkeypatch.setenv("COLUMNS", "100")
    whole = write(tmp_path / "whole", [{**run[0], "run": "harness-00000000"}, *run[1:]])

    def damage(number: int, depth: int) -> tuple[list[str], int]:
        found, count = [], 0
        for way in keys_in(run[number], depth):
            for name, value in VALUES.items():
                changed = [*run[:number], damaged(run[number], way, value), *run[number + 1 :]]
                folder = write(tmp_path / "damaged", changed)
                told = ".".join(map(str, way))
                found += [f"{told}, {name}: {each}" for each in faults_of(folder, whole)]
                count += 1
        return found, count

    return damage


def test_the_first_event(tried: Callable[[int, int], tuple[list[str], int]]) -> None:
    found, count = tried(0, 2)
    assert found == []
    assert count > 200


def test_the_last_event(tried: Callable[[int, int], tuple[list[str], int]]) -> None:
    found, count = tried(-1, 2)
    assert found == []
    assert count > 100


@pytest.mark.parametrize("number", range(1, 1 + len(KINDS)), ids=map(str, KINDS))
def test_a_check(number: int, tried: Callable[[int, int], tuple[list[str], int]]) -> None:
    found, count = tried(number, 6)
    assert found == []
    assert count > 300
