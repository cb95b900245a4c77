"""What the harness adds: a profile against the same requests replayed raw, in one run.

    python -m benchmarks.overhead [-n N] [options of 'pytest scenarios']

Prints seconds for the checks, seconds for the raw replay at the same concurrency, their ratio,
checks per second, harness CPU per check, and start-up to first check. With ``--own-tests COMMAND``
that command is run in the same sitting and must print a line with the number of tests and the
seconds they took (``tests N ... seconds S``); the ratio of the rates is printed too.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.recording import FOLDER
from scicat_harness.cli.run import pytest_arguments

_DEADLINE = 3600


def main() -> int:
    """Run, replay, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-n", dest="workers", type=int, default=0)
    parser.add_argument("--own-tests", metavar="COMMAND")
    known, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="scicat-benchmark-") as folder:
        wall = _run(Path(folder), known.workers, rest)
        figures = _figures(Path(folder), wall)
    for name, value in figures.items():
        print(f"{name:32} {value:10.3f}")
    if known.own_tests:
        _compare(figures["checks per second"], known.own_tests)
    return 0


def _run(folder: Path, workers: int, rest: list[str]) -> float:
    command = [
        *(sys.executable, "-m", "pytest", "-q", *pytest_arguments({})),
        *("-p", "xdist.plugin", "-p", "benchmarks.recording"),
        *("--report-dir", str(folder / "report")),
        *(("-n", str(workers), "--dist", "worksteal") if workers else ()),
        *rest,
    ]
    started = time.monotonic()
    done = subprocess.run(
        command,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", FOLDER: str(folder)},
        capture_output=True,
        text=True,
        timeout=_DEADLINE,
        check=False,
    )
    print(done.stdout.strip().splitlines()[-1])
    if not (folder / "replay.json").exists():
        raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
    return time.monotonic() - started


def _figures(folder: Path, wall: float) -> dict[str, float]:
    replay: dict[str, Any] = json.loads((folder / "replay.json").read_text())
    numbers = [json.loads(path.read_text()) for path in folder.glob("*.numbers.json")]
    checking = [each for each in numbers if each["requests"]]
    summary = json.loads((folder / "report" / "summary.json").read_text())
    checks = sum(summary["checks"].values())
    requests = sum(each["requests"] for each in checking)
    return {
        "checks": checks,
        "requests": requests,
        "seconds checking": replay["checking"],
        "seconds replaying": replay["replaying"],
        "checking / replaying": replay["checking"] / replay["replaying"],
        "replayed with another status": replay["other_statuses"],
        "checks per second": checks / replay["checking"],
        "requests per second, replaying": requests / replay["replaying"],
        "harness CPU ms per check": 1000 * sum(each["cpu"] for each in numbers) / checks,
        "seconds beside checks and replay": wall - replay["checking"] - replay["replaying"],
    }


def _compare(rate: float, command: str) -> None:
    done = subprocess.run(
        shlex.split(command), capture_output=True, text=True, timeout=_DEADLINE, check=False
    )
    found = re.findall(r"tests (\d+).*?seconds ([\d.]+)", done.stdout)
    if not found:
        raise SystemExit(f"no 'tests N ... seconds S' line in:\n{done.stdout}{done.stderr}")
    tests, seconds = int(found[-1][0]), float(found[-1][1])
    print(f"{'own tests per second':32} {tests / seconds:10.3f}")
    print(f"{'our rate / their rate':32} {rate * seconds / tests:10.3f}")


if __name__ == "__main__":
    sys.exit(main())
