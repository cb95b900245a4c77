"""``certificate``: what a stored run proves of a backend, as JSON or as a page."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from scicat_harness.errors import EnvironmentFault
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
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it there.")
@click.option(
    "--level",
    type=click.Choice([each.name for each in LEVELS]),
    default=EXTENDED.name,
    show_default=True,
    help="Which level the exit code speaks of; the certificate has all.",
)
def certificate(run: Path, form: str, output: Path | None, level: str) -> int:
    """Say what the run of report folder RUN proves.

    Nothing conforms while anything of a level was skipped, is unknown or could not be verified.

    Exit codes: 0 conformant, perhaps with known deviations, 1 not conformant, 2 nothing is proven
    or it cannot be written, 3 the folder cannot be read.
    """
    found = certificate_of(run, LEVELS, LEDGER)
    text = _rendered(found, form)
    if output is None:
        sys.stdout.write(text)
        return found.level(level).exit_code
    try:
        output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise EnvironmentFault(f"--output {output}: cannot be written ({error.strerror})") from None
    for each in found.levels:
        click.echo(f"{each.level.name}: {each.conclusion}")
    return found.level(level).exit_code


def _rendered(found: Certificate, form: str) -> str:
    if form == "html":
        return certificate_page(found)
    return json.dumps(found.to_json(), indent=2) + "\n"
