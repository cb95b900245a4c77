"""The fixture ``load``: what the loader of a backend makes of a configuration, without a start."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scicat_harness.deploy.deployment import Attempt, StartFiles
from scicat_harness.deploy.embedded import child_environment, of_embedded
from scicat_harness.deploy.launch import write_attempt
from scicat_harness.deploy.loader import Loader, of_checkout
from scicat_harness.plugin.options import Options

__all__ = ["Load", "load"]

Load = Callable[[StartFiles, Path], Attempt | None]
"""Writes the files of a start into a new folder and loads them; None: there is no loader."""


@pytest.fixture(scope="session")
def load(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Load]:
    """Yield a function that asks the loader of the backend, one for all checks of a process.

    Backends in containers have none. It starts with the first question.
    """
    found = _loader(Options.of(request.config), tmp_path_factory.mktemp("loader"))
    if found is None:
        yield lambda _start, _folder: None
        return
    with closing(found) as loader:

        def ask(start: StartFiles, folder: Path) -> Attempt | None:
            if not loader.usable():
                return None
            return loader.load(folder, write_attempt(start, folder))

        yield ask


def _loader(options: Options, folder: Path) -> Loader | None:
    if options.deployment == "embedded":
        return Loader(of_embedded(options.defect), child_environment(), folder)
    node = shutil.which("node")
    if options.deployment == "process" and options.backend_dir is not None and node is not None:
        return Loader(of_checkout(Path(node), options.backend_dir), {}, folder)
    return None
