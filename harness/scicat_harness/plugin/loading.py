"""The fixture ``load``: what the loader of a backend makes of a configuration, without a start."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scicat_harness.deploy.deployment import Attempt, StartFiles
from scicat_harness.deploy.launch import write_attempt
from scicat_harness.deploy.loader import Loader
from scicat_harness.plugin.options import Options

__all__ = ["Load", "load"]

Load = Callable[[StartFiles, Path], Attempt | None]
"""Writes the files of a start into a new folder and loads them; None: there is no loader."""


@pytest.fixture(scope="session")
def load(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Load]:
    """Yield a function that asks the loader of a built checkout, one for all checks of a process.

    Only ``--deployment process`` has one. It starts with the first question.
    """
    options = Options.of(request.config)
    node = shutil.which("node")
    if options.deployment != "process" or options.backend_dir is None or node is None:
        yield lambda _start, _folder: None
        return
    folder = tmp_path_factory.mktemp("loader")
    with closing(Loader(Path(node), options.backend_dir, folder)) as loader:

        def ask(start: StartFiles, folder: Path) -> Attempt | None:
            if not loader.usable():
                return None
            return loader.load(folder, write_attempt(start, folder))

        yield ask
