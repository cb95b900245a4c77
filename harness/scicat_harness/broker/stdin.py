"""Standard input as a sign of life: a child whose parent holds it ends when the parent does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

__all__ = ["on_end_of_stdin"]

_STDIN = 0


def on_end_of_stdin(stop: Callable[[], object]) -> None:
    """Call ``stop`` once standard input ends, in the running event loop."""
    loop = asyncio.get_running_loop()

    def drain() -> None:
        if not os.read(_STDIN, 65536):
            loop.remove_reader(_STDIN)
            stop()

    try:
        loop.add_reader(_STDIN, drain)
    except OSError:
        # Files and /dev/null cannot be watched; whatever they hold ends by itself.
        stop()
