"""The offer to install the JavaScript libraries that a command needs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scicat_harness.errors import EnvironmentFault
from scicat_harness.javascript.finding import Missing, find_engine
from scicat_harness.javascript.library import OF_THE_BACKEND

__all__ = ["offer_libraries"]


def offer_libraries(modules: Path | None, *, yes: bool) -> None:
    """Install the libraries if Node is there and they are not.

    Without ``yes`` somebody at a terminal is asked; nobody else is. If they cannot be installed the
    command goes on without them, and says what it cannot verify.
    """
    found = find_engine(modules)
    if not isinstance(found, Missing) or not found.installable:
        return
    folder = OF_THE_BACKEND.cache_folder()
    question = f"install the JavaScript libraries of the backend into {folder} (32 MB)?"
    if not yes and not (sys.stdin.isatty() and click.confirm(question, default=True)):
        return
    # Not among the output of the command, which may be a page.
    click.echo(f"installing the JavaScript libraries into {folder}", err=True)
    try:
        OF_THE_BACKEND.install(folder)
    except EnvironmentFault as fault:
        click.echo(f"not installed: {fault}", err=True)
