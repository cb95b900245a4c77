"""The file of the page, written when the run has finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scicat_harness.report.page.collected import Collected
from scicat_harness.report.page.known import ProjectFacts
from scicat_harness.report.page.page import page_of
from scicat_harness.report.page.render import rendered
from scicat_harness.report.stored.run import RunReport

__all__ = ["PageFile"]


class PageFile:
    """Writes one HTML file; ``folder`` has the journal of the run.

    ``runs`` are the runs to show as a trend, the earliest first and this one last.
    """

    def __init__(
        self, path: Path, known: ProjectFacts, folder: Path, runs: Sequence[RunReport] = ()
    ) -> None:
        self._path = path
        self._known = known
        self._folder = folder
        self._runs = runs
        self._collected = Collected()

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """Keep what the page needs; write it at the end."""
        self._collected.take(kind, data)
        if kind == "finished":
            page = page_of(self._collected, self._known, self._folder, self._runs)
            # Half a surrogate pair, from wherever, must not cost the whole report.
            self._path.write_text(rendered(page), encoding="utf-8", errors="backslashreplace")
