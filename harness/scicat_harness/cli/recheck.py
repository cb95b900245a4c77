"""The command ``recheck``: judge a stored run again, by the present oracle and ledger."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from scicat_harness.cli.output import write_output
from scicat_harness.report.recheck import Recheck
from scicat_harness.suite.recheck import rechecked

__all__ = ["recheck"]


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="json has every case that changed or fails.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
def recheck(run: Path, form: str, output: Path | None) -> int:
    """Judge the run in report folder RUN again, without a backend.

    The stored observations are compared with the present oracle and ledger of known deviations.
    Cases that cannot be judged in this way are counted by reason, never as passed.

    Exit codes: 0 nothing that could be judged fails, 1 something fails now, 2 nothing could be
    judged or --output cannot be written, 3 the folder cannot be read.
    """
    found = rechecked(run)
    text = _rendered(found, form)
    if output is None:
        sys.stdout.write(text)
        return found.exit_code
    write_output(text, output)
    click.echo(found.conclusion)
    return found.exit_code


def _rendered(found: Recheck, form: str) -> str:
    if form == "json":
        return json.dumps(found.to_json(), indent=1) + "\n"
    return found.text()
