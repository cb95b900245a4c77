"""The history of many runs, such as nightly ones: verdicts, counts, times, what came and went.

A history needs the ``summary.json`` of each report folder, and the first line of its
``events.jsonl`` for the time. Runs of one target (deployment, image or release, profile, reading)
are compared with each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from scicat_harness.errors import UsageFault
from scicat_harness.files import read_given

__all__ = ["History", "PastRun", "badge", "histories", "past_runs"]

_COLOURS = {"pass": "brightgreen", "fail": "red", "unknown": "yellow"}


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run: when it began, its target, verdict and numbers; ``causes`` are lines of text."""

    folder: Path
    at: datetime
    target: str
    verdict: str
    release: str
    checks: Mapping[str, int]
    seconds: float
    requests: int
    causes: tuple[str, ...]
    deviations: tuple[str, ...]

    @property
    def total(self) -> int:
        """Number of checks with any verdict."""
        return sum(self.checks.values())


@dataclass(frozen=True, slots=True)
class Step:
    """A run, with the causes and known deviations that the run before it did not have, or had."""

    run: PastRun
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """The runs of one target, the newest first."""

    target: str
    steps: tuple[Step, ...]

    @property
    def newest(self) -> PastRun:
        """The newest run."""
        return self.steps[0].run


def past_runs(folders: Sequence[Path]) -> list[PastRun]:
    """Return the runs in report folders, or in folders of report folders.

    Raises UsageFault for a folder without any run, and for a summary that cannot be read.
    """
    return [_read(each) for folder in folders for each in _reports(folder)]


def histories(runs: Iterable[PastRun]) -> list[History]:
    """Return one history per target; the target with the newest run comes first."""
    found: dict[str, list[PastRun]] = {}
    for run in sorted(runs, key=lambda each: each.at):
        found.setdefault(run.target, []).append(run)
    made = [History(target, tuple(reversed(_steps(each)))) for target, each in found.items()]
    return sorted(made, key=lambda each: each.newest.at, reverse=True)


def badge(run: PastRun) -> dict[str, Any]:
    """Return the content of a badge, as the ``endpoint`` of shields.io reads it."""
    return {
        "schemaVersion": 1,
        "label": "SciCat jobs",
        "message": f"{run.release} {run.verdict}",
        "color": _COLOURS.get(run.verdict, "lightgrey"),
    }


def _steps(runs: Sequence[PastRun]) -> list[Step]:
    steps = [Step(runs[0])]
    for was, now in pairwise(runs):
        before, after = _noted(was), _noted(now)
        came = tuple(each for each in after if each not in before)
        went = tuple(each for each in before if each not in after)
        steps.append(Step(now, came, went))
    return steps


def _noted(run: PastRun) -> dict[str, None]:
    deviations = (f"known deviation: {each}" for each in run.deviations)
    return dict.fromkeys((*run.causes, *deviations))


def _reports(folder: Path) -> Iterator[Path]:
    if (folder / "summary.json").is_file():
        yield folder
        return
    found = sorted(each.parent for each in folder.glob("*/summary.json"))
    if not found:
        raise UsageFault(f"{folder}: no summary.json in it or below it; give report folders")
    yield from found


def _read(folder: Path) -> PastRun:
    file = folder / "summary.json"
    text = read_given(file, str(file), "give the report folder of a finished run")
    try:
        summary = json.loads(text)
        return PastRun(
            folder=folder,
            at=_began(folder),
            target=_target(summary),
            verdict=str(summary["verdict"]),
            release=str(summary["backend_version"]),
            checks={str(name): int(number) for name, number in summary["checks"].items()},
            seconds=float(summary["seconds"]),
            requests=int(summary["requests"]),
            causes=tuple(f"{each['kind']}: {each['line']}" for each in summary.get("causes", ())),
            deviations=tuple(summary.get("known_deviations", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageFault(
            f"{file}: is no summary of a run ({type(error).__name__}: {error}); make it again with "
            f"scicat-harness report {folder}"
        ) from None


def _began(folder: Path) -> datetime:
    """Return the time of the first event; only its line is read."""
    file = folder / "events.jsonl"
    try:
        with file.open(encoding="utf-8") as lines:
            return datetime.fromisoformat(json.loads(lines.readline())["at"])
    except OSError as error:
        raise UsageFault(f"{file}: cannot be read ({error.strerror})") from None


def _target(summary: Mapping[str, Any]) -> str:
    # A tag such as latest is one target, whatever image it is each night.
    what = summary.get("image") or summary["backend_version"]
    return f"{what}, {summary['deployment']}, {summary['profile']}, {summary['expect']}"
