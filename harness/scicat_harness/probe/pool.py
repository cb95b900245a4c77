"""Job pool: stored jobs for checks that need one, made when first asked for and used again.

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
    """Hands out job ids; ``make`` stores a new job of a type and ownership and gives its id."""

    make: Make
    _shared: dict[Key, str] = field(default_factory=dict)
    _free: dict[Key, list[str]] = field(default_factory=dict)
    _leased: list[tuple[Key, str]] = field(default_factory=list)

    def shared(self, job_type: str, job: JobOwnership) -> str:
        """A job that nothing may change."""
        key = (job_type, job.name)
        if key not in self._shared:
            self._shared[key] = self.make(job_type, job)
        return self._shared[key]

    def lease(self, job_type: str, job: JobOwnership, *, fresh: bool = False) -> str:
        """A job for one permitted update of this batch; ``fresh``: never updated before."""
        if fresh:
            return self.make(job_type, job)
        key = (job_type, job.name)
        free = self._free.get(key)
        job_id = free.pop() if free else self.make(job_type, job)
        self._leased.append((key, job_id))
        return job_id

    def settled(self) -> None:
        """The batch is settled: leased jobs may be used again."""
        for key, job_id in self._leased:
            self._free.setdefault(key, []).append(job_id)
        self._leased.clear()
