"""List views: the endpoints that list jobs, and how to find a probe job in their replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.model.release import Release
from scicat_harness.model.request import Api, JobOwnership

__all__ = ["ListView"]


@dataclass(frozen=True, slots=True)
class ListView:
    """An endpoint that lists jobs, and the way to find a probe job in its reply.

    ``params`` makes the query from the name of the run; ``path`` is below ``/api``.
    """

    name: str
    api: Api
    path: str
    params: Callable[[str], Mapping[str, Any]]
    finds: Callable[[Any, JobOwnership, str], bool | None]
    """Returns whether the parsed reply shows a job, given its ownership and id; None where the
    reply is no list of jobs."""
    since: Release | None = None
    """The first release that has the endpoint; None if all have it."""
