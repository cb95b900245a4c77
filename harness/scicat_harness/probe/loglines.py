"""The backend's log as a channel: lines of its logger as arrivals, cut by correlation.

A line looks like ``[Nest] 4711  - 11/23/2026, 9:00:00 PM     LOG [LogJobAction] text``; lines that
do not start so belong to the one before.
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
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_WARNING = re.compile(
    r"^(?:Handlebars: Access has been denied to resolve the property .*"
    r"|You can add a runtime option to disable the check or this warning:"
    r"|See https://handlebarsjs\.com/api-reference/runtime-options\.html.*)\n",
    re.MULTILINE,
)
"""What Handlebars says on the other stream, once per property, in between whatever is logged."""
_TIMING = re.compile(r" \+\d+ms$")
EFFECTS = frozenset({"LogJobAction"})
"""Loggers whose lines are somebody's wish; the others tell what the backend does."""


class LogReader:
    """Reads a growing log file from where it stopped the last time."""

    def __init__(self, path: Path, tokens: re.Pattern[str]) -> None:
        self._path = path
        self._tokens = tokens
        self._offset = 0
        self._pending = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._count = 0

    def skip(self) -> None:
        """Start at the present end."""
        self._offset = self._path.stat().st_size

    def read(self, barrier: str | None = None) -> list[Arrival]:
        """Entries that are complete since the last call: another one begins after them.

        The last one is complete when it has ``barrier`` in it, for a barrier is one line; where
        none is awaited, at its line break. An engine of containers hands over line by line.
        """
        with self._path.open("rb") as log:
            log.seek(self._offset)
            raw = log.read()
        self._offset += len(raw)
        text = _ANSI.sub("", self._pending + self._decoder.decode(raw))
        text = _WARNING.sub("", text)
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
            at=0.0,
            channel=Channel.LOG,
            source="log",
            tokens=tokens,
            correlation=tokens[-1] if tokens else None,
            content={"context": found["context"] or "", "level": found["level"], "text": text},
        )
