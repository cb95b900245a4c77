"""The command ``history``: many runs as one static page, with a badge."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scicat_harness.errors import EnvironmentFault, ExitCode, UsageFault
from scicat_harness.report.history import badge, histories, past_runs
from scicat_harness.report.page.render import template

__all__ = ["history"]

_MOST_CHANGES = 20
"""Lines about a run that the page shows, of what came and of what went."""


# The mark of our pages, and the bytes at their beginning that have it.
_GENERATED = b'content="scicat-harness"'
_HEAD = 1000


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default="history",
    show_default=True,
    metavar="DIR",
    help="Folder of index.html and badge.json.",
)
def history(runs: tuple[Path, ...], output: Path) -> int:
    """Write a page about many runs: verdicts, counts, times, and what came and went.

    RUNS are report folders, or folders of report folders. The page needs no server and loads
    nothing; badge.json is for the endpoint badge of shields.io.

    Exit codes: 0 written, 2 DIR cannot be written, 3 a folder cannot be read.
    """
    found = past_runs(runs)
    made = histories(found)
    page = template("history.html").render(histories=made, runs=len(found), most=_MOST_CHANGES)
    try:
        output.mkdir(parents=True, exist_ok=True)
        _refuse_page_of_others(output / "index.html")
        (output / "index.html").write_text(page, encoding="utf-8", errors="backslashreplace")
        (output / "badge.json").write_text(json.dumps(badge(made[0].newest)) + "\n", "utf-8")
    except OSError as error:
        raise EnvironmentFault(
            f"--output {output}: cannot be written ({error.strerror}); give another folder"
        ) from None
    click.echo(f"{len(found)} runs of {len(made)} targets: {output / 'index.html'}")
    return ExitCode.AS_SPECIFIED


def _refuse_page_of_others(page: Path) -> None:
    """Raise UsageFault for a page that no command of the harness wrote."""
    if page.is_file() and _GENERATED not in page.read_bytes()[:_HEAD]:
        raise UsageFault(
            f"--output {page.parent}: has an {page.name} that is not of the harness, and would be "
            "replaced; give another folder"
        )
