"""The command ``preview``: what a job configuration sends, and to whom."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from scicat_harness.cli.files import facility_options
from scicat_harness.cli.libraries import offer_libraries
from scicat_harness.cli.output import write_output
from scicat_harness.errors import EnvironmentFault, ExitCode, UsageFault
from scicat_harness.facility.facility import Facility, FacilityFiles, load_facility, release_of
from scicat_harness.facility.handlebars import Handlebars
from scicat_harness.facility.previewing import Shown, is_shown, previewed
from scicat_harness.files import read_given
from scicat_harness.javascript.finding import Missing
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
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Compare with the files of an earlier preview in DIR; write them if DIR is not there.",
)
@click.option("--update", is_flag=True, help="With --snapshot: write the files anew.")
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
    if update and snapshot is None:
        raise UsageFault("--update is for snapshots; give --snapshot DIR as well")
    offer_libraries(files.node_modules, yes=yes)
    view = View(release_of(files, release, "--release"))
    facility = load_facility(files, view.release)
    shown = _shown(facility, view)
    if snapshot is not None:
        return _compared(shown, snapshot, update=update)
    text = _html(shown, facility, view) if form == "html" else _text(shown, facility)
    if output is not None:
        write_output(text, output)
    else:
        click.echo(text, nl=False)
    return ExitCode.AS_SPECIFIED


def _shown(facility: Facility, view: View) -> list[Shown]:
    engine = facility.engine
    if isinstance(engine, Missing):
        click.echo(f"not rendered: templates: {engine.reason}", err=True)
        return previewed(facility, view, None)
    with engine:
        renderer = Handlebars(engine, facility.plan.site.settings)
        return previewed(facility, view, renderer)


def _text(shown: Sequence[Shown], facility: Facility) -> str:
    lines = [each.text() for each in shown]
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


def _compared(shown: Sequence[Shown], folder: Path, *, update: bool) -> int:
    """Compare the cases with their files, or write these; return the exit code."""
    made = {each.file: without_secrets(each.text()) for each in shown}
    kept = _kept(folder)
    if update or not folder.exists():
        _write(made, folder, gone=kept.keys() - made.keys())
        click.echo(f"{len(made)} cases written to {folder}")
        return ExitCode.AS_SPECIFIED
    lines = list(_differences(kept, made, folder))
    for line in lines:
        click.echo(line)
    if not lines:
        click.echo(f"{len(made)} cases are as in {folder}")
    return ExitCode.SCICAT_DIFFERS if lines else ExitCode.AS_SPECIFIED


def _kept(folder: Path) -> dict[str, str]:
    """Return the cases of an earlier preview by file name, without files that are not ours."""
    fix = "give a folder for the snapshot"
    if folder.exists() and not folder.is_dir():
        raise UsageFault(f"--snapshot {folder}: is a file; {fix}")
    found = {
        each.name: read_given(each, f"--snapshot {each}", fix, errors="replace")
        for each in sorted(folder.glob("*.txt"))
    }
    return {name: text for name, text in found.items() if is_shown(text)}


def _write(made: Mapping[str, str], folder: Path, gone: Iterable[str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in gone:
            (folder / name).unlink()
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise EnvironmentFault(
            f"--snapshot {folder}: cannot be written ({error.strerror}); give another folder"
        ) from None


def _differences(kept: dict[str, str], made: dict[str, str], folder: Path) -> Iterator[str]:
    for name in sorted({*kept, *made}):
        before, now = kept.get(name, ""), made.get(name, "")
        yield from difflib.unified_diff(
            before.splitlines(), now.splitlines(), f"{folder}/{name}", "now", lineterm="", n=2
        )
