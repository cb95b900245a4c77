"""The report folder of a running run: locked by that run, its reports published together.

Reports are written to a temporary folder inside it, the stage, and moved to their places when all
of them are complete. Therefore a full disk leaves no report with the verdict "pass" beside others
that are missing.
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

__all__ = ["EVENTS", "ReportFolder", "unwritten"]

_LOCK = ".scicat-harness.lock"
_STAGE = ".scicat-harness-"
_LAST = "summary.json"
"""Scripts read the verdict from this file, so it is published after all other reports."""
_REPORTS = ("summary.md", "report.html", "junit.xml", _LAST)
EVENTS = "events.jsonl"
_STARTED = b'{"event":"started"'
_OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENFILE}
)
"""Errors that another value of --report-dir does not fix; any other is an error of usage."""
_FIX = "give a folder that can be written to, --report-dir DIR"


def unwritten(where: Path, error: OSError) -> EnvironmentFault:
    """Return the error of a run whose reports cannot be written.

    It names the path of ``error``, or ``where`` if that has none. The exit code is 2: without its
    reports a run has no verdict.
    """
    return EnvironmentFault(
        f"{error.filename or where}: the reports of the run cannot be written "
        f"({error.strerror}), so it proves nothing; make room or give another folder "
        "(--report-dir DIR), and run it again"
    )


class ReportFolder:
    """A report folder that is locked until ``release``, or until its process ends.

    Consumers write their reports into ``stage``; ``publish`` moves them into ``path``. Example::

        folder = ReportFolder(Path("reports/harness-1"), "harness-1")
        (folder.stage / "summary.json").write_text(text)
        folder.publish()
        folder.release()
    """

    def __init__(self, path: Path, run: str) -> None:
        """Make the folder, lock it, and remove the reports of an earlier run.

        ``run`` is the name of the run, for the message to a second one. Raises UsageFault if the
        path is unusable, locked by another run, or has a file by the name of a report that no run
        wrote, and EnvironmentFault if the disk is full or the
        machine has no more files to open.
        """
        self.path = path
        # The folders to make are remembered, so that release() can remove those that stay empty.
        absolute = path.absolute()
        self._made = [each for each in (absolute, *absolute.parents) if not os.path.lexists(each)]
        there = next(each for each in (absolute, *absolute.parents) if each not in self._made)
        if not there.is_dir():
            raise UsageFault(f"--report-dir {path}: {there} is not a folder; {_FIX}")
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(path, run)
        except OSError as error:
            raise _unusable(path, error) from None
        try:
            self._refuse_files_of_others()
            self._clear()
            self.stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=path))
        except OSError as error:
            self._unlock()
            raise _unusable(path, error) from None
        except UsageFault:
            self._unlock()
            raise

    def publish(self, step_summary: Path | None = None) -> None:
        """Move everything from the stage to its place.

        ``summary.md`` is also appended to the file ``step_summary`` if that is given, as GitHub
        Actions shows it. Raises OSError if anything cannot be written; then all reports are
        removed again and ``step_summary`` has its former content.
        """
        length = None
        try:
            if step_summary is not None:
                length = step_summary.stat().st_size if step_summary.exists() else 0
                _append(self.stage / "summary.md", step_summary)
            # False sorts before True: summary.json comes last.
            for each in sorted(self.stage.iterdir(), key=lambda found: found.name == _LAST):
                _move(each, self.path / each.name)
        except OSError:
            for name in _REPORTS:
                with suppress(OSError):
                    (self.path / name).unlink(missing_ok=True)
            if step_summary is not None and length is not None:
                # Earlier steps of the same job have written to this file, so it is not removed.
                with suppress(OSError):
                    os.truncate(step_summary, length)
            raise

    def release(self) -> None:
        """Remove the stage and unlock the folder; further calls do nothing."""
        shutil.rmtree(self.stage, ignore_errors=True)
        self._unlock()
        # A run that did not begin leaves no empty folders; rmdir stops at the first that is not.
        with suppress(OSError):
            for each in self._made:
                each.rmdir()

    def _refuse_files_of_others(self) -> None:
        """Raise UsageFault for a file that would be replaced, but is of no run."""
        events = self.path / EVENTS
        found = [name for name in (*_REPORTS, EVENTS) if os.path.lexists(self.path / name)]
        # Every run writes its events first; one that was killed at once leaves an empty file.
        if events.is_file():
            with events.open("rb") as lines:
                if lines.read(len(_STARTED)) in (_STARTED, b""):
                    return
        if found:
            raise UsageFault(
                f"--report-dir {self.path}: has a file {found[0]} that is not of a run, and would "
                "be replaced; give another folder"
            )

    def _clear(self) -> None:
        for name in _REPORTS:
            (self.path / name).unlink(missing_ok=True)
        # The folder is locked by this run, so other stages are leftovers of killed runs.
        for left in self.path.glob(f"{_STAGE}*"):
            # A link is not followed: a stage of ours is always a folder.
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)

    def _unlock(self) -> None:
        if self._lock.closed:
            return
        # Unlinked while still locked, so that another run cannot lock the file and then lose it.
        (self.path / _LOCK).unlink(missing_ok=True)
        self._lock.close()


def _locked(path: Path, run: str) -> IO[str]:
    """Return the lock file of a folder, open and locked.

    Raises UsageFault with name and process of the other run if one holds the lock. The kernel
    releases the lock of a killed process, so a leftover file does not matter.
    """
    while True:
        # A symbolic link is refused: writing through it would overwrite its target.
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
        # Another run ended between open() and flock() and removed the file: try a new one.
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
    # The lock is on the inode: a new file of the same name would be another lock.
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
        with step_summary.open("ab") as summaries:
            summaries.write(text)
    except OSError as error:
        # An error of write() does not name the file.
        raise OSError(error.errno, error.strerror, str(step_summary)) from None


def _move(found: Path, place: Path) -> None:
    """Move a file, or the files of a folder, and replace files of the same name.

    A folder keeps its other files: allure-results may contain the history of earlier runs.
    """
    if not found.is_dir():
        found.replace(place)
        return
    place.mkdir(exist_ok=True)
    for each in found.iterdir():
        each.replace(place / each.name)
