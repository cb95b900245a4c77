"""Known jobs: the whole documents of the jobs that one worker made, as they must be stored now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["KnownJobs"]

Document = Mapping[str, Any]


@dataclass(slots=True)
class KnownJobs:
    """The last known documents of jobs by id.

    A job is noted when its document was seen to be as expected, and forgotten when it is deleted.
    """

    # As text, which takes a third of the memory of dictionaries: 1 kB a job.
    _documents: dict[str, str] = field(default_factory=dict)

    def note(self, document: Document) -> None:
        """Note the document of a job as that which must be stored from now on."""
        self._documents[str(document.get("id"))] = json.dumps(document, separators=(",", ":"))

    def forget(self, job_id: str) -> None:
        """Forget a job that may have changed or gone; an unknown id is no error."""
        self._documents.pop(job_id, None)

    def get(self, job_id: str) -> dict[str, Any] | None:
        """Return the document of a job; None where it is not known."""
        text = self._documents.get(job_id)
        return None if text is None else json.loads(text)

    def take_over(self, former: KnownJobs) -> None:
        """Add the jobs of a former backend with the same data."""
        self._documents = {**former._documents, **self._documents}

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)
