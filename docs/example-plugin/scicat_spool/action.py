"""The action ``spool`` for the embedded backend: one JSON line per job, in a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scicat_harness.embedded.actions import Context
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import Thrown
from scicat_harness.embedded.nestlog import NestLog
from scicat_harness.embedded.templates import Template

__all__ = ["SpoolAction"]


@dataclass(frozen=True, slots=True)
class SpoolAction:
    """Writes below ``SPOOL_ROOT``."""

    folder: Template
    kind: str = "spool"

    @staticmethod
    def accepts(options: dict[str, Any]) -> bool:
        """Whether the options are those of the action."""
        return isinstance(options.get("folder"), str)

    @classmethod
    def build(cls, options: dict[str, Any], log: NestLog, defect: Defects) -> SpoolAction:
        """The action of accepted options."""
        del log
        return cls(Template(options["folder"], defect))

    async def validate(self, context: Context) -> None:
        """Nothing is to be done before the job is stored."""

    async def perform(self, context: Context) -> None:
        """Write the line; twice if the backend is to be broken."""
        values = context.values()
        job = values["job"]
        line = json.dumps({name: job[name] for name in ("id", "type", "statusCode")})
        root = Path(context.env["SPOOL_ROOT"]).resolve()
        folder = (root / self.folder.render(values)).resolve()
        if not folder.is_relative_to(root):
            raise Thrown("folder leads out of SPOOL_ROOT")
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "jobs.jsonl").open("a", encoding="utf-8") as file:
            file.write(f"{line}\n" * (2 if context.env.get("SPOOL_TWICE") else 1))
