"""The command ``javascript``: install the libraries that judge templates, schemas and paths."""

from __future__ import annotations

import click

from scicat_harness.errors import EnvironmentFault
from scicat_harness.javascript.finding import Missing, find_engine
from scicat_harness.javascript.library import OF_THE_BACKEND
from scicat_harness.mutate.copy import INSTRUMENTER

__all__ = ["javascript"]


@click.command()
@click.option(
    "--mutate", is_flag=True, help="Install the instrumenter of 'mutate', too (25 MB more)."
)
def javascript(mutate: bool) -> None:
    """Install the JavaScript libraries with which the backend reads templates, schemas and YAML.

    npm installs fixed versions into a folder of the user's cache. No install script is run.

    Exit codes: 0 the libraries are installed, 2 they are not.
    """
    for each in (OF_THE_BACKEND, *((INSTRUMENTER,) if mutate else ())):
        folder = each.cache_folder()
        if each.lacking(folder / "node_modules"):
            click.echo(f"installing into {folder}")
            each.install(folder)
    folder = OF_THE_BACKEND.cache_folder()
    # Also when nothing was installed now: the libraries must load in the present Node.
    engine = find_engine(folder / "node_modules")
    if isinstance(engine, Missing):
        raise EnvironmentFault(engine.reason)
    with engine:
        versions = engine.versions()
    click.echo(", ".join(f"{name} {version}" for name, version in versions.items()))
