"""Files of one JSON object per line, read back: what is wrong is told with file and line.

A run that was killed leaves half a last line; that one is left out. Anything else that is no JSON
object is damage.
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
_LONGEST = 60
_BEGIN = b"{"


def content_of(path: Path) -> bytes:
    """The content of a regular file; a UsageFault where it cannot be read.

    Devices and pipes are not opened: reading them may never end.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageFault(f"{path}: cannot be read (it is no regular file); {FIX}")
        return path.read_bytes()
    except OSError as error:
        raise UsageFault(f"{path}: cannot be read ({error.strerror}); {FIX}") from None


def objects_in(path: Path, content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects with their line numbers; half a line at the very end is left out."""
    for number, line in enumerate(BytesIO(content), start=1):
        try:
            found = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            if _is_half(line):
                return
            refuse(path, number, _reason(error), line)
        if not isinstance(found, dict):
            refuse(path, number, "is no event of a run (no JSON object)", line)
        yield number, found


def refuse(path: Path, number: int, reason: str, line: bytes) -> NoReturn:
    """Say what is wrong with a whole line, and show its beginning."""
    shown = shortened(line[: _LONGEST * 2].decode("utf-8", "backslashreplace"))
    raise UsageFault(
        f"{path}: line {number} {reason}; found {shown}; the file is damaged: {FIX}, "
        "or run it again"
    ) from None


def shortened(value: object) -> str:
    """A value in one line, and nothing in it that a terminal would obey."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _is_half(line: bytes) -> bool:
    """Whether it is how a line begins whose rest was never written."""
    return not line.endswith(b"\n") and line.startswith(_BEGIN)


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 (byte {error.start + 1})"
    if isinstance(error, RecursionError):
        return "is nested too deep"
    if isinstance(error, json.JSONDecodeError):
        return f"is not JSON ({error.msg}, column {error.colno})"
    return f"is not JSON that can be read ({error})"
