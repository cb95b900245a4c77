"""The log of the backend, in the format of the real one.

See specification: start. Format: ``[Nest] <pid>  - MM/DD/YYYY, h:mm:ss AM     LOG [Context] text``.
"""

import os
import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

__all__ = ["NestLog"]


@dataclass(frozen=True, slots=True)
class NestLog:
    """A log that writes one entry per message to a stream, without colour codes.

    A text with line breaks makes further lines that begin without a prefix, as in the real log.
    """

    stream: TextIO = field(default_factory=lambda: sys.stdout)

    def log(self, context: str, text: str) -> None:
        """Write a message of level LOG."""
        self._write("LOG", context, text)

    def warn(self, context: str, text: str) -> None:
        """Write a message of level WARN."""
        self._write("WARN", context, text)

    def error(self, context: str, text: str) -> None:
        """Write a message of level ERROR; an empty context leaves the brackets out."""
        self._write("ERROR", context, text)

    def _write(self, level: str, context: str, text: str) -> None:
        now = datetime.now().astimezone()
        # strftime has no portable directive for an hour without a leading zero.
        time = (
            f"{now:%m/%d/%Y}, {now.hour % 12 or 12}:{now:%M:%S} {'AM' if now.hour < 12 else 'PM'}"
        )
        named = f"[{context}] {text}" if context else text
        line = f"[Nest] {os.getpid()}  - {time} {level:>7} {named}\n"
        self.stream.write(line)
        # The log is a channel of effects: readers expect the line once the reply is there.
        self.stream.flush()
