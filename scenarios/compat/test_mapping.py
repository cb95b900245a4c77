"""The same intent through v3 and v4 comes to the same job; each shows the other's in its terms.

Source: the v3 to v4 mapping as observed on v4.24.0 to v5.2.1. Who may is in the matrices, which
send through both.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.client.scicat import list_params
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.matchers import holds, is_same_as, satisfies, shows, value_at
from scicat_harness.judge.trial import Trial
from scicat_harness.model.expectation import Matcher
from scicat_harness.model.identity import Identity
from scicat_harness.scenarios.jobs import (
    CONTACT,
    JANITOR,
    OPERATOR,
    STATUS,
)

USER1 = SITE.identity("user1")
SAME = "v3 and v4 are about the same jobs (documentation: jobs)"
OWN_FIELDS = {"id", "_id", "createdAt", "updatedAt"}
CLEANER = SITE.identity("cleaner")


def listed(trial: Trial) -> list[dict[str, Any]]:
    """A dataset list of one."""
    return [{"pid": trial.pid("own"), "files": ["run/a.h5"]}]


def without_marks(document: dict[str, Any]) -> dict[str, Any]:
    """Return a job without its ids, its times, and the names that v3 leaves in jobParams."""
    params = document["jobParams"]
    left = {k: v for k, v in params.items() if k not in ("correlation", "ownerGroup", "username")}
    rest = {key: value for key, value in document.items() if key not in OWN_FIELDS}
    return {**rest, "jobParams": left}


def alike(other: dict[str, Any]) -> Matcher:
    """The document is that of the other job, apart from what is every job's own."""
    return is_same_as(without_marks(other), without_marks)


@pytest.mark.parametrize("who", [USER1, OPERATOR], ids=lambda each: each.name)
def test_create(who: Identity, trial: Trial) -> None:
    """The stored jobs are the same."""
    owner = {"username": "user1", "ownerGroup": "group1"}
    old = trial.body_v3({"a": 1, **owner}, datasetList=listed(trial))
    new = trial.body({"a": 1, "datasetList": listed(trial)}, ownerUser="user1", ownerGroup="group1")
    by_v3 = trial.make(old, who, "v3")
    by_v4 = trial.make(new, who)
    trial.get(who, by_v3).must_answer(200, alike(by_v4), because=SAME)


@pytest.mark.parametrize("form", ["application/json", "application/merge-patch+json"])
def test_update(form: str, trial: Trial) -> None:
    """The status and the result are the same."""
    first, second = (trial.make(trial.body(), OPERATOR) for _ in range(2))
    result = {"jobResultObject": {"a": {"b": 1}}}
    both = {"statusCode": "done", "statusMessage": "done", **result}
    v3 = {"jobStatusMessage": "done", **result}
    trial.patch(OPERATOR, second, both, form=form).must_succeed("the v4 update")
    trial.patch(OPERATOR, first, v3, api="v3", form=form).must_succeed("the v3 update")
    other = trial.get(OPERATOR, second).must_succeed("the job that was updated through v4")
    trial.get(OPERATOR, first).must_answer(200, alike(other), because=SAME)


def test_v4_job_through_v3(trial: Trial) -> None:
    """Every field under its v3 name."""
    params = {"a": 1, "datasetList": listed(trial), "executionTime": "2030"}
    body = trial.body(params, ownerUser="user1", ownerGroup="group1")
    job = trial.make(body, OPERATOR)
    trial.get(USER1, job, api="v3").must_answer(
        200,
        holds(
            {
                "id": job["id"],
                "_id": job["id"],
                "emailJobInitiator": CONTACT,
                "type": "lives.plain",
                "creationTime": job["createdAt"],
                "executionTime": "2030",
                "jobStatusMessage": "jobSubmitted",
                "datasetList": listed(trial),
                "jobResultObject": {},
                "jobParams.a": 1,
                "jobParams.datasetList": None,
                "jobParams.executionTime": None,
                "ownerUser": None,
                "statusMessage": None,
            }
        ),
        because=SAME,
    )


def test_v3_job_through_v4(trial: Trial) -> None:
    """Every field under its v4 name."""
    body = trial.body_v3({"username": "user1", "ownerGroup": "group1"}, executionTime="2030")
    job = trial.make(body, OPERATOR, "v3")
    trial.get(USER1, job).must_answer(
        200,
        holds(
            {
                "id": job["id"],
                "ownerUser": "user1",
                "ownerGroup": "group1",
                "contactEmail": CONTACT,
                "createdAt": job["creationTime"],
                "statusCode": "jobSubmitted",
                "jobParams.executionTime": "2030",
                "jobParams.datasetList": body["datasetList"],
                "emailJobInitiator": None,
                "creationTime": None,
            }
        ),
        because=SAME,
    )


def test_v3_shows_a_changed_status(trial: Trial) -> None:
    """The code, not the message."""
    job = trial.make(trial.body(), OPERATOR)
    update = trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": {"a": 1}})
    update.must_succeed("the v4 update")
    trial.get(OPERATOR, job, api="v3").must_answer(
        200, holds({"jobStatusMessage": "s", "jobResultObject": {"a": 1}}), because=SAME
    )


def test_lists_show_the_same_jobs(trial: Trial) -> None:
    """Made through either, found through either."""
    first = trial.make(trial.body({"pair": "x"}), OPERATOR)
    second = trial.make(trial.body_v3({"pair": "x"}), OPERATOR, "v3")
    where = {"jobParams.run": trial.run, "jobParams.pair": "x"}
    v4 = trial.query(OPERATOR, "v4/jobs", list_params(where))
    v4.must_answer(200, shows(first["id"], second["id"]), because=SAME)
    trial.query(OPERATOR, "v3/jobs/fullquery", {"fields": {"mode": where}}).must_answer(
        200, is_same_as(ids_of(v4.json), ids_of), because=SAME
    )


def ids_of(jobs: Any) -> list[str]:
    """The ids of a list of jobs, sorted."""
    return sorted(str(value_at(each, "id")) for each in jobs)


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_delete(api: str, trial: Trial) -> None:
    """Gone for both."""
    job = trial.make(trial.body(), OPERATOR)
    trial.remove(CLEANER, job, api=api).must_answer(200, because=SAME)
    trial.get(JANITOR, job, api="v3").must_answer(400, because=SAME)
    trial.get(JANITOR, job, api="v4").must_answer(400, because=SAME)


def test_what_a_v3_delete_shows(trial: Trial) -> None:
    """The inside of the database library."""
    job = trial.make(trial.body(), OPERATOR)
    trial.remove(CLEANER, job, api="v3").must_deviate(
        "v3-delete-shows-internals",
        answer(
            200,
            satisfies("an object with _doc", _has_internals),
            because="internals are shown (observed v5.2.1)",
        ),
        promised=answer(200, holds({"id": job["id"], "_doc": None}), because=SAME),
    )


def _has_internals(reply: Any) -> bool:
    return isinstance(reply, dict) and "_doc" in reply
