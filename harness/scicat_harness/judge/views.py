"""List views: the endpoints that list jobs, and how to find a probe job in their replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.model.release import Release
from scicat_harness.model.request import Api, JobOwnership
from scicat_harness.oracle.predict import Prediction

__all__ = ["ListView"]


@dataclass(frozen=True, slots=True)
class ListView:
    """One of the endpoints that list jobs, and how to find a probe job in its reply."""

    name: str
    api: Api
    path: str
    params: Callable[[str], Mapping[str, Any]]
    finds: Callable[[Any, JobOwnership, str], bool | None]
    """Whether the parsed reply shows the job; None where the reply cannot tell."""
    since: Release | None = None
    """The first release that has it; None: all have."""

    def problems(
        self, prediction: Prediction, exchange: Exchange, job: JobOwnership, job_id: str
    ) -> list[str]:
        """Differences in visibility."""
        if prediction.visible is None:
            return []
        found = self.finds(exchange.json, job, job_id)
        if found is None:
            return ["the reply is not a list of jobs"]
        if found == prediction.visible:
            return []
        return [f"job {job.name} is {'shown' if found else 'not shown'} in {self.name}"]
