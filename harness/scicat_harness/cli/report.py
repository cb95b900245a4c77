"""The command ``report``: make any report of a stored run again from its report folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from scicat_harness.cli.merge import merge
from scicat_harness.errors import EnvironmentFault, ExitCode, UsageFault
from scicat_harness.fixtures.reports import KNOWN
from scicat_harness.report.allure import AllureResults, fresh_results
from scicat_harness.report.allure_site import render_allure
from scicat_harness.report.events import Consumer
from scicat_harness.report.junit import JUnitFile
from scicat_harness.report.markdown import MarkdownFile
from scicat_harness.report.page.file import PageFile
from scicat_harness.report.replay import replay
from scicat_harness.report.stored.run import RunReport, read_run
from scicat_harness.report.summary import Summary, SummaryFile

__all__ = ["report"]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A requested report: the run, the output path, and ``earlier`` runs for the trend."""

    run: RunReport
    output: Path
    earlier: Sequence[RunReport]


# Each function returns the consumers of one format. They get the events of the run in this order,
# so a Summary comes before the consumer that reads it.
def _html(wanted: _Wanted) -> list[Consumer]:
    # A trend needs two runs; a single one is not passed, so that the page leaves the trend out.
    runs = (*wanted.earlier, wanted.run) if wanted.earlier else ()
    return [PageFile(wanted.output, KNOWN, Path(wanted.run.folder), runs)]


def _markdown(wanted: _Wanted) -> list[Consumer]:
    summary = Summary()
    return [summary, MarkdownFile(wanted.output, summary, KNOWN)]


def _json(wanted: _Wanted) -> list[Consumer]:
    summary = Summary()
    return [summary, SummaryFile(wanted.output, summary)]


def _junit(wanted: _Wanted) -> list[Consumer]:
    return [JUnitFile(wanted.output)]


def _allure(wanted: _Wanted) -> list[Consumer]:
    return [AllureResults(fresh_results(wanted.output), KNOWN.ledger)]


_FORMATS: Mapping[str, tuple[str, Callable[[_Wanted], list[Consumer]]]] = {
    "html": ("report.html", _html),
    "markdown": ("summary.md", _markdown),
    "junit": ("junit.xml", _junit),
    "json": ("summary.json", _json),
    "allure": ("allure-results", _allure),
}


@click.command()
@click.argument("folders", metavar="RUN...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(tuple(_FORMATS)),
    help="Default: html.",
)
@click.option(
    "--merge",
    "merging",
    is_flag=True,
    help="Make one run of the report folders of all its shards ('run --shard').",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Where to write it. Default: where the run itself would have written it. --merge: a new "
    "report folder.",
)
@click.option(
    "--earlier",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="RUN",
    help="html: the report folder of an earlier run, for the trend. Give the oldest first.",
)
@click.option("--render", is_flag=True, help="allure: also make Allure's HTML report.")
@click.option(
    "--allure-command",
    metavar="COMMAND",
    help="allure: the command of the npm package allure 3. Default: allure on the PATH.",
)
def report(
    folders: tuple[Path, ...],
    form: str | None,
    merging: bool,
    output: Path | None,
    earlier: tuple[Path, ...],
    render: bool,
    allure_command: str | None,
) -> int:
    """Make a report of report folder RUN again, or merge the shards of a run.

    It is made from events.jsonl and, for the effects, journal.jsonl.

    Exit codes: 0 written, 2 it cannot be written, 3 a folder cannot be read. With --merge, those
    of the merged run.
    """
    if merging:
        if form or earlier or render or allure_command:
            raise UsageFault(
                "--merge writes all reports of a run; leave --format, --earlier and --render out"
            )
        if not folders:
            raise UsageFault("--merge: give the report folders of all shards of a run")
        return merge(folders, output)
    if len(folders) != 1:
        raise UsageFault(
            f"report: {len(folders)} report folders are given; give one, or --merge those of shards"
        )
    form = form or "html"
    if earlier and form != "html":
        raise UsageFault(
            f"--earlier: --format {form} shows one run only; leave it out, or give --format html"
        )
    if (render or allure_command) and form != "allure":
        raise UsageFault(
            "--render and --allure-command are for --format allure only; leave them out"
        )
    (run,) = folders
    _write(run, form, output, earlier)
    if render:
        results = output or run / _FORMATS[form][0]
        click.echo(render_allure(results, run / "allure-report", allure_command))
    return ExitCode.AS_SPECIFIED


def _write(run: Path, form: str, output: Path | None, earlier: Sequence[Path]) -> None:
    """Write a report of a run in one format, and print where it is."""
    name, consumers = _FORMATS[form]
    opened = read_run(run)
    wanted = _Wanted(opened, output or run / name, _earlier(opened, earlier))
    try:
        replay(opened, consumers(wanted))
    except OSError as error:
        raise EnvironmentFault(
            f"--output {wanted.output}: cannot be written ({error.strerror})"
        ) from None
    click.echo(wanted.output)


def _earlier(run: RunReport, folders: Sequence[Path]) -> list[RunReport]:
    """Return the runs of these folders; raise ``UsageFault`` if one of them is ``run`` itself."""
    found = [read_run(each) for each in folders]
    for each in found:
        # By the digest of the events, which also finds a copy of the folder.
        if each.digest == run.digest:
            raise UsageFault(
                f"--earlier {each.folder}: has the same events as {run.folder}; name the folders "
                "of runs before it"
            )
    return found
