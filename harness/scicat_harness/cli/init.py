"""``init``: a facility file with remarks, to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from scicat_harness.errors import UsageFault
from scicat_harness.facility.file import template

__all__ = ["init"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default="facility.yaml")
def init(file: Path) -> None:
    """Write a facility file with remarks; overwrites nothing."""
    try:
        with file.open("x", encoding="utf-8") as made:
            made.write(template())
    except FileExistsError:
        raise UsageFault(f"{file}: is there already; give another name") from None
    except OSError as error:
        raise UsageFault(f"{file}: cannot be written ({error.strerror})") from None
    click.echo(
        f"written: {file}; then scicat-harness lint, matrix or verify with --facility {file}"
    )
