"""Files that a job configuration names, read only below folders that the user gave.

A configuration may come from a stranger, as in a pull request. It must not choose which files of
the machine are read and shown in a report.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LARGEST", "FileContent", "NamedFiles", "NotRead"]

LARGEST = 2 * 1024 * 1024
"""Most bytes that are read; no mail template is larger."""
_REPOSITORY = ".git"
"""This folder may hold the token of the checkout."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """The content of a file, and the path at which it was found."""

    path: Path
    content: bytes


@dataclass(frozen=True, slots=True)
class NotRead:
    """The reason why a file was not read.

    ``refused`` is true if the file may exist for a backend but must not be read here, and false if
    it does not exist or is a folder: a backend fails with it as well.
    """

    reason: str
    refused: bool = True
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """Reads files by their names in a configuration.

    A relative name starts from ``base``; an absolute one is allowed. With symbolic links resolved
    the file must be below ``base`` or one of the ``further`` folders. ``secret`` files are never
    read.
    """

    base: Path
    further: tuple[Path, ...] = ()
    secret: tuple[Path, ...] = ()

    def path(self, name: str) -> Path:
        """Return the path at which a file of this name is expected."""
        return self.base / name

    def read(self, name: str) -> FileContent | NotRead:
        """Return the content of a file, or the reason why it was not read.

        Only regular files of up to 2 MiB are read; no error of the file system is raised.
        """
        path = self.path(name)
        try:
            return self._read(path)
        except FileNotFoundError:
            return NotRead(f"there is no {path}", refused=False)
        except (OSError, RuntimeError) as error:
            # Path.resolve raises RuntimeError for a loop of symbolic links before Python 3.13.
            loop = isinstance(error, RuntimeError)
            reason = "a loop of symbolic links" if loop else getattr(error, "strerror", None)
            return NotRead(f"it cannot be opened ({reason or error})")
        except ValueError:
            return NotRead("its name holds a NUL character")

    def _read(self, path: Path) -> FileContent | NotRead:
        real = path.resolve()
        if not any(real.is_relative_to(each.resolve()) for each in self._folders()):
            shown = " or ".join(str(each) for each in self._folders())
            return NotRead(f"it is not below {shown}")
        if _REPOSITORY in real.parts or any(real == each.resolve() for each in self.secret):
            return NotRead("it holds secrets")
        # Checked before it is opened, as opening a device may already have an effect.
        refusal = _refusal(real.lstat(), path)
        if refusal is not None:
            return refusal
        # Non-blocking: a pipe put there meanwhile would wait for a writer.
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            # Checked again, as another file may have taken its place since.
            refusal = _refusal(os.fstat(file.fileno()), path)
            # One byte more than allowed shows a file that has grown since.
            content = b"" if refusal else file.read(LARGEST + 1)
        if refusal is None and len(content) > LARGEST:
            refusal = _too_large()
        return refusal or FileContent(path, content)

    def _folders(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys((self.base, *self.further)))


def _refusal(found: os.stat_result, path: Path) -> NotRead | None:
    if stat.S_ISDIR(found.st_mode):
        return NotRead(f"{path} is a folder", refused=False, is_folder=True)
    if stat.S_ISLNK(found.st_mode):
        # Only a loop is still a link here: others have been resolved, since Python 3.13 without
        # an error.
        return NotRead("it cannot be opened (a loop of symbolic links)")
    if not stat.S_ISREG(found.st_mode):
        return NotRead("it is no regular file")
    return _too_large() if found.st_size > LARGEST else None


def _too_large() -> NotRead:
    return NotRead(f"it is larger than {LARGEST // 1024**2} MiB")
