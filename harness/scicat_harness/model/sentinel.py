"""The job types of sentinels, whose effects are the barrier behind those of earlier requests.

The first sentinel publishes wherever a job type of the site does, so that the backend declares
every queue. Later ones publish once to each exchange, with a key that every queue is bound to: a
message to each queue would take a backend 40 ms, as it waits for the broker in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scicat_harness.model.action import Log, Rabbitmq, bindings_of
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.text import Text

__all__ = ["BARRIER_KEY", "Sentinels", "sentinels_for"]

BARRIER_KEY = "scicat-harness.barrier"
"""The routing key of barriers; the harness binds every queue to its exchange with it."""


@dataclass(frozen=True, slots=True)
class Sentinels:
    """The job types of the first sentinel and of later ones."""

    first: JobType
    later: JobType

    @property
    def job_types(self) -> tuple[JobType, JobType]:
        """Both of them."""
        return self.first, self.later


def sentinels_for(
    job_types: Iterable[JobType], name: str, auth: str | None, line: Text
) -> Sentinels:
    """Return the sentinels of a site with these job types; the first one is ``NAME-first``.

    ``auth`` is the auth value of both, and ``line`` the text that they log.
    """
    actions = [action for each in job_types for action in each.actions]
    bindings = list(dict.fromkeys(bindings_of(actions)))
    barrier = Log(perform=line)
    first = JobType(f"{name}-first", auth, auth, (*bindings, barrier))
    later = JobType(name, auth, auth, (*_one_for_each_exchange(bindings), barrier))
    return Sentinels(first, later)


def _one_for_each_exchange(bindings: Sequence[Rabbitmq]) -> list[Rabbitmq]:
    one: dict[str, Rabbitmq] = {}
    for each in bindings:
        one.setdefault(each.exchange, Rabbitmq(each.exchange, each.queue, BARRIER_KEY))
    return list(one.values())
