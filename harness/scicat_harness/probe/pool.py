"""The job pool: stored jobs for checks that need one, made at first use and used again.

A refused update may share its job with other refused ones, since nothing may change it. A
permitted one has its job to itself until the batch is settled, so that what is stored then is
what it wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from scicat_harness.model.request import JobOwnership

__all__ = ["JobPool"]

Make = Callable[[str, JobOwnership], str]
Key = tuple[str, str]


@dataclass(slots=True)
class JobPool:
    """Hands out job ids; ``make`` stores a new job of a type and ownership and returns its id."""

    make: Make
    _shared: dict[Key, str] = field(default_factory=dict)
    _free: dict[Key, list[str]] = field(default_factory=dict)
    _leased: list[tuple[Key, str]] = field(default_factory=list)

    def shared(self, job_type: str, job: JobOwnership) -> str:
        """Return the id of a job for requests that must not change it."""
        key = (job_type, job.name)
        if key not in self._shared:
            self._shared[key] = self.make(job_type, job)
        return self._shared[key]

    def lease(self, job_type: str, job: JobOwnership, *, fresh: bool = False) -> str:
        """Return the id of a job for one permitted update of this batch.

        ``fresh``: of a job that was never updated. It is not used again afterwards.
        """
        # Actions can see the job: what they do must not depend on the order of checks.
        if fresh:
            return self.make(job_type, job)
        key = (job_type, job.name)
        free = self._free.get(key)
        job_id = free.pop() if free else self.make(job_type, job)
        self._leased.append((key, job_id))
        return job_id

    def settled(self) -> None:
        """Return leased jobs to the pool, after their batch was settled."""
        for key, job_id in self._leased:
            self._free.setdefault(key, []).append(job_id)
        self._leased.clear()
