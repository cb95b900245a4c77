"""``javascript``: fetches the JavaScript libraries that judge templates, schemas and paths."""

from __future__ import annotations

import click

from scicat_harness.errors import EnvironmentFault
from scicat_harness.javascript.finding import Missing, find_engine
from scicat_harness.javascript.library import cache_folder, install, lacking

__all__ = ["javascript"]


@click.command()
def javascript() -> None:
    """Install the libraries that the backend reads templates, schemas and YAML with.

    They come from npm, in the versions this project names, into a folder of the user's cache;
    nothing of them is run meanwhile. Exit codes: 0 they are there, 2 they are not.
    """
    folder = cache_folder()
    if lacking(folder / "node_modules"):
        click.echo(f"installing into {folder}")
        install(folder)
    engine = find_engine(folder / "node_modules")
    if isinstance(engine, Missing):
        raise EnvironmentFault(engine.reason)
    with engine:
        versions = engine.versions()
    click.echo(", ".join(f"{name} {version}" for name, version in versions.items()))
