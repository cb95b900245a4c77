"""The commands ``run`` and ``list``: run the scenarios by pytest, with a display of our own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from scicat_harness.cli.alone import pytest_alone
from scicat_harness.cli.choices import (
    checked,
    run_options,
    setup_options,
    show_unobserved,
    single_image,
    warn_of_settings,
)
from scicat_harness.cli.console import Console
from scicat_harness.cli.display import Display, broken
from scicat_harness.cli.ending import ending_soon
from scicat_harness.cli.up import how_to_look_inside, start_keeper, stop_keeper
from scicat_harness.errors import EnvironmentFault, ExitCode, UsageFault
from scicat_harness.fixtures.effects.file import read_rows
from scicat_harness.fixtures.effects.rows import row_files
from scicat_harness.paths import PACKAGE, SCENARIO_ROOT, SCENARIOS
from scicat_harness.plugin.options import report_folder
from scicat_harness.plugin.signals import termination_as_interrupt
from scicat_harness.state.runs import new_run_name

if TYPE_CHECKING:
    from scicat_harness.report.stored.run import RunReport

__all__ = ["concluded", "list_cases", "pytest_arguments", "report_folders", "run"]

_USUAL_WORKERS = 4
_MOST_WORKERS = 64
_REAL = ("process", "containers", "scicatlive")
_MOST_FAILURES = 1_000_000
# Characters of a wrong value that a message quotes.
_LONGEST_SHOWN = 40
# Of several images: a proven difference outweighs a failed environment.
_WORST_FIRST = (ExitCode.SCICAT_DIFFERS, ExitCode.ENVIRONMENT_FAILED, ExitCode.WRONG_USAGE)
_UNUSED_PLUGINS = (
    *("cacheprovider", "doctest"),
    # Per check, these cost as much as sending a request. Scenarios do not print, log or warn.
    *("logging", "warnings", "unraisableexception", "threadexception"),
)


@click.command()
@run_options
@click.option(
    "-n",
    "workers",
    metavar="N",
    envvar="SCICAT_HARNESS_WORKERS",
    help=f"Number of worker processes, {_MOST_WORKERS} at most, or 'auto'. 0: no workers. Default: "
    f"the processors, twice as many for a real backend that the run starts, {_USUAL_WORKERS} at "
    "most.",
)
@click.option("--report-dir", metavar="DIR", help="The report folder. Default: reports/RUN.")
@click.option(
    "--maxfail",
    type=click.IntRange(0, _MOST_FAILURES),
    default=0,
    metavar="N",
    help="Stop after N failures.",
)
@click.option("--keep", is_flag=True, help="Keep the deployment up if the run fails.")
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Print what changed since the run in that report folder, not everything that differs.",
)
def run(
    workers: str | None,
    report_dir: str | None,
    maxfail: int,
    keep: bool,
    since: Path | None,
    **given: Any,
) -> int:
    """Judge a backend, by default the embedded one.

    Writes report.html, summary.json, summary.md, events.jsonl, junit.xml and allure-results into
    the report folder. Several --backend-image are judged one after the other, each with a report
    folder of its own.
    """
    more = _of_workers(workers if workers is not None else _usual_workers(given["deployment"]))
    if maxfail:
        more += ["--maxfail", str(maxfail)]
    warn_of_settings(given)
    images = given.pop("backend_image") or (None,)
    folders = report_folders(report_dir, images)
    earlier = _earlier(since, folders)

    def judged(given: Mapping[str, Any], more: Sequence[str]) -> int:
        display = Display(Console(), progress=sys.stdout.isatty(), since=earlier)
        return _kept(given, more, display) if keep else _judged(given, more, display)

    # All of them before the first run: a mistake must not show up after an hour.
    for image in images:
        checked({**given, "backend_image": image})
    codes = []
    with termination_as_interrupt():
        for image, folder in zip(images, folders, strict=True):
            if len(images) > 1:
                click.echo(f"\n{image}")
            to_report = ["--report-dir", str(folder)] if folder is not None else []
            codes.append(judged({**given, "backend_image": image}, [*more, *to_report]))
    if len(images) > 1:
        for before, after in pairwise(folders):
            click.echo(f"compare: scicat-harness diff {before} {after}")
    return next((each for each in _WORST_FIRST if each in codes), max(codes))


def _usual_workers(deployment: str | None) -> str:
    """Return the number of workers for a deployment."""
    processors = os.cpu_count() or 1
    # A real backend waits for its database and broker most of the time, and its workers for it.
    for_each = 2 if deployment in _REAL else 1
    return str(min(processors * for_each, _USUAL_WORKERS))


def _of_workers(given: str) -> list[str]:
    """Return pytest's arguments for ``-n``; raise ``UsageFault`` for a wrong value."""
    # worksteal, because a few checks start backends and take much longer than the others.
    if given == "auto":
        return ["-n", given, "--dist", "worksteal"]
    # int() raises ValueError for more than 4300 digits, and 10 digits are too many anyway.
    number = int(given) if re.fullmatch(r"[0-9]{1,10}", given) else -1
    if not 0 <= number <= _MOST_WORKERS:
        shown = given if len(given) <= _LONGEST_SHOWN else f"{given[:_LONGEST_SHOWN]}..."
        raise UsageFault(
            f"-n {shown!r}: give a number of worker processes, 0 to {_MOST_WORKERS}, or 'auto'"
        )
    return ["-n", str(number), "--dist", "worksteal"] if number else []


def report_folders(given: str | None, images: Sequence[str | None]) -> Sequence[Path | None]:
    """Return the report folder of each image; None stands for ``reports/RUN``.

    With several images each gets a folder below, named after it, without characters that are
    unusual in file names. Raises ``UsageFault`` if two images have the same name.
    """
    folder = report_folder(given)
    if len(images) == 1:
        return [folder.absolute() if folder is not None else None]
    base = (folder or Path(f"reports/{new_run_name()}")).absolute()
    names = [re.sub(r"[^\w.-]+", "-", each or "") for each in images]
    if len(set(names)) < len(names):
        raise UsageFault("--backend-image: the same image is given twice")
    return [base / name for name in names]


def _earlier(since: Path | None, folders: Sequence[Path | None]) -> RunReport | None:
    """Return the run that this one is compared with, before anything is started."""
    if since is None:
        return None
    if since.resolve() in (each.resolve() for each in folders if each is not None):
        raise UsageFault(f"--since {since}: this run replaces it; give another --report-dir")
    # Imported here: most runs are compared with none.
    from scicat_harness.report.stored.run import read_run

    return read_run(since)


def _judged(given: Mapping[str, Any], more: Sequence[str], display: Display) -> int:
    return concluded([*pytest_arguments(given), *more], display)


def _kept(given: Mapping[str, Any], more: Sequence[str], display: Display) -> int:
    """Start a setup in another process, judge it, and end it only if the run passes."""
    if given["kept"] is not None:
        raise UsageFault("--keep: the setup of --kept is kept anyway; leave --keep out")
    name = new_run_name()
    state = start_keeper(name, setup_options(given))
    code: int = ExitCode.ENVIRONMENT_FAILED
    try:
        code = _judged({**given, "kept": name}, more, display)
    finally:
        # Also after Ctrl-C: the user learns how to look at what is up, and how to end it.
        if code == ExitCode.AS_SPECIFIED:
            stop_keeper(name)
        else:
            for line in how_to_look_inside(name, state):
                click.echo(line)
    return code


def concluded(arguments: list[str], display: Display) -> int:
    """Run pytest, print the result and return the exit code of the run."""
    status = _judged_by_pytest(arguments, display)
    with ending_soon(status == pytest.ExitCode.INTERRUPTED):
        code = display.conclude(status)
        sys.stdout.flush()
    return code


def _judged_by_pytest(arguments: list[str], display: Display) -> int:
    """Run pytest and return its exit code, also when pytest raises."""
    try:
        return pytest_alone(arguments, [display])
    # pytest catches both while a session runs. Errors outside of it, such as in the configuration
    # of plugins, come here after its hooks have cleaned up.
    except KeyboardInterrupt:
        return pytest.ExitCode.INTERRUPTED
    except Exception as error:
        click.echo(broken(error), err=True)
        return pytest.ExitCode.INTERNAL_ERROR


@click.command("list")
@run_options
def list_cases(**given: Any) -> int:
    """List the cases of a profile. Nothing is started."""
    given["backend_image"] = single_image(given["backend_image"])
    show_unobserved(checked(given).release, err=True)
    # Collecting says of a broken file only that there is an error.
    for path in row_files():
        read_rows(path)
    status = pytest_alone([*pytest_arguments(given), "--collect-only", "-q", "--no-summary"])
    if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return ExitCode.AS_SPECIFIED
    return ExitCode.WRONG_USAGE


def pytest_arguments(given: Mapping[str, Any], *, facility: bool = False) -> list[str]:
    """Return pytest's arguments that select and configure the scenarios.

    ``given`` are options of ``run_options``. ``facility`` includes the scenarios of ``verify``.
    Raises ``EnvironmentFault`` if the scenarios are not installed, ``UsageFault`` for an unknown
    folder of ``--only``.
    """
    if not SCENARIOS.is_dir():
        raise EnvironmentFault(
            f"the scenarios are missing: {SCENARIOS} is not a folder; install scicat-harness again"
        )
    arguments = [
        *_folders(given.get("only") or (), facility=facility),
        # An ini file, root folder and conftest of the project around must not have an effect.
        "-c",
        str(PACKAGE / "plugin" / "scenarios.ini"),
        f"--rootdir={SCENARIO_ROOT}",
        "--noconftest",
        # The judge explains failures itself, so rewritten asserts and captured output have no use.
        "--assert=plain",
        "--capture=no",
        "-p",
        "scicat_harness.plugin",
        *(part for name in _UNUSED_PLUGINS for part in ("-p", f"no:{name}")),
    ]
    for name, value in setup_options(given).items():
        if name == "keyword":
            arguments += ["-k", value]
        elif name != "only":
            arguments.append(f"--{name.replace('_', '-')}={value}")
    return arguments


def _folders(only: Sequence[str], *, facility: bool) -> list[str]:
    """Return the folders of scenarios to run; raise ``UsageFault`` for an unknown one."""
    known = sorted(each.name for each in SCENARIOS.iterdir() if (each / "__init__.py").is_file())
    if not facility:
        # These scenarios need the job configuration of a facility, which only ``verify`` takes.
        known.remove("facility")
    if only != ("explore",):
        # Random sequences, which only ``explore`` bounds.
        known.remove("explore")
    wrong = [each for each in only if each not in known]
    if wrong:
        raise UsageFault(f"--only {wrong[0]!r}: no such folder; choose from {', '.join(known)}")
    return [str(SCENARIOS / each) for each in only] or [str(SCENARIOS)]
