"""Snapshots: what a configuration sends, in files that a facility keeps in its repository."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from scicat_harness.cli.choices import with_options
from scicat_harness.errors import EnvironmentFault, ExitCode, UsageFault
from scicat_harness.facility.facility import Facility, FacilityFiles
from scicat_harness.facility.file import Samples, read_facility
from scicat_harness.facility.files import read_variables
from scicat_harness.facility.handlebars import Handlebars
from scicat_harness.facility.previewing import Shown, is_shown, previewed
from scicat_harness.files import read_given
from scicat_harness.javascript.finding import Missing
from scicat_harness.lint.words import without_secrets
from scicat_harness.oracle.rule import View

__all__ = ["compared", "refuse_lone_update", "samples_of", "shown_effects", "snapshot_options"]


def snapshot_options(command: Any) -> Any:
    """Add the options ``--snapshot`` and ``--update``."""
    options = (
        click.option(
            "--snapshot",
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Compare what is sent with the files in DIR; write them if DIR is not there.",
        ),
        click.option("--update", is_flag=True, help="With --snapshot: write the files anew."),
    )
    return with_options(command, options)


def refuse_lone_update(snapshot: Path | None, *, update: bool) -> None:
    """Raise UsageFault for ``--update`` without ``--snapshot``."""
    if update and snapshot is None:
        raise UsageFault("--update is for snapshots; give --snapshot DIR as well")


def samples_of(files: FacilityFiles) -> Samples:
    """Return the sample values of the facility file, or the usual ones.

    The sender of mails is that of the environment, unless the facility file has one.
    """
    given = read_facility(files.facility).samples if files.facility is not None else Samples()
    return given.with_addresses_of(read_variables(files.env))


def shown_effects(facility: Facility, view: View, samples: Samples) -> list[Shown]:
    """Return the cases with what they send, with sample values."""
    engine = facility.engine
    if isinstance(engine, Missing):
        click.echo(f"not rendered: templates: {engine.reason}", err=True)
        return previewed(facility, view, None, samples)
    with engine:
        renderer = Handlebars(engine, facility.plan.site.settings, view.release)
        return previewed(facility, view, renderer, samples)


def compared(shown: Sequence[Shown], folder: Path, *, update: bool) -> int:
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
