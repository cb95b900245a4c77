"""The child processes of a deployment: started from several threads, ended together."""

from __future__ import annotations

import threading
from collections.abc import Callable

from scicat_harness.errors import EnvironmentFault
from scicat_harness.processes.child import Child

__all__ = ["Children"]


class Children:
    """Owns child processes; once closed, it starts no more of them.

    Safe to use from several threads::

        child = children.start(lambda: Child.start("mongod", ...))
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._children: list[Child] = []
        self._closed = False

    def start(self, start: Callable[[], Child]) -> Child:
        """Call ``start`` and own the child it returns; raise EnvironmentFault after ``close``."""
        # The lock is held while it starts: no child can appear after close has ended the others.
        with self._lock:
            if self._closed:
                raise EnvironmentFault("the run is being ended")
            child = start()
            self._children.append(child)
            return child

    def close(self) -> None:
        """End all children; safe to call twice."""
        with self._lock:
            self._closed = True
            children, self._children = self._children, []
        for child in children:
            child.stop()
