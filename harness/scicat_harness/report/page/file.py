"""The file ``report.html``, written when the run has finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scicat_harness.report.known import ProjectFacts
from scicat_harness.report.page.collected import Collected
from scicat_harness.report.page.page import page_of
from scicat_harness.report.page.render import rendered
from scicat_harness.report.stored.run import RunReport

__all__ = ["PageFile"]


class PageFile:
    """A consumer that writes a run as one HTML file.

    ``folder`` contains the journal of the run. ``runs`` are shown as a trend: the earliest first,
    this run last; without any the page has no trend.
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
        """Keep the event; write the file at the last one."""
        self._collected.take(kind, data)
        if kind == "finished":
            page = page_of(self._collected, self._known, self._folder, self._runs)
            # Half a surrogate pair, which a backend may send, must not cost the whole report.
            self._path.write_text(rendered(page), encoding="utf-8", errors="backslashreplace")
