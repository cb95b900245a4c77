"""Playing a sequence: each step is sent and judged by the oracle before the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.judge.answer import answer
from scicat_harness.judge.failure import CheckFailed, Story, StoryPart
from scicat_harness.judge.matchers import holds, is_same_as
from scicat_harness.judge.outcome import Outcome
from scicat_harness.judge.trial import NotVerifiable, Trial
from scicat_harness.model.release import FILTERED_LISTS, LISTS_IN_DATABASE, REWRITTEN_CREATE
from scicat_harness.model.request import JobOwnership, UpdateRequest
from scicat_harness.oracle.predict import Unspecified
from scicat_harness.scenarios.explore.steps import (
    Create,
    Delete,
    Listing,
    MergeTwice,
    Read,
    Step,
    Update,
)
from scicat_harness.scenarios.jobs import OPERATOR, STATUS

__all__ = ["play"]

Document = Mapping[str, Any]
MERGE = "application/merge-patch+json"
SHOWN = "a list shows the jobs that may be read (documentation: filters)"
BOTH = "each accepted patch is applied (RFC 7396)"


@dataclass(slots=True)
class Made:
    """A job of the sequence: the outcome of its create, and its owners as they are stored."""

    outcome: Outcome
    job_type: str
    owned: JobOwnership


@dataclass(slots=True)
class _Player:
    trial: Trial
    made: list[Made] = field(default_factory=list)

    def step(self, step: Step) -> None:
        """Send and judge one step; one on a job that was not made does nothing."""
        if isinstance(step, Create):
            self._create(step)
        elif isinstance(step, Listing):
            self._list(step)
        elif step.job < len(self.made):
            self._on_job(step, self.made[step.job])

    def _on_job(self, step: Update | Read | Delete | MergeTwice, made: Made) -> None:
        trial, of = self.trial, made.outcome
        if isinstance(step, Update):
            request = UpdateRequest(
                made.job_type, made.owned, step.api, step.form, result=step.result
            )
            trial.update(step.who, request, of=of).must_be_as_specified()
        # Before a read, which it is a kind of.
        elif isinstance(step, Delete):
            deleted = trial.delete(step.who, made.job_type, made.owned, step.api, of=of)
            deleted.must_be_as_specified()
            if deleted.allowed:
                self.made.remove(made)
        elif isinstance(step, Read):
            trial.read(step.who, made.job_type, made.owned, step.api, of=of).must_be_as_specified()
        else:
            self._merge_twice(step, made)

    def _create(self, step: Create) -> None:
        outcome = self.trial.submit(step.who, step.request)
        outcome.must_be_as_specified()
        stored = self.trial.context.known.get(outcome.job_id)
        if outcome.allowed and stored is not None:
            owned = JobOwnership(
                f"job-{len(self.made)}", stored.get("ownerUser"), stored.get("ownerGroup")
            )
            self.made.append(Made(outcome, step.request.job_type, owned))

    def _list(self, step: Listing) -> None:
        trial, query = self.trial, step.query
        trial.needs(FILTERED_LISTS, "the filter of GET /api/v4/jobs", step.who)
        if query.sort is not None:
            trial.needs(REWRITTEN_CREATE, "limits.sort", step.who)
        visible = self._visible(step)
        # Without jobs the oracle says nothing of who may list.
        if visible is None or not self.made:
            return
        limits: dict[str, Any] = {"limit": query.limit, "skip": query.skip}
        if query.sort is not None:
            limits["sort"] = {f"jobParams.{query.sort}": "desc" if query.descending else "asc"}
        ids = [each.outcome.job_id for each in self.made]
        shown = {
            "where": {"id": {"$in": ids}},
            "limits": {key: each for key, each in limits.items() if each is not None},
        }
        asked = trial.query(step.who, step.path, {"filter": shown})
        first = trial.release >= LISTS_IN_DATABASE
        seen, promised = (query.rows_of(visible, limit_first=each) for each in (first, False))
        expected = answer(200, is_same_as(seen), because=SHOWN)
        if seen == promised:
            asked.must_be(expected)
        else:
            asked.must_deviate(
                "limit-before-skip",
                expected,
                promised=answer(200, is_same_as(promised), because=SHOWN),
            )

    def _visible(self, step: Listing) -> list[Document] | None:
        """The documents of the jobs that the caller may see; None where lists are refused."""
        found: list[Document] = []
        for made in self.made:
            visible = self.trial.sees(step.who, made.job_type, made.owned)
            if visible is None:
                return None
            document = self.trial.context.known.get(made.outcome.job_id)
            if visible and document is not None:
                found.append(document)
        return sorted(found, key=lambda job: str(job.get("createdAt")))

    def _merge_twice(self, step: MergeTwice, made: Made) -> None:
        trial, job = self.trial, made.outcome.job
        bodies = [{**STATUS, "jobResultObject": {key: 1}} for key in ("first", "second")]
        statuses = trial.patch_at_once(step.who, job, bodies, MERGE)
        accepted = [
            key for key, each in zip(("first", "second"), statuses, strict=True) if each == 200
        ]
        wanted = {f"jobResultObject.{key}": 1 for key in accepted}
        found = trial.get(OPERATOR, job)
        result = found.json.get("jobResultObject") if isinstance(found.json, dict) else None
        if result is not None:
            # Of two writes at once nobody knows the order; what was read is what is there.
            trial.context.known.note(found.json)
        lost = len(accepted) > 1 and isinstance(result, dict) and not wanted_in(result, accepted)
        if lost:
            found.must_deviate(
                "concurrent-merges-lost",
                answer(200, because="the later write wins (observed v5.2.1)"),
                promised=answer(200, holds(wanted), because=BOTH),
            )
        else:
            found.must_answer(200, holds(wanted), because=BOTH)


def wanted_in(result: Mapping[str, Any], keys: Sequence[str]) -> bool:
    """Whether a result has all of these keys."""
    return all(result.get(key) == 1 for key in keys)


def play(trial: Trial, steps: Sequence[Step]) -> None:
    """Send the steps one by one; raises CheckFailed with the story of the whole sequence."""
    player = _Player(trial)
    for number, step in enumerate(steps, start=1):
        try:
            player.step(step)
        except (NotVerifiable, Unspecified):
            # What the release does not have, or nobody promises, ends no sequence.
            trial.overruled = None
        except CheckFailed as failed:
            lines = [f"{each}. {line}" for each, line in enumerate(steps[:number], start=1)]
            curls = [each.exchange.curl() for each in trial.outcomes]
            parts = (
                StoryPart.of("", f"a sequence of {number} steps; the last one differs"),
                StoryPart.of("steps", *lines),
                StoryPart.of("requests", *curls),
                *failed.story.parts,
            )
            raise CheckFailed(Story(parts)) from None
