"""``scicat-harness`` in a process of its own: SIGTERM comes just as the first worker is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from scicat_harness.cli.main import main


class Interrupting(subprocess.Popen[Any]):
    """A process whose parent is told to end before it can say a word to it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signal.raise_signal(signal.SIGTERM)


@pytest.hookimpl(trylast=True, optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """From here on workers are started, and nothing else."""
    subprocess.Popen = Interrupting  # type: ignore[misc]


_main = pytest.main


def _main_with_this_plugin(
    args: list[str] | os.PathLike[str] | None = None, plugins: Sequence[object] | None = None
) -> int | pytest.ExitCode:
    return _main(args, [*(plugins or ()), sys.modules[__name__]])


if __name__ == "__main__":
    # Runs load no plugin that the environment names.
    pytest.main = _main_with_this_plugin
    main()
