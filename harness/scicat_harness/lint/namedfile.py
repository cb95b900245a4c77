"""Files that a job configuration names: read below folders that the user gave, and nowhere else.

A configuration may be somebody else's, as in a pull request. It must not decide which files of
the machine that judges it are read, and shown in a report.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LARGEST", "FileContent", "NamedFiles", "NotRead"]

LARGEST = 2 * 1024 * 1024
"""Bytes; no template of a mail is larger."""
_REPOSITORY = ".git"
"""What it holds may include the token that the checkout was made with."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file that was read, and the path it was found at."""

    path: Path
    content: bytes


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why a file was not read; ``refused`` unless it is not there or a folder."""

    reason: str
    refused: bool = True
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """Reads files by the names that a configuration gives them.

    Relative names start from ``base``. What is below it or one of the ``further`` folders is
    read, symbolic links resolved; a name may be absolute. ``secret`` files are never read.
    """

    base: Path
    further: tuple[Path, ...] = ()
    secret: tuple[Path, ...] = ()

    def path(self, name: str) -> Path:
        """Where a file of this name is looked for."""
        return self.base / name

    def read(self, name: str) -> FileContent | NotRead:
        """The content of the file, or why it was not read."""
        path = self.path(name)
        try:
            return self._read(path)
        except FileNotFoundError:
            return NotRead(f"there is no {path}", refused=False)
        except (OSError, RuntimeError) as error:
            circle = isinstance(error, RuntimeError)
            said = "links in a circle" if circle else getattr(error, "strerror", None) or error
            return NotRead(f"it cannot be opened ({said})")
        except ValueError:
            return NotRead("its name holds a NUL character")

    def _read(self, path: Path) -> FileContent | NotRead:
        real = path.resolve()
        if not any(real.is_relative_to(each.resolve()) for each in self._folders()):
            shown = " or ".join(str(each) for each in self._folders())
            return NotRead(f"it is not below {shown}")
        if _REPOSITORY in real.parts or any(real == each.resolve() for each in self.secret):
            return NotRead("it holds secrets")
        # Looked at before it is opened: opening a device may do something already.
        refusal = _refusal(real.lstat(), path)
        if refusal is not None:
            return refusal
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            # And again, as it may have been replaced since.
            refusal = _refusal(os.fstat(file.fileno()), path)
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
        return NotRead("it cannot be opened (links in a circle)")
    if not stat.S_ISREG(found.st_mode):
        return NotRead("it is no regular file")
    return _too_large() if found.st_size > LARGEST else None


def _too_large() -> NotRead:
    return NotRead(f"it is larger than {LARGEST // 1024**2} MiB")
