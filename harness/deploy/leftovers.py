"""Leftovers: what a run makes outside its folder, written down before it is made.

A run that is killed cannot clean up. The next one finds the folder of a process that is gone, and
removes what this file in it names. It holds passwords: only the user may read it, and it ends with
the folder.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

__all__ = ["Leftovers", "remove_leftovers"]

_NAME = "leftovers.jsonl"
Remove = Callable[[Mapping[str, str]], None]


class Leftovers:
    """Appends to the file of one folder; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._lock = threading.Lock()

    def note(self, kind: str, **what: str) -> None:
        """Something of this kind is about to be made."""
        line = json.dumps({"kind": kind, **what}) + "\n"
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(line)


def remove_leftovers(folder: Path, removers: Mapping[str, Remove]) -> None:
    """Remove what the file in a folder names, by kind; what is gone already is no problem."""
    for entry in _entries(folder / _NAME):
        remove = removers.get(entry.get("kind", ""))
        if remove is not None:
            remove(entry)


def _entries(path: Path) -> Iterator[dict[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # killed while writing it: nothing was made
        if isinstance(entry, dict):
            yield entry
