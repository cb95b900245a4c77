"""Fields that an update changes and leaves alone, by media type and body.

Source: backend documentation of PATCH; RFC 7396 and RFC 9110 for merge patches; observed on
v4.20.2 to v5.2.1. More forms are in ``update/test_patch_forms.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.matchers import holds, satisfies, value_at
from scicat_harness.judge.trial import Trial
from scicat_harness.model.identity import ANONYMOUS, Identity
from scicat_harness.model.release import V3_STATUS_KEPT
from scicat_harness.scenarios.jobs import (
    OPERATOR,
    STATUS,
)

MERGE = "application/merge-patch+json"
BEFORE = {"r": 1, "n": {"x": 1}}
DOCS = "PATCH leaves alone what it does not name (documentation: jobs)"
UPDATED = ("updatedBy", "updatedAt", "statusCode", "statusMessage", "jobResultObject")


def wait_for_the_next_millisecond(trial: Trial, moment: str) -> None:
    """Return once a job is made later than this, by the backend's clock; 50 jobs at most.

    A backend can create a job and update it within the millisecond that its times are exact to.
    """
    made = (trial.make(trial.body(), OPERATOR)["createdAt"] for _ in range(50))
    any(each > moment for each in made)


def with_result(trial: Trial) -> dict[str, Any]:
    """A job that has a result."""
    job = trial.make(trial.body(ownerGroup="group1"), OPERATOR)
    reply = trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": BEFORE})
    reply.must_succeed("the job gets a result")
    return job


def result(wanted: Any) -> Any:
    """The document has this result."""
    return holds({"jobResultObject": wanted})


def test_null_result(trial: Trial) -> None:
    """As JSON, null is stored."""
    job = with_result(trial)
    trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": None}).must_deviate(
        "null-result-stored",
        answer(200, result(None), because="null is stored (observed v5.2.1)"),
        promised=answer(
            200, result(BEFORE), because="null does not change it (documentation: PATCH)"
        ),
    )


def test_null_result_in_a_merge_patch(trial: Trial) -> None:
    """As a merge patch, null changes nothing."""
    job = with_result(trial)
    trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": None}, form=MERGE).must_deviate(
        "merge-null-keeps-result",
        answer(200, result(BEFORE), because="null changes nothing (observed v5.2.1)"),
        promised=answer(200, result_is_reset, because="null resets it (documentation: PATCH)"),
    )


result_is_reset = satisfies(
    "a job without a result", lambda job: not value_at(job, "jobResultObject")
)


@pytest.mark.parametrize(
    "body",
    [
        {"jobResultObject": {"a": 1}},
        {"statusCode": "s", "jobResultObject": {"a": 1}},
        {"statusMessage": "m", "jobResultObject": {"a": 1}},
    ],
    ids=lambda body: "-".join(body),
)
def test_a_merge_patch_without_status(body: dict[str, Any], trial: Trial) -> None:
    """Both parts of the status are required all the same."""
    job = with_result(trial)
    trial.patch(OPERATOR, job, body, form=MERGE).must_deviate(
        "merge-needs-status",
        answer(400, because="status is required (observed v5.2.1)", message=".*must be a string.*"),
        promised=answer(200, result({**BEFORE, "a": 1}), because=DOCS),
    )


@pytest.mark.parametrize(
    "form",
    [
        "application/merge-patch+json; charset=utf-8",
        "application/merge-patch+json;charset=UTF-8",
        "Application/Merge-Patch+JSON",
    ],
)
def test_a_merge_patch_written_otherwise(form: str, trial: Trial) -> None:
    """It is taken for a replacement."""
    job = with_result(trial)
    trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": {"a": 1}}, form=form).must_deviate(
        "merge-type-misread",
        answer(200, result({"a": 1}), because="the result is replaced (observed v5.2.1)"),
        promised=answer(
            200, result({**BEFORE, "a": 1}), because="media types are compared so (RFC 9110)"
        ),
    )


@pytest.mark.parametrize("body", [STATUS, {**STATUS, "jobResultObject": {}}], ids=["absent", "{}"])
def test_a_merge_patch_of_nothing(body: dict[str, Any], trial: Trial) -> None:
    """The result stays."""
    job = with_result(trial)
    trial.patch(OPERATOR, job, body, form=MERGE).must_answer(200, result(BEFORE), because=DOCS)


@pytest.mark.parametrize("form", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_written_otherwise(form: str, trial: Trial) -> None:
    """It replaces."""
    job = with_result(trial)
    trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": {"a": 1}}, form=form).must_answer(
        200, result({"a": 1}), because="JSON replaces the result (documentation: PATCH)"
    )


@pytest.mark.parametrize("form", ["application/json", MERGE])
@pytest.mark.parametrize("value", [[], "text", 5], ids=repr)
def test_a_result_that_is_no_object(value: Any, form: str, trial: Trial) -> None:
    """Refused, and nothing is changed."""
    job = with_result(trial)
    trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": value}, form=form).must_answer(
        400,
        because="a result is an object (documentation: PATCH)",
        message="jobResultObject must be an object",
    )
    trial.get(OPERATOR, job).must_answer(200, result(BEFORE), because=DOCS)


@pytest.mark.parametrize(
    "key", ["id", "type", "ownerUser", "ownerGroup", "createdBy", "configVersion", "contactEmail"]
)
def test_what_cannot_be_changed(key: str, trial: Trial) -> None:
    """A body that names another field is refused."""
    job = with_result(trial)
    trial.patch(OPERATOR, job, {**STATUS, key: "x"}).must_answer(
        400, because=DOCS, message=f"property {key} should not exist"
    )


@pytest.mark.parametrize("form", ["application/json", MERGE])
def test_everything_else_stays(form: str, trial: Trial) -> None:
    """Only the status, the result, and who changed it when are new."""
    job = trial.make(
        trial.body({"deep": {"a": [1]}}, ownerUser="user1", ownerGroup="group1"), OPERATOR
    )
    stays = {key: value for key, value in job.items() if key not in UPDATED}
    user1 = SITE.identity("user1")
    trial.patch(user1, job, {**STATUS, "jobResultObject": {"a": 1}}, form=form).must_answer(
        200,
        holds({**stays, **STATUS, "updatedBy": "user1", "jobResultObject": {"a": 1}}),
        because=DOCS,
    )


@pytest.mark.parametrize("who", [ANONYMOUS, SITE.identity("outsider")], ids=lambda each: each.name)
def test_who_updated_it(who: Identity, trial: Trial) -> None:
    """The last one, by name."""
    job = trial.make(trial.body(), OPERATOR)
    trial.patch(OPERATOR, job, STATUS).must_succeed("somebody else updates it before")
    trial.patch(who, job, STATUS).must_answer(
        200, holds({"updatedBy": who.name, "createdBy": "operator"}), because=DOCS
    )


def test_time_of_update(trial: Trial) -> None:
    """It is later than that of the creation, which stays."""
    job = trial.make(trial.body(), OPERATOR)
    wait_for_the_next_millisecond(trial, job["updatedAt"])
    trial.patch(OPERATOR, job, STATUS).must_answer(
        200,
        holds({"createdAt": job["createdAt"]}),
        satisfies("updated later", lambda found: found["updatedAt"] > job["updatedAt"]),
        because=DOCS,
    )


def test_empty_status(trial: Trial) -> None:
    """Empty texts are texts."""
    job = with_result(trial)
    empty = {"statusCode": "", "statusMessage": ""}
    trial.patch(OPERATOR, job, empty).must_answer(200, holds(empty), because=DOCS)


def test_an_update_shows_what_may_not_be_read(trial: Trial) -> None:
    """The reply shows the job to an identity that may update, but not read it."""
    outsider = SITE.identity("outsider")
    job = trial.make(trial.body(ownerUser="user1", ownerGroup="group1"), OPERATOR)
    trial.get(outsider, job).must_be_refused(403, "an outsider may not read the job")
    trial.patch(outsider, job, STATUS).must_deviate(
        "update-shows-unreadable-job",
        answer(
            200, holds({"ownerUser": "user1"}), because="the document is shown (observed v5.2.1)"
        ),
        promised=answer(
            200,
            satisfies("no job", _hides_it),
            because="only who may read it sees a job (documentation)",
        ),
    )


def _hides_it(reply: Any) -> bool:
    return not isinstance(reply, dict) or "jobParams" not in reply


def test_v3_update_of_nothing(trial: Trial) -> None:
    """An empty v3 body changes nothing but who updated it when."""
    trial.needs(V3_STATUS_KEPT, "a v3 PATCH without jobStatusMessage", OPERATOR)
    job = with_result(trial)
    trial.patch(OPERATOR, job, {}, api="v3").must_succeed("the empty update is taken")
    trial.get(OPERATOR, job).must_answer(
        200,
        holds({**STATUS, "jobResultObject": BEFORE, "updatedBy": "operator"}),
        because=DOCS,
    )


def test_v3_execution_time_alone(trial: Trial) -> None:
    """It resets the result."""
    trial.needs(V3_STATUS_KEPT, "a v3 PATCH without jobStatusMessage", OPERATOR)
    job = with_result(trial)
    update = trial.patch(OPERATOR, job, {"executionTime": "2033-01-01T00:00:00Z"}, api="v3")
    update.must_succeed("the time is taken")
    trial.get(OPERATOR, job).must_deviate(
        "v3-execution-time-resets-result",
        answer(200, result({}), because="the result is emptied (observed v5.2.1)"),
        promised=answer(200, result(BEFORE), because=DOCS),
    )


EXECUTION_TIMES: dict[str, tuple[str, Any, Any, Any]] = {
    "v4-text": ("v4", {"executionTime": "now", "k": 1}, "now", {"k": 1}),
    "v4-number": ("v4", {"executionTime": 5}, 5, {}),
    "v4-falsy": ("v4", {"executionTime": 0}, None, {"executionTime": 0}),
    "v4-empty": ("v4", {"executionTime": ""}, None, {"executionTime": ""}),
    "merge-text": (MERGE, {"executionTime": "now"}, "now", BEFORE),
}


@pytest.mark.parametrize("name", list(EXECUTION_TIMES))
def test_execution_time_in_the_result(name: str, trial: Trial) -> None:
    """It moves to the parameters unless it is falsy."""
    form, given, time, left = EXECUTION_TIMES[name]
    job = with_result(trial)
    trial.patch(
        OPERATOR, job, {**STATUS, "jobResultObject": given}, form=form if "/" in form else None
    ).must_answer(
        200,
        holds({"jobParams.executionTime": time, "jobResultObject": left}),
        because="executionTime is a parameter (observed v5.2.1)",
    )


@pytest.mark.parametrize("time", ["", 0, None], ids=repr)
def test_falsy_execution_time_at_create(time: Any, trial: Trial) -> None:
    """It stays what it is, and does not show in v3."""
    job = trial.make(trial.body({"executionTime": time}), OPERATOR)
    trial.get(OPERATOR, job, api="v3").must_answer(
        200,
        holds({"executionTime": None}),
        because="v3 shows a time if there is one (observed v5.2.1)",
    )


def test_long_values(trial: Trial) -> None:
    """A message and a result are kept whole."""
    job = trial.make(trial.body(ownerGroup="group1"), OPERATOR)
    long = {"statusMessage": "m" * 1_000, "jobResultObject": {"text": "x" * 30_000}}
    trial.patch(OPERATOR, job, {**STATUS, **long}).must_answer(200, holds(long), because=DOCS)
    trial.get(OPERATOR, job).must_answer(200, holds(long), because=DOCS)


def test_the_same_status_again(trial: Trial) -> None:
    """It is an update like others, with a time of its own."""
    job = trial.make(trial.body(ownerGroup="group1"), OPERATOR)
    first = trial.patch(OPERATOR, job, STATUS)
    first.must_succeed("the job gets a status")
    moment = str(first.json["updatedAt"])
    wait_for_the_next_millisecond(trial, moment)
    later = satisfies("updated later", lambda found: str(found["updatedAt"]) > moment)
    trial.patch(OPERATOR, job, STATUS).must_answer(200, later, because=DOCS)


def test_null_within_a_new_member_of_a_merge_patch(trial: Trial) -> None:
    """Null removes a member, also of an object that is new (RFC 7396)."""
    job = with_result(trial)
    body = {**STATUS, "jobResultObject": {"new": {"x": None, "y": 1}}}
    reply = trial.patch(OPERATOR, job, body, form=MERGE)
    reply.must_answer(200, result({**BEFORE, "new": {"y": 1}}), because=DOCS)


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_blanks_around_a_status(api: str, trial: Trial) -> None:
    """A status is stored letter by letter."""
    job = trial.make(trial.body(ownerGroup="group1"), OPERATOR)
    status = " done\t"
    body = {"jobStatusMessage": status} if api == "v3" else {**STATUS, "statusCode": status}
    trial.patch(OPERATOR, job, body, api=api).must_succeed("the job gets a status")
    trial.get(OPERATOR, job).must_answer(200, holds({"statusCode": status}), because=DOCS)


def test_an_empty_result(trial: Trial) -> None:
    """As JSON, it takes the place of the result before."""
    job = with_result(trial)
    trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": {}}).must_answer(
        200, result({}), because=DOCS
    )
