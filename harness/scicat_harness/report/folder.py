"""The report folder of a running run: used by that run alone, its reports published together.

Reports are written beside their places and moved there when all of them are complete. So a disk
that is full leaves no report that says "pass" of a run that could not tell all it had to tell.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from scicat_harness.errors import EnvironmentFault, HarnessError, UsageFault

__all__ = ["ReportFolder", "unwritten"]

_LOCK = ".scicat-harness.lock"
_STAGE = ".scicat-harness-"
_LAST = "summary.json"
"""What scripts ask for the verdict is there only when all the rest is."""
_REPORTS = ("summary.md", "report.html", "junit.xml", _LAST)
_OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENFILE}
)
"""Reasons that another value of the option would not fix; all others are about what was given."""
_FIX = "give a folder that can be written to, --report-dir DIR"


def unwritten(where: Path, error: OSError) -> EnvironmentFault:
    """What is said of a report that could not be written."""
    return EnvironmentFault(
        f"{error.filename or where}: the reports of the run cannot be written "
        f"({error.strerror}), so it proves nothing; make room or give another folder "
        "(--report-dir DIR), and run it again"
    )


class ReportFolder:
    """A folder that no other run reports into until it is released, or its process has ended.

    ``stage`` is where reports are to be written; ``publish`` moves them into ``path``.
    """

    def __init__(self, path: Path, run: str) -> None:
        """Make the folder and lock it; reports of an earlier run are removed.

        Raises UsageFault where that cannot be done, or another run reports into it.
        """
        self.path = path
        absolute = path.absolute()
        self._made = [each for each in (absolute, *absolute.parents) if not os.path.lexists(each)]
        there = next(each for each in (absolute, *absolute.parents) if each not in self._made)
        if not there.is_dir():
            raise UsageFault(f"--report-dir {path}: {there} is no folder; {_FIX}")
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(path, run)
        except OSError as error:
            raise _unusable(path, error) from None
        try:
            self._clear()
            self.stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=path))
        except OSError as error:
            self._unlock()
            raise _unusable(path, error) from None

    def publish(self, step_summary: Path | None = None) -> None:
        """Move all that is in the stage to its place; ``step_summary`` gets summary.md besides.

        An OSError leaves none of the reports behind.
        """
        length = None
        try:
            if step_summary is not None:
                length = step_summary.stat().st_size if step_summary.exists() else 0
                _append(self.stage / "summary.md", step_summary)
            for each in sorted(self.stage.iterdir(), key=lambda found: found.name == _LAST):
                _move(each, self.path / each.name)
        except OSError:
            for name in _REPORTS:
                with suppress(OSError):
                    (self.path / name).unlink(missing_ok=True)
            if step_summary is not None and length is not None:
                with suppress(OSError):
                    os.truncate(step_summary, length)
            raise

    def release(self) -> None:
        """Let other runs report into the folder; may be called again."""
        shutil.rmtree(self.stage, ignore_errors=True)
        self._unlock()
        # A run that did not begin leaves no empty folders.
        with suppress(OSError):
            for each in self._made:
                each.rmdir()

    def _clear(self) -> None:
        for name in _REPORTS:
            (self.path / name).unlink(missing_ok=True)
        # Nobody else is at work here, so these are of runs that were killed.
        for left in self.path.glob(f"{_STAGE}*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)

    def _unlock(self) -> None:
        if self._lock.closed:
            return
        # Before the lock goes: what another run locks after that is a file of its own.
        (self.path / _LOCK).unlink(missing_ok=True)
        self._lock.close()


def _locked(path: Path, run: str) -> IO[str]:
    """The lock file of a folder, locked; a UsageFault says which run has it."""
    while True:
        # Never through a link, which would have its target overwritten.
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        lock = os.fdopen(os.open(path / _LOCK, flags, 0o644), "r+", encoding="utf-8")
        try:
            _take(lock, path)
            if _is_at(lock, path / _LOCK):
                lock.seek(0)
                lock.truncate(0)
                lock.write(f"{run}, process {os.getpid()}")
                lock.flush()
                return lock
        except BaseException:
            lock.close()
            raise
        # Another run ended between the two calls and took its file with it.
        lock.close()


def _take(lock: IO[str], path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise UsageFault(
            f"--report-dir {path}: a run that has not ended reports into it ({lock.read()}); "
            "wait for it, or give another folder"
        ) from None


def _is_at(lock: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.lstat())
    except FileNotFoundError:
        return False


def _unusable(path: Path, error: OSError) -> HarnessError:
    if error.errno in _OF_THE_MACHINE:
        return unwritten(path, error)
    found = f"{error.filename or path}: {error.strerror}"
    return UsageFault(f"--report-dir {path}: cannot be written ({found}); {_FIX}")


def _append(summary: Path, step_summary: Path) -> None:
    text = summary.read_bytes()
    try:
        with step_summary.open("ab") as shown:
            shown.write(text)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(step_summary)) from None


def _move(found: Path, place: Path) -> None:
    """A file takes the place of what is there; the files of a folder join those that are there."""
    if not found.is_dir():
        found.replace(place)
        return
    place.mkdir(exist_ok=True)
    for each in found.iterdir():
        each.replace(place / each.name)
