"""The command ``init``: write a commented facility file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from scicat_harness.errors import UsageFault
from scicat_harness.facility.file import template

__all__ = ["init"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default="facility.yaml")
def init(file: Path) -> None:
    """Write a commented facility file. An existing file is not overwritten."""
    try:
        # "x" fails if the file exists, without a gap between the test and the write.
        with file.open("x", encoding="utf-8") as made:
            made.write(template())
    except FileExistsError:
        raise UsageFault(f"{file}: exists already; give another name") from None
    except OSError as error:
        raise UsageFault(f"{file}: cannot be written ({error.strerror})") from None
    click.echo(f"wrote {file}; use it with scicat-harness lint, matrix or verify --facility {file}")
