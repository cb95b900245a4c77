"""A site: the group lists, accounts, datasets and job types one backend is started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from scicat_harness.errors import UsageFault
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.identity import ANONYMOUS, Identity, Roles
from scicat_harness.model.jobtype import JobType

__all__ = ["Site"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Site:
    """Everything about a deployment that a prediction can depend on."""

    name: str
    roles: Roles
    identities: Mapping[str, Identity]
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    job_types: Mapping[str, JobType] = field(default_factory=dict)
    data: str = ""
    """Sites with the same name here use the same data, one after the other; "": its own."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Further variables of the backend's environment."""
    mail_server: str = ""
    """The name of the mail server that the backend is told of; "" for none."""
    messages: bool = False
    """Whether the backend is told of a broker."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Job types that the release cannot be told of, and why."""
    sentinel: str = ""
    """The job type whose effects show that all earlier ones have arrived; "" for none."""
    version: str = ""
    """The ``configVersion``; "" for a fingerprint of the job types."""
    janitor: str = "janitor"
    """The identity that prepares and cleans up."""
    marked: bool = True
    """Whether every effect shows the correlation of the request that caused it."""

    def identity(self, name: str) -> Identity:
        """The identity of that name; a UsageFault lists those that exist."""
        if name == ANONYMOUS.name:
            return ANONYMOUS
        return _named(self.identities, name, "identity")

    def dataset(self, alias: str) -> Dataset:
        """The dataset of that alias; a UsageFault lists those that exist."""
        return _named(self.datasets, alias, "dataset")

    def job_type(self, name: str) -> JobType:
        """The job type of that name; a UsageFault lists those that exist."""
        return _named(self.job_types, name, "job type")

    def with_job_types(self, name: str, job_types: tuple[JobType, ...]) -> Site:
        """The same site started with another job configuration."""
        return replace(self, name=name, job_types={each.name: each for each in job_types})


def _named(known: Mapping[str, _T], name: str, noun: str) -> _T:
    try:
        return known[name]
    except KeyError:
        raise UsageFault(
            f"no {noun} called {name!r}; choose one of: {', '.join(sorted(known))}"
        ) from None
