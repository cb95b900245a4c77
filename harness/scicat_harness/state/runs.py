"""Run folders: the working folder of one process, locked while it or a child of it lives.

A folder whose lock can be taken has no living owner, in whichever process namespace the owner
lived; the next start removes the folder and the objects that its leftovers name.
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
"""The name of a run; objects whose names do not match it are never removed."""
_FOLDER_NAME = re.compile(rf"{RUN_NAME.pattern}\.[0-9a-f]{{8}}")
_LOCK = "lock"
_DYING = 5.0
"""Seconds that children of a killed owner have to end."""
_STEP = 0.02
_YOUNG = 60.0
"""Age in seconds below which a draft may still be in the making."""
_held: set[int] = set()
"""Descriptors of the locks of this process, for its children to inherit."""


def new_run_name() -> str:
    """Return a new unique name, such as ``harness-4f381c11``.

    It is a part of every pid and of every job of the run, by which its objects are recognized.
    """
    return f"harness-{secrets.token_hex(4)}"


def inherited_locks() -> tuple[int, ...]:
    """Return the descriptors of held locks, for child processes to keep open.

    A lock of flock belongs to the open file, which all its descriptors share: a child that has
    one holds the lock after its parent has died.
    """
    return tuple(_held)


class RunFolder:
    """A locked folder of this process for one run; close it in the end.

    ``path`` is the folder; ``leftovers`` notes objects that are made outside of it. Raises
    EnvironmentFault where the state folder cannot be written to.
    """

    def __init__(self, run: str) -> None:
        if not RUN_NAME.fullmatch(run):
            raise ValueError(f"{run!r} is not the name of a run")
        runs = private_folder(state_folder() / "runs")
        # Several processes may work for one run; each has a folder and a lock of its own.
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
        """Remove the leftovers and the folder; safe to call twice.

        Return a sentence about each object that could not be removed; then the folder stays for
        the next start.
        """
        if self._closed:
            return []
        self._closed = True
        try:
            return _remove(self.path, removers)
        finally:
            # Last: another process must not begin to remove the same folder.
            _held.discard(self._lock)
            os.close(self._lock)


class WorkFolder:
    """A run folder as a context manager, for callers that do not report leftovers.

    Objects that could not be removed are left for the end of the run and for the next start::

        with WorkFolder(run, removers) as folder:
            (folder / "backend.log").touch()
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
    """Remove the folders and leftovers of runs without a living owner; of ``run`` alone if given.

    The folder ``but`` is left alone. Return a sentence about each object that could not be
    removed; it stays for the next start.
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
    """Make a folder and lock it; return the descriptor of the lock, and the path.

    It gets its name after it is locked, so that no other process takes it for abandoned.
    """
    try:
        draft.mkdir(mode=0o700)
        lock = os.open(draft / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Others read it to find out whether the owner was killed and only children are left.
        os.write(lock, json.dumps(_this_process()).encode())
        return lock, draft.rename(path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def has_owner(path: Path) -> bool:
    """Return whether a process that works in this run folder, or a child of it, lives."""
    descriptor = _taken(path)
    if descriptor is not None:
        os.close(descriptor)
        return False
    return (path / _LOCK).exists()


@contextmanager
def taking_abandoned(run: str) -> Iterator[list[Path]]:
    """Yield the folders that a run left, locked against other processes for the block.

    Raises UsageFault while the run is going on.
    """
    taken: dict[Path, int] = {}
    try:
        for path in _folders(run):
            descriptor = _taken(path)
            if descriptor is None:
                raise UsageFault(f"{run} is still going on; end it first")
            taken[path] = descriptor
        yield list(taken)
    finally:
        for descriptor in taken.values():
            os.close(descriptor)


def _folders(run: str | None) -> Iterator[Path]:
    runs = private_folder(state_folder() / "runs")
    for path in sorted(runs.iterdir()):
        # A draft (with a leading dot) was left by a process killed before it renamed it.
        name = path.name.removeprefix(".")
        of_the_run = run is None or name.startswith(f"{run}.")
        if _FOLDER_NAME.fullmatch(name) and of_the_run and is_private_folder(path):
            yield path


def _remove_empty_draft(path: Path) -> None:
    """Remove a draft whose process was killed before there was a lock in it."""
    # rmdir refuses a folder with content: a lock may appear at any moment.
    with suppress(OSError):
        if path.name.startswith(".") and time.time() - path.stat().st_mtime > _YOUNG:
            path.rmdir()


def _taken(path: Path) -> int | None:
    """Take the lock of a folder; return its descriptor, None if it has an owner or no lock."""
    try:
        descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return None
    # The owner may have removed the folder between opening the lock and taking it.
    if _locked(descriptor) and (path / _LOCK).exists():
        return descriptor
    os.close(descriptor)
    return None


def _locked(descriptor: int) -> bool:
    """Take the lock; wait up to 5 s for the children of a killed owner to end."""
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
    """Return whether the lock is held by children alone, as far as it can be seen from here."""
    try:
        owner = json.loads(os.pread(descriptor, 4096, 0))
        where, process, started = owner["where"], int(owner["process"]), owner["started"]
    except (ValueError, TypeError, KeyError):
        return False
    # In another container the process id means another process, or none: nothing is known.
    return bool(where == _where()) and not is_alive(process, started)


def _remove(path: Path, removers: Removers) -> list[str]:
    problems = Leftovers(path).remove(removers)
    if problems:
        # The folder must stay: its file is the only list of these objects.
        return problems
    failed: list[str] = []
    shutil.rmtree(path, onerror=lambda _, name, error: failed.append(f"{name}: {error[1]}"))
    return [f"the folder {path} ({failed[0]})"] if failed else []


def _this_process() -> dict[str, object]:
    process = os.getpid()
    return {"process": process, "started": started_at(process), "where": _where()}


def _where() -> str:
    """Return the place where a process id is valid: a container numbers its processes anew."""
    try:
        return f"{os.uname().nodename} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return os.uname().nodename
