"""The probe of ``spool``: what is wrong with its options, what must be written, what was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from scicat_harness.extension.probe import ActionFails, Contexts, Render

__all__ = ["SpoolProbe"]

Json = Mapping[str, Any]


class SpoolProbe:
    """Has the twin write below a temporary folder of its own, and reads what is new there."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="scicat-spool-")
        self._read: dict[Path, int] = {}

    def lint(self, options: Json, operation: str) -> Iterator[str]:
        """``folder`` is there, is a text, and stays below the root."""
        del operation
        folder = options.get("folder")
        if not isinstance(folder, str) or not folder:
            yield "folder must be the name of a folder"
        elif _leads_out(folder):
            yield f"folder {folder!r} leads out of SPOOL_ROOT"
        yield from (f"spool has no option {name!r}" for name in options if name != "folder")

    def predict(self, options: Json, contexts: Contexts, render: Render) -> Sequence[Json]:
        """One line about the stored job."""
        job = contexts.perform["job"]
        line = {name: job[name] for name in ("id", "type", "statusCode")}
        folder = render(options["folder"])
        if _leads_out(folder.means):
            raise ActionFails("Error: folder leads out of SPOOL_ROOT")
        return [{"folder": folder, "line": line}]

    def environment(self) -> Mapping[str, str]:
        """The root of all folders; and whether the twin is to be broken, to see that it shows."""
        return {"SPOOL_ROOT": self._folder.name, "SPOOL_TWICE": os.environ.get("SPOOL_TWICE", "")}

    def arrivals(self) -> Sequence[Json]:
        """The lines that are new; each was written before its request was answered."""
        found: list[Json] = []
        root = Path(self._folder.name)
        for path in sorted(root.rglob("jobs.jsonl")):
            lines = path.read_text(encoding="utf-8").splitlines()
            folder = path.parent.relative_to(root).as_posix()
            new = lines[self._read.get(path, 0) :]
            found += [{"folder": folder, "line": json.loads(line)} for line in new]
            self._read[path] = len(lines)
        return found

    def close(self) -> None:
        """Remove the folder."""
        self._folder.cleanup()


def _leads_out(folder: str) -> bool:
    return folder.startswith("/") or ".." in PurePosixPath(folder).parts
