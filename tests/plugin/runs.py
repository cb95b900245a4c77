"""Runs of the command line in a process of their own, as a person would start them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

__all__ = [
    "GONE",
    "ROOT",
    "Ending",
    "Run",
    "by",
    "children_of",
    "events",
    "harness",
    "in_peace",
    "kill_child",
    "plain_pytest",
    "started",
    "wait_for",
]

ROOT = Path(__file__).parents[2]
DEADLINE = 240.0
GONE = 60.0
"""Seconds within which a run that was told to end has ended."""
_COMMAND = (sys.executable, "-m", "scicat_harness")
_STEP = 0.02
Ending = Callable[["subprocess.Popen[str]"], None]
"""What is done to a run in the middle of it."""


def in_peace(run: subprocess.Popen[str]) -> None:
    """Let it come to its end."""
    del run


def by(number: signal.Signals) -> Ending:
    """End it by a signal."""
    return lambda run: run.send_signal(number)


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended, and what it said."""

    code: int
    output: str

    def says(self, *texts: str) -> bool:
        """Whether it said all that, without a traceback; lines may have been wrapped."""
        said = " ".join(self.output.split())
        return "Traceback" not in said and all(text in said for text in texts)


def harness(
    *arguments: str,
    cwd: Path,
    command: tuple[str, ...] = _COMMAND,
    environment: Mapping[str, str] | None = None,
) -> Run:
    """``scicat-harness`` with these arguments and variables, to its end."""
    return _finish((*command, *arguments), cwd, environment)


def plain_pytest(*arguments: str, environment: Mapping[str, str] | None = None) -> Run:
    """``pytest`` with these arguments and variables, in the checkout, to its end."""
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments)
    return _finish(command, ROOT, environment)


@contextmanager
def started(
    *arguments: str,
    cwd: Path,
    command: tuple[str, ...] = _COMMAND,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """``scicat-harness``, running; what is left of it in the end is killed."""
    with subprocess.Popen(
        [*command, *arguments],
        cwd=cwd,
        env=_variables(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as run:
        try:
            yield run
        finally:
            for process in children_of(run):
                process.kill()
            run.kill()


def children_of(run: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes below a run; none when it has ended."""
    try:
        found: list[psutil.Process] = psutil.Process(run.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found


def kill_child(run: subprocess.Popen[str], module: str) -> None:
    """Kill the processes below a run that a module of ours runs in."""
    for process in children_of(run):
        # One that is just ending has no command line any more.
        with suppress(psutil.NoSuchProcess):
            if module in process.cmdline():
                process.kill()


def wait_for(run: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    """Return once something happened; fails when the run ends before, or after a deadline."""
    for _ in range(int(DEADLINE / _STEP)):
        if happened():
            return
        try:
            run.wait(_STEP)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"ended with {run.returncode} too early:\n{run.communicate()[0]}")
    run.kill()
    raise AssertionError(f"nothing happened in time:\n{run.communicate()[0]}")


def events(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The complete events of a kind in a report folder, which need not be there yet."""
    path = folder / "events.jsonl"
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    whole = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return [event for event in whole if event["event"] == kind]


def _finish(command: tuple[str, ...], cwd: Path, extra: Mapping[str, str] | None) -> Run:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=_variables(extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return Run(done.returncode, done.stdout)


def _variables(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Ours, without what a surrounding pytest or CI left in it."""
    foreign = ("PYTEST_", "GITHUB_", "SCICAT_")
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(foreign) or key == "SCICAT_HARNESS_NODE_MODULES"
    }
    fixed = {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "SCICAT_HARNESS_WORKERS": "0"}
    return {**kept, **fixed, **(extra or {})}
