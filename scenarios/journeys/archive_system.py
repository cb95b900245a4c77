"""A stand-in for an archive system: it learns of jobs from the broker or by a call, and works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scicat_harness.fixtures.blueprints.lives import FINISHED, IN_PROGRESS, UNSUCCESSFUL
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.outcome import Outcome
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import Api, JobOwnership, UpdateRequest

__all__ = ["ArchiveSystem"]


@dataclass(frozen=True, slots=True)
class ArchiveSystem:
    """Works on the jobs of one check, as an account with rights to update every job."""

    trial: Trial
    api: Api = Api.V4
    account = SITE.identity("archiver1")

    def notice(self, created: Outcome) -> Any:
        """Return the job in the message; wait for the message."""
        (arrival,) = self._awaited(created, "amqp")
        return arrival.content["json"]

    def call(self, created: Outcome) -> str:
        """Return method and path of the call about the job; wait for it."""
        (arrival,) = self._awaited(created, "url")
        return f"{arrival.content['method']} {arrival.content['path']}"

    def starts(self, created: Outcome) -> Outcome:
        """Report that the work has begun."""
        return self._reports(created, IN_PROGRESS)

    def finishes(self, created: Outcome) -> Outcome:
        """Report success."""
        return self._reports(created, FINISHED)

    def fails(self, created: Outcome) -> Outcome:
        """Report failure."""
        return self._reports(created, UNSUCCESSFUL)

    def _reports(self, created: Outcome, status: str) -> Outcome:
        job = created.expected_job
        user = next(iter(job.owner_user)) if job is not None else None
        group = next(iter(job.owner_group)) if job is not None else None
        owned = JobOwnership("of-the-journey", user, group)
        request = UpdateRequest(created.sent.subject.job_type, owned, self.api, status=status)
        return self.trial.update(self.account, request, of=created)

    def _awaited(self, created: Outcome, channel: str) -> Any:
        # Every message is seen at the exchange, and once more in its queue.
        return self.trial.arrivals(created.exchange.correlation or "", channel)[:1]
