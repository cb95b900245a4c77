"""Run folders: what one process works in, locked for as long as it or a child of it lives.

A folder whose lock can be taken has no living owner, whatever its name says and in whichever
process namespace the owner lived; what its leftovers name is then removed.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.state.alive import is_alive, started_at
from scicat_harness.state.folder import is_private_folder, private_folder, state_folder
from scicat_harness.state.leftovers import Leftovers, Removers

__all__ = [
    "RUN_NAME",
    "RunFolder",
    "WorkFolder",
    "has_owner",
    "inherited_locks",
    "new_run_name",
    "remove_abandoned",
    "taking_abandoned",
]

RUN_NAME = re.compile(r"harness-[0-9a-f]{8}")
"""The name of a run; whatever does not match it is nobody's to remove."""
_FOLDER_NAME = re.compile(rf"{RUN_NAME.pattern}\.[0-9a-f]{{8}}")
_LOCK = "lock"
_DYING = 5.0
"""Seconds that children of a killed owner have to notice."""
_STEP = 0.02
_YOUNG = 60.0
"""Seconds within which a draft may still be in the making."""
_held: set[int] = set()


def new_run_name() -> str:
    """A name that no other run has; it stands in every pid and job of the run."""
    return f"harness-{secrets.token_hex(4)}"


def inherited_locks() -> tuple[int, ...]:
    """Descriptors that child processes keep open, so that they count as living owners."""
    return tuple(_held)


class RunFolder:
    """A folder of this process for one run; use as a context manager, or close it.

    ``path`` is the folder, ``leftovers`` what is made outside of it.
    """

    def __init__(self, run: str) -> None:
        if not RUN_NAME.fullmatch(run):
            raise ValueError(f"{run!r} is not the name of a run")
        runs = private_folder(state_folder() / "runs")
        name = f"{run}.{secrets.token_hex(4)}"
        draft = runs / f".{name}"
        try:
            self._lock, self.path = _made(draft, runs / name)
        except OSError as error:
            raise EnvironmentFault(
                f"the state folder {runs} cannot be written to ({error.strerror}); free some "
                "space, or set XDG_STATE_HOME to a folder that you may write to"
            ) from None
        self._closed = False
        self.leftovers = Leftovers(self.path)
        _held.add(self._lock)

    def close(self, removers: Removers) -> list[str]:
        """Remove what was made outside of it, and the folder; safe to call twice.

        Returns what could not be removed, as sentences; it is kept for the next start then.
        """
        if self._closed:
            return []
        self._closed = True
        try:
            return _remove(self.path, removers)
        finally:
            _held.discard(self._lock)
            os.close(self._lock)


class WorkFolder:
    """A run folder as a context manager, for who has nothing to say about leftovers.

    What could not be removed is kept for the end of the run and for the next start.
    """

    def __init__(self, run: str, removers: Removers) -> None:
        self._folder = RunFolder(run)
        self._removers = removers

    def __enter__(self) -> Path:
        return self._folder.path

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.close(self._removers)


def remove_abandoned(
    removers: Removers, run: str | None = None, *, but: Path | None = None
) -> list[str]:
    """Remove what runs left whose owner is gone; only those of ``run`` where it is given.

    The folder ``but`` is left alone. Returns what could not be removed, as sentences; it is kept
    for the next start.
    """
    problems: list[str] = []
    for path in _folders(run):
        if path == but:
            continue
        descriptor = _taken(path)
        if descriptor is None:
            _remove_empty_draft(path)
            continue
        try:
            problems += _remove(path, removers)
        finally:
            os.close(descriptor)
    return problems


def _made(draft: Path, path: Path) -> tuple[int, Path]:
    """Make a folder that nobody sees under its name before it is locked; its lock."""
    try:
        draft.mkdir(mode=0o700)
        lock = os.open(draft / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.write(lock, json.dumps(_this_process()).encode())
        return lock, draft.rename(path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def has_owner(path: Path) -> bool:
    """Whether a process lives that works in this run folder, or a child of it."""
    descriptor = _taken(path)
    if descriptor is not None:
        os.close(descriptor)
        return False
    return (path / _LOCK).exists()


@contextmanager
def taking_abandoned(run: str) -> Iterator[list[Path]]:
    """The folders that a run left, kept from everybody else meanwhile.

    Raises UsageFault while the run is going on.
    """
    taken: dict[Path, int] = {}
    try:
        for path in _folders(run):
            descriptor = _taken(path)
            if descriptor is None:
                raise UsageFault(f"{run} is going on still; end it first")
            taken[path] = descriptor
        yield list(taken)
    finally:
        for descriptor in taken.values():
            os.close(descriptor)


def _folders(run: str | None) -> Iterator[Path]:
    runs = private_folder(state_folder() / "runs")
    for path in sorted(runs.iterdir()):
        # A draft without a name yet was left by a process killed in that moment.
        name = path.name.removeprefix(".")
        of_the_run = run is None or name.startswith(f"{run}.")
        if _FOLDER_NAME.fullmatch(name) and of_the_run and is_private_folder(path):
            yield path


def _remove_empty_draft(path: Path) -> None:
    """Remove a draft whose maker was killed before there was a lock in it."""
    with suppress(OSError):
        if path.name.startswith(".") and time.time() - path.stat().st_mtime > _YOUNG:
            path.rmdir()


def _taken(path: Path) -> int | None:
    """The lock of a folder without a living owner; None where there is one, or no lock."""
    try:
        descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return None
    if _locked(descriptor) and (path / _LOCK).exists():
        return descriptor
    os.close(descriptor)
    return None


def _locked(descriptor: int) -> bool:
    """Take the lock; children of an owner that was killed get a moment to end."""
    give_up = time.monotonic() + _DYING
    pause = threading.Event()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if not _owner_was_killed(descriptor) or time.monotonic() >= give_up:
                return False
        pause.wait(_STEP)


def _owner_was_killed(descriptor: int) -> bool:
    """Whether the lock is held by children alone, as far as can be told from here."""
    try:
        owner = json.loads(os.pread(descriptor, 4096, 0))
        where, process, started = owner["where"], int(owner["process"]), owner["started"]
    except (ValueError, TypeError, KeyError):
        return False
    return bool(where == _where()) and not is_alive(process, started)


def _remove(path: Path, removers: Removers) -> list[str]:
    problems = Leftovers(path).remove(removers)
    if problems:
        return problems
    failed: list[str] = []
    shutil.rmtree(path, onerror=lambda _, name, error: failed.append(f"{name}: {error[1]}"))
    return [f"the folder {path} ({failed[0]})"] if failed else []


def _this_process() -> dict[str, object]:
    process = os.getpid()
    return {"process": process, "started": started_at(process), "where": _where()}


def _where() -> str:
    """Where the number of a process means that process: in a container they are numbered anew."""
    try:
        return f"{os.uname().nodename} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return os.uname().nodename
