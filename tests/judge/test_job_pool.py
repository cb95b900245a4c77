"""The job pool: refused updates share a job, permitted ones have one to themselves."""

from __future__ import annotations

from itertools import count

import pytest

from scicat_harness.model.request import JobOwnership
from scicat_harness.probe.pool import JobPool

MINE = JobOwnership("mine", "user1")
YOURS = JobOwnership("yours", "user2")


@pytest.fixture
def pool() -> JobPool:
    """A pool whose jobs are numbered."""
    numbers = count(1)
    return JobPool(lambda job_type, job: f"{job_type}-{job.name}-{next(numbers)}")


def test_refused_updates_share_a_job(pool: JobPool) -> None:
    assert pool.shared("t", MINE) == pool.shared("t", MINE) == "t-mine-1"


def test_another_type_or_owner_is_another_job(pool: JobPool) -> None:
    jobs = {pool.shared("t", MINE), pool.shared("t", YOURS), pool.shared("u", MINE)}
    assert len(jobs) == 3


def test_permitted_updates_of_a_batch_have_a_job_each(pool: JobPool) -> None:
    assert pool.lease("t", MINE) != pool.lease("t", MINE)


def test_a_leased_job_is_never_one_that_nothing_may_change(pool: JobPool) -> None:
    shared = pool.shared("t", MINE)
    leased = pool.lease("t", MINE)
    pool.settled()
    assert shared not in (leased, pool.lease("t", MINE))


def test_a_settled_job_is_used_again(pool: JobPool) -> None:
    first = pool.lease("t", MINE)
    pool.settled()
    assert pool.lease("t", MINE) == first
    assert pool.lease("t", MINE) != first


def test_a_job_whose_state_matters_is_nobodys_before_and_nobodys_after(pool: JobPool) -> None:
    used = pool.lease("t", MINE)
    pool.settled()
    fresh = pool.lease("t", MINE, fresh=True)
    pool.settled()
    assert fresh != used
    assert pool.lease("t", MINE) == used
    assert pool.lease("t", MINE) != fresh
