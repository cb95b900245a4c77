"""One fault at every stage of a run: it ends, says why, and leaves nothing for good."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from ..plugin.runs import GONE, ROOT
from ..realbackend import REAL, mongo, needs_real_backend
from .cells import CELLS, STAGES, WITH_MONGO, Cell, table

FEW = ("--profile=smoke", "-n0", "--only=create", "--only=denied", "--report-dir=report")
DEADLINE = 150.0


@dataclass(frozen=True)
class Ended:
    """How a run with a fault ended."""

    code: int
    said: str
    """On the terminal, and in the reasons of its checks."""


def run(folder: Path, fault: str, stage: str, *more: str, **extra: str) -> Ended:
    """A run with this fault at this stage, to its end; its children have ended, too."""
    command = (sys.executable, "-m", "tests.reliability.injector", fault, stage)
    # Children inherit it, which tells them from those of other tests at the same time.
    own = folder / "tmp"
    own.mkdir(exist_ok=True)
    done = subprocess.run(
        [*command, "run", *FEW, f"--report-dir={folder / 'report'}", *more],
        cwd=ROOT,
        env={
            **os.environ,
            "XDG_STATE_HOME": str(folder / "state"),
            "TMPDIR": str(own),
            **extra,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert psutil.wait_procs(list(_children_of_run(own)), timeout=GONE)[1] == []
    said = " ".join(done.stdout.split()) + "\n" + done.stdout
    assert "Traceback" not in done.stdout, done.stdout
    return Ended(done.returncode, f"{said}\n{_reasons(folder)}")


def _children_of_run(own: Path) -> Iterator[psutil.Process]:
    """The programs that a run with this temporary folder has started, and that still run."""
    for process in psutil.process_iter(["cmdline", "environ"]):
        line = " ".join(process.info["cmdline"] or ())
        folder = (process.info["environ"] or {}).get("TMPDIR")
        if "-m scicat_harness." in line and folder == str(own):
            yield process


def _reasons(folder: Path) -> str:
    path = folder / "report" / "events.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue  # half a line, where the disk was full
        if event["event"] == "check":
            found.append(str(event["record"]["reason"]))
    return "\n".join(sorted(set(found)))


def folders(folder: Path) -> list[Path]:
    """Run folders that are there still."""
    return list((folder / "state" / "scicat-harness" / "runs").iterdir())


def must_be(ended: Ended, cell: Cell, folder: Path) -> None:
    """It ended as the table says."""
    assert ended.code == cell.code, ended.said
    assert re.search(cell.says, ended.said, re.MULTILINE), ended.said
    assert bool(folders(folder)) is cell.left, (folders(folder), ended.said)


EVERY = bool(os.environ.get("SCICAT_CI_RELIABILITY"))


def _sample() -> list[Cell]:
    """Each fault at one stage, each stage with some fault."""
    by_fault: dict[str, list[Cell]] = {}
    for cell in CELLS:
        by_fault.setdefault(cell.fault, []).append(cell)
    return [cells[number % len(cells)] for number, cells in enumerate(by_fault.values(), start=1)]


SAMPLE = CELLS if EVERY else _sample()


@pytest.mark.parametrize("cell", SAMPLE, ids=lambda each: f"{each.fault}-{each.stage}")
def test_a_fault_on_the_embedded_backend(cell: Cell, tmp_path: Path) -> None:
    must_be(run(tmp_path, cell.fault, cell.stage), cell, tmp_path)
    if cell.left:
        # Signal 0 is no fault: the next run, which removes what that one left.
        assert run(tmp_path, "SIGCONT", "start", "-k", "nothing-is-called-so").code == 3
        assert folders(tmp_path) == []


@needs_real_backend
@pytest.mark.parametrize("cell", WITH_MONGO, ids=lambda each: f"{each.fault}-{each.stage}")
def test_a_fault_of_the_database_of_a_real_backend(cell: Cell, tmp_path: Path) -> None:
    with mongo() as server:
        real = ("--deployment=process", f"--backend-dir={REAL}", "--broker=embedded")
        ended = run(
            tmp_path,
            cell.fault,
            cell.stage,
            *real,
            f"--mongo-uri={server.uri}",
            INJECTED_MONGO=str(server.process.pid),
        )
        must_be(ended, cell, tmp_path)


@needs_real_backend
@pytest.mark.parametrize(
    "cell",
    [each for each in CELLS if each.fault.startswith(("backend", "broker", "SIG"))],
    ids=lambda each: f"{each.fault}-{each.stage}",
)
def test_a_fault_on_a_real_backend(cell: Cell, tmp_path: Path) -> None:
    with mongo() as server:
        real = ("--deployment=process", f"--backend-dir={REAL}", "--broker=embedded")
        ended = run(tmp_path, cell.fault, cell.stage, *real, f"--mongo-uri={server.uri}")
        must_be(ended, cell, tmp_path)


def test_the_sample_has_every_fault_and_every_stage() -> None:
    assert {cell.fault for cell in _sample()} == {cell.fault for cell in CELLS}
    assert {cell.stage for cell in _sample()} == set(STAGES)


def test_the_page_has_the_table() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert table() in page
