"""The command ``init``: write a commented facility file to start from."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import click

from scicat_harness.errors import UsageFault
from scicat_harness.facility.file import schema, template

__all__ = ["init"]

_SCHEMA = "facility.schema.json"
# The names of files that are looked for, the likeliest first, by their keys in the facility file.
_KNOWN: dict[str, Sequence[str]] = {
    "job_config": ("jobConfig.yaml", "jobConfig.yml", "jobconfig.yaml", "jobConfig.json"),
    "env": ("backend.env", ".env", "*.env", "compose.yaml", "docker-compose.yml", "values.yaml"),
    "accounts": ("functionalAccounts.json", "functional*ccounts*.json", "accounts.json"),
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default="facility.yaml")
def init(file: Path) -> None:
    """Write a commented facility file, and the JSON Schema that it names.

    Job configuration, environment and accounts that lie beside it are filled in. An existing
    facility file is not overwritten.
    """
    found = {key: _there(file.parent, names) for key, names in _KNOWN.items()}
    _write(file, _filled(template(), found))
    beside = file.parent / _SCHEMA
    if not beside.exists():
        _write(beside, json.dumps(schema(), indent=2) + "\n")
    for key, name in found.items():
        if name is not None:
            click.echo(f"found {key}: {name}")
    click.echo(f"wrote {file}; use it with scicat-harness lint, matrix or verify --facility {file}")


def _there(folder: Path, names: Sequence[str]) -> str | None:
    """Return the first file in a folder that has one of these names or patterns."""
    matches = (each for name in names for each in sorted(folder.glob(name)) if each.is_file())
    return next((each.name for each in matches), None)


def _filled(text: str, found: dict[str, str | None]) -> str:
    """Return the facility file with the files that were found, without their comment signs."""
    for key, name in found.items():
        if name is not None:
            text = re.sub(
                rf"^  (?:# )?{key}: \S+",
                lambda _, key=key, name=name: f"  {key}: {name}",  # type: ignore[misc]
                text,
                count=1,
                flags=re.MULTILINE,
            )
    return text


def _write(file: Path, text: str) -> None:
    try:
        # "x" fails if the file exists, without a gap between the test and the write.
        with file.open("x", encoding="utf-8") as made:
            made.write(text)
    except FileExistsError:
        raise UsageFault(f"{file}: exists already; give another name") from None
    except OSError as error:
        raise UsageFault(f"{file}: cannot be written ({error.strerror})") from None
