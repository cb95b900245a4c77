"""Standard input as a sign of life: its end shows a child that its parent has ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

__all__ = ["on_end_of_stdin"]

_STDIN = 0


def on_end_of_stdin(stop: Callable[[], object]) -> None:
    """Call ``stop`` in the running event loop once standard input ends.

    The parent holds a pipe to it; the operating system closes that however the parent ends.
    """
    loop = asyncio.get_running_loop()

    def drain() -> None:
        if not os.read(_STDIN, 65536):
            loop.remove_reader(_STDIN)
            stop()

    try:
        loop.add_reader(_STDIN, drain)
    except OSError:
        # epoll refuses regular files and /dev/null, which never wait for more input.
        stop()
