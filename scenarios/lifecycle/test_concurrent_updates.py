"""Updates of one job at the same time.

Source: RFC 7396; observed on v5.2.1: each merge patch writes back the whole result it read. Which
of them are lost is chance; that some are is not, with so many.
"""

from __future__ import annotations

from scicat_harness.judge.answer import answer
from scicat_harness.judge.matchers import satisfies, value_at
from scicat_harness.judge.must import must_equal
from scicat_harness.judge.trial import Trial
from scicat_harness.model.expectation import Matcher
from scicat_harness.scenarios.jobs import OPERATOR, STATUS

AT_ONCE = 20
MERGE = "application/merge-patch+json"


def has_keys_between(least: int, most: int) -> Matcher:
    """The result has so many keys."""
    return satisfies(
        f"between {least} and {most} keys in jobResultObject",
        lambda job: least <= len(value_at(job, "jobResultObject") or {}) <= most,
    )


def test_merge_patches_at_once(trial: Trial) -> None:
    """Some are lost."""
    job = trial.make(trial.body(), OPERATOR)
    bodies = [{**STATUS, "jobResultObject": {f"k{number}": number}} for number in range(AT_ONCE)]
    statuses = trial.patch_at_once(OPERATOR, job, bodies, MERGE)
    must_equal(set(statuses), {200}, "the set of statuses")
    trial.get(OPERATOR, job).must_deviate(
        "concurrent-merges-lost",
        answer(
            200,
            has_keys_between(1, AT_ONCE - 1),
            because="the whole is written back (observed v5.2.1)",
        ),
        promised=answer(
            200,
            has_keys_between(AT_ONCE, AT_ONCE),
            because="a patch names what it changes (RFC 7396)",
        ),
    )
