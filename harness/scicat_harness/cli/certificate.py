"""The command ``certificate``: state what a stored run proves, as JSON or as a page."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from scicat_harness.cli.output import write_output
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.levels import EXTENDED, LEVELS
from scicat_harness.report.certificate.certificate import Certificate, certificate_of
from scicat_harness.report.certificate.page import certificate_page

__all__ = ["certificate"]


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(("json", "html")), default="json", show_default=True
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
@click.option(
    "--level",
    type=click.Choice([each.name for each in LEVELS]),
    default=EXTENDED.name,
    show_default=True,
    help="The level that decides the exit code. The certificate has all levels.",
)
def certificate(run: Path, form: str, output: Path | None, level: str) -> int:
    """State what the run in report folder RUN proves.

    A level is not conformant while any of its checks was skipped, is unknown or is not verifiable.

    Exit codes: 0 conformant, possibly with known deviations, 1 not conformant, 2 nothing is proven
    or the output cannot be written, 3 the folder cannot be read.
    """
    found = certificate_of(run, LEVELS, LEDGER)
    text = _rendered(found, form)
    if output is None:
        sys.stdout.write(text)
        return found.level(level).exit_code
    write_output(text, output)
    for each in found.levels:
        click.echo(f"{each.level.name}: {each.conclusion}")
    return found.level(level).exit_code


def _rendered(found: Certificate, form: str) -> str:
    if form == "html":
        return certificate_page(found)
    return json.dumps(found.to_json(), indent=2) + "\n"
