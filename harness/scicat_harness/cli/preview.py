"""The command ``preview``: what a job configuration sends, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from scicat_harness.cli.files import facility_options
from scicat_harness.cli.libraries import offer_libraries
from scicat_harness.cli.output import write_output
from scicat_harness.cli.snapshot import (
    compared,
    refuse_lone_update,
    samples_of,
    shown_effects,
    snapshot_options,
)
from scicat_harness.errors import ExitCode
from scicat_harness.facility.facility import Facility, FacilityFiles, load_facility, release_of
from scicat_harness.facility.previewing import Shown
from scicat_harness.lint.words import without_secrets
from scicat_harness.model.release import CURRENT
from scicat_harness.oracle.rule import View
from scicat_harness.report.page.laidout import laid_out
from scicat_harness.report.page.render import template

__all__ = ["preview"]


@click.command()
@facility_options
@click.option(
    "--release",
    metavar="vX.Y.Z",
    help=f"Release of the backend. Default: that of the facility file, or {CURRENT}.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "html"]), default="text", show_default=True
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
@snapshot_options
@click.option("--yes", is_flag=True, help="Install missing JavaScript libraries without asking.")
def preview(
    files: FacilityFiles,
    release: str | None,
    form: str,
    output: Path | None,
    snapshot: Path | None,
    update: bool,
    yes: bool,
) -> int:
    """Show what CONFIG sends: mails, calls, messages and log lines, with sample values.

    There is a case for each job type, operation, case of a switch and branch of a template. Nothing
    is sent and no backend is started.

    With --snapshot the exit code is 1 when something differs from the files in DIR.
    """
    refuse_lone_update(snapshot, update=update)
    offer_libraries(files.node_modules, yes=yes)
    view = View(release_of(files, release, "--release"))
    facility = load_facility(files, view.release)
    shown = shown_effects(facility, view, samples_of(files))
    if snapshot is not None:
        return compared(shown, snapshot, update=update)
    text = _html(shown, facility, view) if form == "html" else _text(shown, facility)
    if output is not None:
        write_output(text, output)
    else:
        click.echo(text, nl=False)
    return ExitCode.AS_SPECIFIED


def _text(shown: Sequence[Shown], facility: Facility) -> str:
    lines = [each.text() for each in shown]
    lines += [
        f"not shown: {each.job_type}, {each.operation}, {each.name}: {each.reason}\n"
        for each in facility.plan.beyond
    ]
    lines += [f"no case renders: {each}\n" for each in facility.plan.unrendered]
    return without_secrets("\n".join(lines))


def _html(shown: Sequence[Shown], facility: Facility, view: View) -> str:
    job_types = list(dict.fromkeys(each.job_type for each in shown))
    return template("preview.html").render(
        version=facility.plan.site.version,
        release=view.release,
        groups=[(name, [each for each in shown if each.job_type == name]) for name in job_types],
        unrendered=facility.plan.unrendered,
        laid_out=laid_out,
    )
