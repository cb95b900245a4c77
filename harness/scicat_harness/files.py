"""Files that the user names: read whole, or refused with the reason and the fix."""

from __future__ import annotations

import stat
from pathlib import Path

from scicat_harness.errors import UsageFault

__all__ = ["read_given", "write_private"]

_MOST_BYTES = 16 * 1024 * 1024
_KINDS = (
    (stat.S_ISDIR, "Is a directory"),
    (stat.S_ISFIFO, "it is a pipe, not a file"),
    (stat.S_ISSOCK, "it is a socket, not a file"),
    (lambda mode: not stat.S_ISREG(mode), "it is a device, not a file"),
)


def read_given(
    path: Path, named: str, fix: str, *, encoding: str = "utf-8", errors: str = "strict"
) -> str:
    """Return the text of a file that the user named.

    ``named`` is what error messages call it, such as ``--accounts accounts.json``; ``fix`` is
    their last clause. Only regular files of at most 16 MiB are opened: a pipe or a device may
    never end. Raises UsageFault when the file cannot be read or decoded.
    """
    try:
        reason = _refusal(path)
        if reason is None:
            return path.read_text(encoding=encoding, errors=errors)
    except OSError as error:
        reason = error.strerror or str(error)
    except UnicodeDecodeError as error:
        raise UsageFault(f"{named}: is not UTF-8 text ({error.reason}); save it as UTF-8") from None
    except ValueError:
        # For example a null character, which no function accepts in a path.
        reason = "no file can have such a name"
    raise UsageFault(f"{named}: cannot be read ({reason}); {fix}")


def write_private(path: Path, text: str) -> None:
    """Write a text into a file that only its user may read; raises OSError."""
    # With its mode before any content is in it, since secrets are; an older file may have another.
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


def _refusal(path: Path) -> str | None:
    """Return the reason not to open a file, None if it can be opened."""
    found = path.stat()
    for is_kind, reason in _KINDS:
        if is_kind(found.st_mode):
            return reason
    if found.st_size > _MOST_BYTES:
        return f"it is larger than {_MOST_BYTES // (1024 * 1024)} MiB"
    return None
