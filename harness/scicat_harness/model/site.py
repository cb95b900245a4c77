"""Sites: the group lists, accounts, datasets and job types that a backend is started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from scicat_harness.errors import UsageFault
from scicat_harness.model.action import Rabbitmq, bindings_of
from scicat_harness.model.dataset import Dataset
from scicat_harness.model.identity import ANONYMOUS, Identity, Roles
from scicat_harness.model.jobtype import JobType

__all__ = ["Site"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Site:
    """Everything about a deployment that a prediction can depend on.

    Mappings have the name of the identity or job type, or the alias of the dataset, as key.
    """

    name: str
    roles: Roles
    identities: Mapping[str, Identity]
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    job_types: Mapping[str, JobType] = field(default_factory=dict)
    data: str = ""
    """Sites with the same value share one database, one after the other; "" for an own one."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Further variables of the backend's environment."""
    mail_server: str = ""
    """The name of the mail server in the backend's environment; "" for none."""
    messages: bool = False
    """True if a broker is configured in the backend's environment."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Job types that the release does not support, each with the reason."""
    sentinel: str = ""
    """The job type whose effects are the barrier: all earlier ones have arrived; "" for none."""
    first_sentinel: str = ""
    """The job type that makes the backend declare every queue; "": ``sentinel`` does."""
    version: str = ""
    """The ``configVersion``; "" for a fingerprint of the job types."""
    janitor: str = "janitor"
    """The identity that prepares and cleans up."""
    static_groups: tuple[str, ...] = ()
    """Groups that the environment gives every account; ``identities`` have them, too."""
    marked: bool = True
    """True if every effect contains the correlation of the request that caused it."""
    bindings: tuple[Rabbitmq, ...] = field(init=False, compare=False, repr=False)
    """The rabbitmq actions of all job types; made once, since every prediction looks at them."""

    def __post_init__(self) -> None:
        types = self.job_types.values()
        actions = [action for each in types for action in each.actions]
        object.__setattr__(self, "bindings", tuple(bindings_of(actions)))

    def identity(self, name: str) -> Identity:
        """Return the identity of that name; raise UsageFault with the known names otherwise."""
        # Anonymous callers have no account, so they are in no site.
        if name == ANONYMOUS.name:
            return ANONYMOUS
        return _named(self.identities, name, "identity")

    def dataset(self, alias: str) -> Dataset:
        """Return the dataset of that alias; raise UsageFault with the known aliases otherwise."""
        return _named(self.datasets, alias, "dataset")

    def job_type(self, name: str) -> JobType:
        """Return the job type of that name; raise UsageFault with the known names otherwise."""
        return _named(self.job_types, name, "job type")

    def with_job_types(self, name: str, job_types: tuple[JobType, ...]) -> Site:
        """Return the site under another name and with other job types."""
        return replace(self, name=name, job_types={each.name: each for each in job_types})


def _named(known: Mapping[str, _T], name: str, noun: str) -> _T:
    try:
        return known[name]
    except KeyError:
        raise UsageFault(
            f"no {noun} called {name!r}; choose one of: {', '.join(sorted(known))}"
        ) from None
