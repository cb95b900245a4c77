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
    """One of the endpoints that list jobs, and how to find a probe job in its reply."""

    name: str
    api: Api
    path: str
    params: Callable[[str], Mapping[str, Any]]
    finds: Callable[[Any, JobOwnership, str], bool | None]
    """Whether the parsed reply shows the job; None where the reply cannot tell."""
    since: Release | None = None
    """The first release that has it; None: all have."""
