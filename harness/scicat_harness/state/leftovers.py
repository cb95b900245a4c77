"""Leftovers: objects that a run makes outside its folder, noted before they are made.

A run that is killed cannot clean up, and a server that does not answer cannot be cleaned up now:
the noted objects are removed at the end of the run, or else by the next start. The file may hold
passwords: only the user may read it, and it is removed with the folder. Format: one JSON object
per line, with ``kind``, ``since`` (ISO 8601, UTC) and what identifies the object::

    {"kind": "database", "since": "2026-01-31T12:00:00+00:00", "uri": "mongodb://..."}
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
"""The age at which an object that cannot be removed is given up (docs/deployments.md)."""
Entry = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Remover:
    """Removes the objects of one kind.

    ``remove`` checks by its name that the object can only be one of the harness, and raises a
    HarnessError when it cannot be removed; an object that is gone already is no error. ``named``
    returns what messages call the object, without secrets.
    """

    remove: Callable[[Entry], None]
    named: Callable[[Entry], str]


Removers = Mapping[str, Remover]
"""Removers by the kind of an entry."""


class Leftovers:
    """The leftovers file of one run folder; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._lock = threading.Lock()

    def note(self, kind: str, **what: str) -> None:
        """Note an object that is about to be made; ``what`` identifies it for its remover.

        Call it first: of an object that is made first, a run killed in between leaves no trace.
        """
        line = json.dumps({"kind": kind, "since": datetime.now(UTC).isoformat(), **what}) + "\n"
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Path.open would create the file with the umask, readable by others.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(line)

    def remove(self, removers: Removers) -> list[str]:
        """Remove every noted object; return a sentence about each that could not be removed.

        Its entry stays for the next attempt, for 14 days. An entry of a kind without a remover,
        which another version of the harness may have written, stays as well.
        """
        problems: list[str] = []
        kept: list[Entry] = []
        with self._lock:
            entries = self.entries()
            for entry, problem in zip(entries, _side_by_side(entries, removers), strict=True):
                if problem is not None and _is_old(entry):
                    problems.append(
                        f"{problem}; given up, because it was made {entry['since'][:10]}"
                    )
                elif problem is not None:
                    problems.append(problem)
                    kept.append(entry)
            self._keep(kept)
        return problems

    def entries(self) -> list[Entry]:
        """Return the entries in the order in which they were noted; a damaged line is skipped."""
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        # By line: an object that was noted twice is removed once.
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
        # Renamed into place: a process killed while it writes must not lose entries.
        draft = self._path.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text("".join(json.dumps(each) + "\n" for each in entries), encoding="utf-8")
        draft.replace(self._path)


def _side_by_side(entries: list[Entry], removers: Removers) -> list[str | None]:
    """Remove entries side by side; None for each that is removed, otherwise the problem.

    Each server that does not answer takes a whole deadline; in turn these would add up.
    """
    if not entries:
        return []
    with ThreadPoolExecutor(min(len(entries), _AT_ONCE), thread_name_prefix="remove") as pool:
        return list(pool.map(lambda entry: _removed(entry, removers), entries))


def _is_old(entry: Entry) -> bool:
    """Return whether an entry is so old that its server will not come back."""
    try:
        since = datetime.fromisoformat(entry["since"])
    except (KeyError, ValueError):
        return False
    return datetime.now(UTC) - since > _PATIENCE


def _removed(entry: Entry, removers: Removers) -> str | None:
    """Remove an object; return None, or what is left and why."""
    kind = str(entry.get("kind", ""))
    remover = removers.get(kind)
    if remover is None:
        return f"a {kind or 'leftover without a kind'}, which this version cannot remove"
    try:
        remover.remove(entry)
    except HarnessError as error:
        return f"{remover.named(entry)}: {error}"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # The remover reads the entry's fields; another version may have written other ones.
        return f"a {kind} whose entry is damaged ({type(error).__name__})"
    return None
