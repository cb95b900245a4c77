"""The command ``adopt``: proposals for a release that the harness does not know yet."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from scicat_harness.cli.output import write_output
from scicat_harness.errors import ExitCode
from scicat_harness.model.release import Release
from scicat_harness.report.stored.run import read_run
from scicat_harness.suite.adopting import accepted_entries, proposals

__all__ = ["adopt"]


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--release", required=True, metavar="vX.Y.Z", help="The release that the run was made on."
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
@click.option(
    "--accept",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write a file for 'run --accept', with an entry for each cause.",
)
def adopt(run: Path, release: str, output: Path | None, accept: Path | None) -> int:
    """Propose the changes with which a run on a new release would pass.

    RUN is the report folder of a run that was judged by the rules of a known release. Each cause of
    its failures becomes a section: who is concerned, what they have in common, and the code of a
    rule, an entry of the ledger and a literal row. Whether a change is meant, you decide
    (docs/new-release.md).

    Exit codes: 0 written, 2 a file cannot be written, 3 the folder cannot be read.
    """
    new = Release.parse(release, "--release")
    found = read_run(run)
    text = proposals(found, Release.parse(found.version), new)
    if accept is not None:
        write_output(accepted_entries(found.summary.causes, datetime.date.today()), accept)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_output(text, output)
    return ExitCode.AS_SPECIFIED
