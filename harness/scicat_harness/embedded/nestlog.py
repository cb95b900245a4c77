"""Log lines in the shape that the real backend writes.

See specification: start. Form: ``[Nest] <pid>  - MM/DD/YYYY, h:mm:ss AM     LOG [Context] text``.
"""

import os
import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

__all__ = ["NestLog"]


@dataclass(frozen=True, slots=True)
class NestLog:
    """Writes one flushed line per message, without colours."""

    stream: TextIO = field(default_factory=lambda: sys.stdout)

    def log(self, context: str, text: str) -> None:
        """An ordinary message."""
        self._write("LOG", context, text)

    def warn(self, context: str, text: str) -> None:
        """A warning."""
        self._write("WARN", context, text)

    def error(self, context: str, text: str) -> None:
        """An error; some come without a context, which is then empty."""
        self._write("ERROR", context, text)

    def _write(self, level: str, context: str, text: str) -> None:
        now = datetime.now().astimezone()
        time = (
            f"{now:%m/%d/%Y}, {now.hour % 12 or 12}:{now:%M:%S} {'AM' if now.hour < 12 else 'PM'}"
        )
        named = f"[{context}] {text}" if context else text
        line = f"[Nest] {os.getpid()}  - {time} {level:>7} {named}\n"
        self.stream.write(line)
        self.stream.flush()
