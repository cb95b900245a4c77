"""The command ``mutate``: which small defects of a real backend the checks notice."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from scicat_harness.cli.choices import RELEASE_OPTION, checked
from scicat_harness.cli.console import Console
from scicat_harness.cli.forked import ForkedRuns
from scicat_harness.cli.kept_runs import KeptRuns
from scicat_harness.errors import EnvironmentFault, ExitCode, UsageFault
from scicat_harness.fixtures.profile import Profile
from scicat_harness.mutate.copy import PARTS, MutatedCopy
from scicat_harness.mutate.coverage import Coverage
from scicat_harness.mutate.equivalent import Equivalents
from scicat_harness.mutate.mutant import Mutant
from scicat_harness.mutate.result import Fate, Result, Results
from scicat_harness.paths import PACKAGE, SCENARIOS
from scicat_harness.plugin.signals import termination_as_interrupt

__all__ = ["mutate"]

_MOST_JOBS = 16
_USUAL_JOBS = 2
"""Each setup has two backends, a broker and sinks."""
_FIRST = 60
"""Checks that are tried first; most mutants need no more."""


@click.command()
@click.option(
    "--backend-dir",
    required=True,
    metavar="DIR",
    help="A built checkout of the backend with its sources. It is copied and not changed.",
)
@click.option(*RELEASE_OPTION, metavar="vX.Y.Z", help="Release of the backend.")
@click.option("--mongo-uri", metavar="URI", help="A MongoDB server. Default: mongod on the PATH.")
@click.option("--broker", metavar="embedded|rabbitmq|URL", help="The message broker.")
@click.option(
    "--profile",
    type=click.Choice([str(each) for each in Profile]),
    default=str(Profile.SMOKE),
    show_default=True,
    help="The checks that may notice a mutant.",
)
@click.option(
    "--sample",
    type=click.IntRange(1),
    metavar="N",
    help="Try N of the mutants that the checks run, chosen by --seed. Default: all.",
)
@click.option("--seed", default="0", show_default=True, metavar="TEXT", help="See --sample.")
@click.option(
    "-j",
    "jobs",
    type=click.IntRange(1, _MOST_JOBS),
    default=min(os.cpu_count() or 1, _USUAL_JOBS),
    metavar="N",
    help="Number of setups that try mutants at the same time. Default: the processors, 2 at most.",
)
@click.option(
    "--mutant",
    "named",
    multiple=True,
    metavar="ID",
    help="Try this one, instead of a sample, unless it is listed as equivalent (repeatable).",
)
@click.option(
    "--part",
    "parts",
    multiple=True,
    default=PARTS,
    show_default=True,
    metavar="PATH",
    help="Files or folders of the checkout to put mutants into.",
)
@click.option(
    "--copy",
    "copy_folder",
    metavar="DIR",
    help="Keep the copy and its coverage here, and use them again. Default: a temporary folder.",
)
@click.option(
    "--report-dir",
    metavar="DIR",
    help="Write mutation.json there, a report that Stryker's HTML elements show.",
)
def mutate(
    profile: str,
    sample: int | None,
    seed: str,
    jobs: int,
    named: Sequence[str],
    parts: Sequence[str],
    copy_folder: str | None,
    report_dir: str | None,
    **given: Any,
) -> int:
    """Put mutants into a copy of a real backend, and count those that the checks notice.

    Each mutant is one small change of the sources, such as a condition that is always true. All
    are built into one copy by Stryker's instrumenter, which npm installs. One is active at a time,
    and only the checks that run it are repeated. A kill counts if the same check passes without
    the mutant. Exit code 1 if a mutant survives and is not listed as equivalent.
    """
    options = {"deployment": "process", "profile": profile, **given}
    checked(options)
    with termination_as_interrupt(), tempfile.TemporaryDirectory(prefix="scicat-mutate-") as made:
        scratch = Path(made)
        folder = Path(copy_folder).absolute() if copy_folder is not None else scratch / "copy"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            copy = MutatedCopy.make(Path(given["backend_dir"]).resolve(), folder, parts)
        except OSError as error:
            raise EnvironmentFault(
                f"{folder}: cannot be written ({error.strerror or error})"
            ) from None
        click.echo(f"{len(copy.mutants)} mutants in {len(copy.sources)} files")
        console = Console()
        results: list[Result] = []
        with ExitStack() as ending:
            setups = Setups(ForkedRuns(scratch), options, scratch, ending)
            first = setups.start(copy)
            coverage = _coverage(copy, first, profile)
            mutants = _chosen(copy, coverage, named, sample, seed)
            if not mutants:
                raise EnvironmentFault("no check of this profile runs any mutant of these parts")
            for _ in range(1, min(jobs, len(mutants))):
                setups.start(copy.beside(setups.new_folder()))
            whole = Results(copy, coverage, results)
            if report_dir is not None:
                # Also of a command that does not come to its end.
                ending.callback(_write, whole, Path(report_dir))
            _try_all(setups, mutants, coverage, results, _listed(mutants, copy), console)
    _print_table(console, whole)
    for line in whole.described():
        console.print(Text(line), soft_wrap=True)
    console.print(Text(whole.headline()), soft_wrap=True)
    return ExitCode.SCICAT_DIFFERS if whole.survivors else ExitCode.AS_SPECIFIED


def _coverage(copy: MutatedCopy, runs: KeptRuns, profile: str) -> Coverage:
    """Return the coverage of a profile: that of an earlier command, or of a run now."""
    path = copy.folder / f"coverage-{profile}-{_digest_of_checks()}.json"
    if not path.is_file():
        order, reports = runs.covered()
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps({"order": order, "reports": reports}), encoding="utf-8")
        draft.replace(path)
    found = json.loads(path.read_text(encoding="utf-8"))
    return Coverage.of(found["reports"], found["order"])


def _digest_of_checks() -> str:
    """Return the digest of the scenarios and their cases, whose coverage may be used again."""
    digest = hashlib.sha256()
    for root in (SCENARIOS, PACKAGE / "fixtures"):
        for path in sorted(each for each in root.rglob("*") if each.suffix in (".py", ".yaml")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _chosen(
    copy: MutatedCopy, coverage: Coverage, named: Sequence[str], sample: int | None, seed: str
) -> list[Mutant]:
    for name in named:
        if name not in copy.mutants:
            raise UsageFault(f"--mutant {name!r}: there are 0 to {len(copy.mutants) - 1}")
        if name not in coverage.checks:
            raise UsageFault(f"--mutant {name}: no check of this profile runs it")
    if named:
        return [copy.mutants[name] for name in named]
    return coverage.sample(copy.mutants.values(), sample, seed)


class Setups:
    """Setups with mutants, each of which takes one mutant at a time."""

    def __init__(
        self, runs: ForkedRuns, options: Mapping[str, Any], folder: Path, ending: ExitStack
    ) -> None:
        self.runs = runs
        self.number = 0
        self._options = options
        self._folder = folder
        self._ending = ending
        self._free: SimpleQueue[KeptRuns] = SimpleQueue()

    def new_folder(self) -> Path:
        """Return a new folder for a copy of the backend."""
        folder = self._folder / f"copy-{self.number}"
        folder.mkdir()
        return folder

    def start(self, copy: MutatedCopy) -> KeptRuns:
        """Start a setup of this copy, which ends with the stack."""
        options = {**self._options, "backend_dir": str(copy.backend_dir)}
        folder = self._folder / f"runs-{self.number}"
        self.number += 1
        setup = KeptRuns(self.runs, options, copy.control_folder, folder)
        self._free.put(self._ending.enter_context(setup))
        return setup

    def tried(self, mutant: Mutant, coverage: Coverage) -> Result:
        """Run the checks that run a mutant: a few of each module first, then all others."""
        setup = self._free.get()
        try:
            first = coverage.first(mutant, _FIRST)
            for checks in (first, coverage.rest(mutant, first)):
                if checks:
                    found = setup.notices(mutant.id, checks)
                    if found is not None:
                        fate = Fate.STOPPED if found.stopped else Fate.KILLED
                        return Result(mutant, fate, found.reason)
        finally:
            self._free.put(setup)
        return Result(mutant, Fate.SURVIVED)


def _listed(mutants: Sequence[Mutant], copy: MutatedCopy) -> dict[str, str]:
    """Return the reasons of those mutants that the list of equivalent ones names, by id."""
    equivalents = Equivalents.read()
    found = {each.id: equivalents.reason(each, copy.sources[each.file]) for each in mutants}
    return {name: reason for name, reason in found.items() if reason is not None}


def _try_all(
    setups: Setups,
    mutants: Sequence[Mutant],
    coverage: Coverage,
    results: list[Result],
    listed: Mapping[str, str],
    console: Console,
) -> None:
    """Add the results of the mutants in their order, and show each when it is there.

    ``listed`` are the reasons of equivalent mutants by id; these are not tried, because all checks
    that run them would have to pass first.
    """
    with ThreadPoolExecutor(max_workers=setups.number, thread_name_prefix="mutate") as pool:
        try:
            under_way = {
                each.id: pool.submit(setups.tried, each, coverage)
                for each in mutants
                if each.id not in listed
            }
            for mutant in mutants:
                if mutant.id in listed:
                    results.append(Result(mutant, Fate.EQUIVALENT, listed[mutant.id]))
                else:
                    results.append(under_way[mutant.id].result())
                _show(console, results[-1])
        except BaseException:
            # Before the shutdown, which waits for the runs.
            setups.runs.end()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _show(console: Console, result: Result) -> None:
    style = "red" if result.fate is Fate.SURVIVED else ""
    text = f"{result.fate.name.lower():<10} {result.mutant}  {result.reason}"
    console.print(Text(text.rstrip(), style=style), soft_wrap=True)


def _print_table(console: Console, results: Results) -> None:
    head, *rows = results.rows()
    table = Table(box=None)
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _write(results: Results, folder: Path) -> None:
    text = json.dumps(results.to_stryker(), indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mutation.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(
            f"--report-dir {folder}: cannot be written ({error.strerror}); give another folder"
        ) from None
