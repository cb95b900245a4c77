"""The log channel: entries of the backend's log as arrivals, with their correlations.

An entry looks like ``[Nest] 4711  - 11/23/2026, 9:00:00 PM     LOG [LogJobAction] text``; lines
that do not start so belong to the entry before (specification: start).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["LogReader"]

_LINE = re.compile(
    r"^\[Nest\] \d+  - .+? +(?P<level>LOG|ERROR|WARN|DEBUG|VERBOSE|FATAL) "
    r"(?:\[(?P<context>[^\]]+)\] ?)?",
    re.MULTILINE,
)
# Handlebars warns on the error stream, once per property, in between whatever is logged.
_WARNING = re.compile(
    r"^(?:Handlebars: Access has been denied to resolve the property .*"
    r"|You can add a runtime option to disable the check or this warning:"
    r"|See https://handlebarsjs\.com/api-reference/runtime-options\.html.*)\n",
    re.MULTILINE,
)
# The logger appends the time since its last line.
_TIMING = re.compile(r" \+\d+ms$")
EFFECTS = frozenset({"LogJobAction"})
"""Loggers whose entries are effects of an action; those of others report what the backend does."""


class LogReader:
    """Reads new entries of a growing log file.

    ``tokens`` is the pattern of a correlation; an entry belongs to the greatest one in it.
    """

    def __init__(self, path: Path, tokens: re.Pattern[str]) -> None:
        self._path = path
        self._tokens = tokens
        self._offset = 0
        self._pending = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._count = 0

    def skip(self) -> None:
        """Ignore everything before the present end of the file."""
        self._offset = self._path.stat().st_size

    def read(self, barrier: str | None = None) -> list[Arrival]:
        """Return the entries that became complete since the last call.

        An entry is complete when another one begins after it. The last one is complete when it
        contains ``barrier``, since a barrier is one line; without a barrier, at its line break.
        """
        # A container engine writes line by line, so a line break may come before more lines.
        with self._path.open("rb") as log:
            log.seek(self._offset)
            raw = log.read()
        self._offset += len(raw)
        # An incremental decoder: a character may be cut in two at the end of what is written.
        # Backends write without colours (NO_COLOR), so escape sequences are part of a message.
        text = _WARNING.sub("", self._pending + self._decoder.decode(raw))
        starts = [found.start() for found in _LINE.finditer(text)]
        if not starts:
            self._pending = text
            return []
        whole = text.endswith("\n") and (barrier is None or barrier in text[starts[-1] :])
        bounds = [*starts, len(text)] if whole else starts
        self._pending = "" if whole else text[starts[-1] :]
        entries = pairwise(bounds)
        return [each for start, end in entries for each in self._arrivals(text[start:end])]

    def _arrivals(self, entry: str) -> Iterator[Arrival]:
        found = _LINE.match(entry)
        assert found is not None
        text = _TIMING.sub("", entry[found.end() :].rstrip("\n"))
        tokens = tuple(sorted(set(self._tokens.findall(text))))
        self._count += 1
        yield Arrival(
            seq=self._count,
            # The logger writes whole seconds in the zone of the backend, too coarse for an order.
            at=0.0,
            channel=Channel.LOG,
            source="log",
            tokens=tokens,
            correlation=tokens[-1] if tokens else None,
            content={"context": found["context"] or "", "level": found["level"], "text": text},
        )
