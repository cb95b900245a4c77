"""Files with one JSON object per line; errors name file and line.

A killed run may leave half a last line, which is ignored. Any other line that is not a JSON object
is damage.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

from scicat_harness.errors import UsageFault

__all__ = ["FIX", "content_of", "objects_in", "refuse", "shortened"]

FIX = "give a report folder of 'run'"
"""The end of every message on a folder that cannot be read."""
_LONGEST = 60
_BEGIN = b"{"
"""The first byte of every line that a run writes."""


def content_of(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises UsageFault if it cannot be read. Devices and pipes are not opened, since reading them may
    never end.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageFault(f"{path}: cannot be read (it is not a regular file); {FIX}")
        return path.read_bytes()
    except OSError as error:
        raise UsageFault(f"{path}: cannot be read ({error.strerror}); {FIX}") from None


def objects_in(path: Path, content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file with their line numbers, from 1.

    Half a line at the end is ignored. Raises UsageFault for any other line that is not a JSON
    object. ``path`` is for messages.
    """
    # BytesIO splits at \n only; str.splitlines also splits at characters that occur within JSON.
    for number, line in enumerate(BytesIO(content), start=1):
        try:
            found = json.loads(line.decode("utf-8"))
        # json raises RecursionError for deep nesting, ValueError for integers of 4,300 digits.
        except (ValueError, RecursionError) as error:
            if _is_half(line):
                return
            refuse(path, number, _reason(error), line)
        if not isinstance(found, dict):
            refuse(path, number, "is no event of a run (no JSON object)", line)
        yield number, found


def refuse(path: Path, number: int, reason: str, line: bytes) -> NoReturn:
    """Raise UsageFault with the reason why a line cannot be read, and the beginning of the line."""
    # A line may have megabytes, and only its beginning is shown.
    shown = shortened(line[: _LONGEST * 2].decode("utf-8", "backslashreplace"))
    raise UsageFault(
        f"{path}: line {number} {reason}; found {shown}; the file is damaged: {FIX}, "
        "or run it again"
    ) from None


def shortened(value: object) -> str:
    """Return a value in at most 60 characters, without control characters."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _is_half(line: bytes) -> bool:
    """Return whether a line is the beginning of one whose rest was never written."""
    # Anything else without a newline, such as zeros of a crashed file system, is damage.
    return not line.endswith(b"\n") and line.startswith(_BEGIN)


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 (byte {error.start + 1})"
    if isinstance(error, RecursionError):
        return "is nested too deep"
    if isinstance(error, json.JSONDecodeError):
        return f"is not JSON ({error.msg}, column {error.colno})"
    return f"is not JSON that can be read ({error})"
