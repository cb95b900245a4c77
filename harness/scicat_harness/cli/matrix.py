"""The command ``matrix``: who may do what by a job configuration, as the oracle predicts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from os.path import realpath
from pathlib import Path
from typing import Any

import click
from rich.table import Table as RichTable

from scicat_harness.cli.console import Console
from scicat_harness.cli.files import facility_options
from scicat_harness.cli.fitting import fitting
from scicat_harness.cli.output import write_output
from scicat_harness.errors import ExitCode, UsageFault
from scicat_harness.facility.facility import FacilityFiles, load_facility, release_of
from scicat_harness.facility.table import Table, tables
from scicat_harness.facility.tablechanges import PERMISSIVE, changes
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.model.identity import Identity
from scicat_harness.model.release import CURRENT, Release, unobserved
from scicat_harness.model.site import Site
from scicat_harness.oracle.rule import Reading, View
from scicat_harness.report.page.render import template

__all__ = ["matrix"]

_FORMATS = ("text", "markdown", "html")


@click.command()
@facility_options
@click.option(
    "--release",
    metavar="vX.Y.Z",
    help=f"Release of the backend. Default: that of the facility file, or {CURRENT}.",
)
@click.option(
    "--expect",
    type=click.Choice([str(each) for each in Reading]),
    default=str(Reading.OBSERVED),
    show_default=True,
    help="The known behaviour of the release, or the documentation.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="CONFIG",
    help="Show only the differences from this job configuration.",
)
@click.option(
    "--against-release", metavar="vX.Y.Z", help="Show only the differences from this release."
)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
def matrix(
    files: FacilityFiles,
    release: str | None,
    expect: str,
    against: Path | None,
    against_release: str | None,
    form: str,
    output: Path | None,
) -> int:
    """Show who may create, update, read and delete jobs of every type of CONFIG.

    Rows are kinds of callers, users and groups that an auth value names, and those of --accounts.
    A cell names the situations in which the request is allowed: datasets of the caller's group,
    shared with it, of others, published; jobs of the caller, of an owner that the harness adds, of
    nobody. Actions may refuse a request in addition.

    With --against or --against-release the exit code is 1 when something became more permissive.
    """
    compares = against is not None or against_release is not None
    if compares and form != "text":
        raise UsageFault(f"--format {form} is for tables; leave it out with --against")
    # Another way to write a path, or a link, leads to the same file.
    read = [realpath(each) for each in (files.job_config, against) if each is not None]
    if output is not None and realpath(output) in read:
        raise UsageFault(f"--output {output}: is the job configuration; give another file")
    view = View(release_of(files, release, "--release"), Reading(expect))
    if not compares:
        _write(_FORMATTED[form](_tables(_site(files, view), view), files, view), output)
        return ExitCode.AS_SPECIFIED
    second = replace(files, job_config=against.absolute()) if against is not None else files
    other = replace(view, release=_other_release(second, release, against_release))
    differing = _changes((files, view), (second, other))
    warnings = _unobserved(view.release, other.release)
    _write("\n".join([*warnings, *(differing or ["no difference"])]) + "\n", output)
    # What CONFIG refuses and the other one allows.
    permissive = any(each.startswith(PERMISSIVE) for each in differing)
    return ExitCode.SCICAT_DIFFERS if permissive else ExitCode.AS_SPECIFIED


def _changes(*compared: tuple[FacilityFiles, View]) -> list[str]:
    """Return the differences of two configurations, or of one by two releases, a line each."""
    sites = [_site(files, view) for files, view in compared]
    # Who is named by one of them only is a plain user of the other one.
    both = {name: each for site in sites for name, each in site.identities.items()}
    ours, theirs = (
        _tables(replace(site, identities={**both, **site.identities}), view)
        for site, (_, view) in zip(sites, compared, strict=True)
    )
    return changes(ours, theirs)


def _other_release(files: FacilityFiles, release: str | None, against: str | None) -> Release:
    if against is not None:
        return release_of(files, against, "--against-release")
    return release_of(files, release, "--release")


def _unobserved(*releases: Release) -> list[str]:
    """Return a warning for each release that was never observed."""
    found = (unobserved(each) for each in releases)
    return list(dict.fromkeys(each for each in found if each is not None))


def _site(files: FacilityFiles, view: View) -> Site:
    # Mail templates do not influence permissions, so their files need not exist.
    return load_facility(replace(files, stand_in=True), view.release).plan.site


def _tables(site: Site, view: View) -> list[Table]:
    # The site has the account that cleans up as well; it is none of the facility.
    return tables(site, view, without=(JANITOR.name,))


def _html(found: Sequence[Table], files: FacilityFiles, view: View) -> str:
    return template("matrix.html").render(
        name=files.job_config.name,
        version=_site(files, view).version,
        release=view.release,
        unobserved=unobserved(view.release),
        reading=f"as {view.reading}",
        tables=found,
    )


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    write_output(text, output)


def _text(found: Sequence[Table], view: View) -> Iterator[str]:
    yield from _unobserved(view.release)
    console = Console()
    # Once, so that the rows have a line each.
    yield from _who(found[0].callers, console)
    for each in found:
        for job_types in _fitting(each, console.width):
            yield _printed(_columns(each, job_types), console)


def _who(callers: Sequence[Identity], console: Console) -> Iterator[str]:
    table = RichTable.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for caller in callers:
        table.add_row(caller.name, caller.sentence)
    yield _printed(table, console)
    yield ""


def _columns(table: Table, job_types: Sequence[str]) -> RichTable:
    made = RichTable(title=f"{table.operation}", title_justify="left")
    made.add_column("caller", no_wrap=True)
    for name in job_types:
        made.add_column(name, overflow="fold")
    for caller in table.callers:
        made.add_row(caller.name, *(table.cells[caller.name, name].words for name in job_types))
    return made


def _fitting(table: Table, width: int) -> Iterator[list[str]]:
    def words(name: str) -> list[str]:
        cells = " ".join(table.cells[each.name, name].words for each in table.callers)
        return [name, *cells.split()]

    callers = max(len(each.name) for each in table.callers)
    return fitting(table.job_types, words, callers, width)


def _printed(table: RichTable, console: Console) -> str:
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n")


def _markdown(found: Sequence[Table], view: View) -> Iterator[str]:
    yield from (f"**{each}.**\n" for each in _unobserved(view.release))
    for each in found:
        yield f"### {each.operation}\n"
        yield f"| caller | {' | '.join(map(_escaped, each.job_types))} |"
        yield "|---" * (len(each.job_types) + 1) + "|"
        for caller in each.callers:
            cells: list[Any] = [each.cells[caller.name, name].words for name in each.job_types]
            who = f"`{caller.name}`: {caller.sentence}"
            yield f"| {_escaped(who)} | {' | '.join(cells)} |"
        yield ""


def _joined(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


_FORMATTED: Mapping[str, Callable[[Sequence[Table], FacilityFiles, View], str]] = {
    "text": lambda found, _files, view: _joined(_text(found, view)),
    "markdown": lambda found, _files, view: _joined(_markdown(found, view)),
    "html": _html,
}


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
