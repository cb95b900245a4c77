"""Leftovers: what a run makes outside its folder, written down before it is made.

A run that is killed cannot clean up, and a server that is gone cannot be cleaned up now: what the
file names is removed at the end of the run, or else at the next start. It may hold passwords: only
the user may read it, and it ends with the folder.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scicat_harness.errors import HarnessError

__all__ = ["Entry", "Leftovers", "Remover", "Removers"]

_NAME = "leftovers.jsonl"
_AT_ONCE = 8
_PATIENCE = timedelta(days=14)
Entry = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Remover:
    """How entries of one kind are removed.

    ``remove`` checks that what an entry names can only be ours, raises a HarnessError when it
    cannot be removed, and takes what is gone already as removed. ``named`` says what it is,
    without secrets.
    """

    remove: Callable[[Entry], None]
    named: Callable[[Entry], str]


Removers = Mapping[str, Remover]
"""By the kind of an entry."""


class Leftovers:
    """The file of one folder; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._lock = threading.Lock()

    def note(self, kind: str, **what: str) -> None:
        """Something of this kind is about to be made."""
        line = json.dumps({"kind": kind, "since": datetime.now(UTC).isoformat(), **what}) + "\n"
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(line)

    def remove(self, removers: Removers) -> list[str]:
        """Remove everything that is written down; what could not be removed stays, and is named.

        A kind that nobody here knows, of another version of the harness, stays as well.
        """
        problems: list[str] = []
        kept: list[Entry] = []
        with self._lock:
            entries = self.entries()
            for entry, problem in zip(entries, _side_by_side(entries, removers), strict=True):
                if problem is not None and _is_old(entry):
                    problems.append(f"{problem}; given up, for it was made {entry['since'][:10]}")
                elif problem is not None:
                    problems.append(problem)
                    kept.append(entry)
            self._keep(kept)
        return problems

    def entries(self) -> list[Entry]:
        """What is written down; a damaged line names nothing."""
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        entries: dict[str, Entry] = {}
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # killed while writing it: nothing was made
            if isinstance(entry, dict):
                entries[line] = entry
        return list(entries.values())

    def _keep(self, entries: list[Entry]) -> None:
        if not entries:
            self._path.unlink(missing_ok=True)
            return
        draft = self._path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text("".join(json.dumps(each) + "\n" for each in entries), encoding="utf-8")
        draft.replace(self._path)


def _side_by_side(entries: list[Entry], removers: Removers) -> list[str | None]:
    """Servers that are gone take their deadline each; nobody waits for the sum of them."""
    if not entries:
        return []
    with ThreadPoolExecutor(min(len(entries), _AT_ONCE), thread_name_prefix="remove") as pool:
        return list(pool.map(lambda entry: _removed(entry, removers), entries))


def _is_old(entry: Entry) -> bool:
    """Whether its server has been away for so long that it will not come back."""
    try:
        since = datetime.fromisoformat(entry["since"])
    except (KeyError, ValueError):
        return False
    return datetime.now(UTC) - since > _PATIENCE


def _removed(entry: Entry, removers: Removers) -> str | None:
    """None once it is gone, else what is left and why."""
    kind = str(entry.get("kind", ""))
    remover = removers.get(kind)
    if remover is None:
        return f"a {kind or 'thing without a kind'}, which this version cannot remove"
    try:
        remover.remove(entry)
    except HarnessError as error:
        return f"{remover.named(entry)}: {error}"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"a {kind} whose entry is damaged ({type(error).__name__})"
    return None
