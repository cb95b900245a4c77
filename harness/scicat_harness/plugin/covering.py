"""Coverage of mutants: says to backends with mutants which check is about to ask."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.mutate.control import Control

__all__ = ["Covering"]


class Covering:
    """Announces each check to the backends whose sockets are in a folder.

    Needs a run without workers: two checks at once would be taken for one.
    """

    def __init__(self, folder: Path) -> None:
        self._control = Control(folder)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let the requests of a check belong to it."""
        self._control.announce(item.nodeid)
        try:
            return (yield)
        finally:
            self._control.announce(None)
