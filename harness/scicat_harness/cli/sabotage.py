"""The command ``sabotage``: run the suite against backends with one defect each."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.text import Text

from scicat_harness.cli.console import Console
from scicat_harness.cli.forked import ForkedRuns
from scicat_harness.embedded.sabotage import CATALOGUE
from scicat_harness.errors import EnvironmentFault, ExitCode, UsageFault
from scicat_harness.fixtures.profile import Profile
from scicat_harness.model.outcome import Verdict
from scicat_harness.plugin.signals import termination_as_interrupt
from scicat_harness.report.stored.run import read_run
from scicat_harness.suite.sabotage import NOT_CLAIMED, SuitePart, part_for

__all__ = ["Catch", "sabotage"]

_LONGEST_TAIL = 500  # characters of the output of a run without a verdict
_MOST_JOBS = 64


@dataclass(frozen=True, slots=True)
class Catch:
    """The result of the runs with one defect.

    ``check`` is the first check that failed, or the reason why there is no verdict, and ``rule``
    the id of the rule that decided it. ``defect`` is "none" for the baseline.
    """

    defect: str
    part: SuitePart
    caught: bool
    check: str = ""
    rule: str = ""


@click.command()
@click.argument("defects", nargs=-1, metavar="[ID]...")
@click.option(
    "--profile",
    type=click.Choice([str(each) for each in Profile]),
    help="The profile of every run. Default: the smallest one that must catch the defect.",
)
@click.option(
    "-j",
    "jobs",
    type=click.IntRange(1, _MOST_JOBS),
    default=min(os.cpu_count() or 1, _MOST_JOBS),
    metavar="N",
    help="Number of runs at the same time.",
)
@click.option(
    "--baseline/--no-baseline",
    default=True,
    help="Also run the suite without a defect. Leave it out where that was just done.",
)
@click.option(
    "--sample",
    type=click.IntRange(1),
    metavar="N",
    help="Run N of the defects only, chosen by --seed. Default: all.",
)
@click.option("--seed", default="0", show_default=True, metavar="TEXT", help="See --sample.")
@click.option("--list", "only_list", is_flag=True, help="Show the catalogue and run nothing.")
def sabotage(
    defects: Sequence[str],
    profile: str | None,
    jobs: int,
    baseline: bool,
    only_list: bool,
    sample: int | None,
    seed: str,
) -> int:
    """Prove that the suite can fail: it must catch every defect of the embedded backend.

    Exit code 1 if a defect survives.
    """
    known = {each.id: each for each in CATALOGUE}
    unknown = [each for each in defects if each not in known]
    if unknown:
        raise UsageFault(f"no defect called {unknown[0]!r}; see scicat-harness sabotage --list")
    # Defects that the suite does not claim to catch run only when they are named.
    chosen = list(defects) or [name for name in known if name not in NOT_CLAIMED]
    if sample is not None:
        taken = set(random.Random(seed).sample(sorted(chosen), min(sample, len(chosen))))
        chosen = [name for name in chosen if name in taken]
    console = Console()
    if only_list:
        for name in chosen:
            console.print(Text(f"{name}: {known[name].sentence}"), soft_wrap=True)
        return ExitCode.AS_SPECIFIED
    with (
        termination_as_interrupt(),
        tempfile.TemporaryDirectory(prefix="scicat-sabotage-") as folder,
    ):
        parts = {each: _part(each, profile) for each in chosen}
        runs = ForkedRuns(Path(folder))
        wholes = {each.whole() for each in parts.values()} if baseline else set()
        catches = _catch_all(runs, console, parts, wholes, jobs)
    survivors = [each for each in catches if not each.caught]
    console.print(f"{len(catches) - len(survivors)} of {len(catches)} defects caught")
    if not defects:
        for reason in sorted(set(NOT_CLAIMED.values())):
            names = ", ".join(sorted(each for each, why in NOT_CLAIMED.items() if why == reason))
            console.print(Text(f"not claimed, {reason}: {names}"), soft_wrap=True)
    for each in survivors:
        console.print(Text(f"survived: {each.defect}: {known[each.defect].sentence}", style="red"))
    return ExitCode.SCICAT_DIFFERS if survivors else ExitCode.AS_SPECIFIED


def _catch_all(
    runs: ForkedRuns,
    console: Console,
    parts: dict[str, SuitePart],
    wholes: set[SuitePart],
    jobs: int,
) -> list[Catch]:
    catches = []
    with ThreadPoolExecutor(max_workers=max(1, jobs), thread_name_prefix="sabotage") as pool:
        try:
            # Baselines start first and are awaited first, since without them no catch counts.
            without = [pool.submit(_catch, runs, None, each) for each in sorted(wholes, key=str)]
            under_way = [pool.submit(_catch, runs, defect, part) for defect, part in parts.items()]
            for each in without:
                _check_baseline(each.result())
            for each in under_way:
                catches.append(each.result())
                _show(console, catches[-1])
        except BaseException:
            # Before the shutdown, which waits for the runs.
            runs.end()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return catches


def _part(defect: str, given: str | None) -> SuitePart:
    part = part_for(defect)
    return part if given is None else replace(part, profile=Profile(given))


def _show(console: Console, catch: Catch) -> None:
    if catch.caught:
        text = f"caught    {catch.defect} ({catch.part}) by {catch.check}: {catch.rule}"
        console.print(Text(text), soft_wrap=True)
    else:
        text = f"SURVIVED  {catch.defect} ({catch.part}) {catch.check}"
        console.print(Text(text, style="red"), soft_wrap=True)


def _check_baseline(found: Catch) -> None:
    """Raise ``EnvironmentFault`` if the suite fails without a defect.

    Such a suite would seem to catch every defect.
    """
    # A baseline without a verdict has its reason in ``check``, too.
    if found.check:
        raise EnvironmentFault(
            f"{found.part} fails without any defect: {found.check} {found.rule}; "
            "make 'scicat-harness run' pass first"
        )


def _catch(runs: ForkedRuns, defect: str | None, part: SuitePart) -> Catch:
    """Run the checks that are likely to catch a defect, then the whole part if none does."""
    narrowed = part.narrowed()
    if narrowed is not None and defect is not None:
        found = _run(runs, defect, narrowed)
        if found.caught:
            return replace(found, part=part)
    return _run(runs, defect, part.whole())


def _run(runs: ForkedRuns, defect: str | None, part: SuitePart) -> Catch:
    with tempfile.TemporaryDirectory(prefix="scicat-sabotage-") as folder:
        reports = Path(folder)
        arguments = [
            "run",
            f"--profile={part.profile}",
            "-n0",
            *(("-k", part.likely.names) if part.likely.names else ()),
            *(f"--only={each}" for each in part.folders),
            *((f"--defect={defect}",) if defect is not None else ()),
            f"--report-dir={reports}",
            "--maxfail=1",
        ]
        code = runs.run(arguments, reports / "output.txt")
        if code not in (ExitCode.AS_SPECIFIED, ExitCode.SCICAT_DIFFERS):
            said = (reports / "output.txt").read_text(encoding="utf-8", errors="replace")
            tail = said.strip()[-_LONGEST_TAIL:]
            return Catch(defect or "none", part, caught=False, check=f"no verdict: {tail}")
        return _first_failure(defect or "none", part, reports)


def _first_failure(defect: str, part: SuitePart, folder: Path) -> Catch:
    for event in read_run(folder).events:
        record = event.data["record"] if event.kind == "check" else {}
        if record.get("verdict") == Verdict.FAILED:
            return Catch(defect, part, True, record["case"], record["deciding"])
    return Catch(defect, part, caught=False)
