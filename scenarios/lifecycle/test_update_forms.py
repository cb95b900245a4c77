"""What an update changes, by media type and body, and what it leaves alone.

Source: backend documentation of PATCH; RFC 7396 and RFC 9110 for merge patches; observed on
v4.20.2 to v5.2.1. More forms are in ``update/test_patch_forms.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.must import must_answer
from scicat_harness.judge.trial import Told, Trial
from scicat_harness.model.identity import ANONYMOUS, Identity
from scicat_harness.model.release import V3_STATUS_KEPT
from scicat_harness.scenarios.documents import holds
from scicat_harness.scenarios.jobs import (
    EFFECTS,
    OPERATOR,
    STATUS,
    about,
    body_v4,
    made,
    patched,
    then,
)

pytestmark = pytest.mark.site(EFFECTS)

MERGE = "application/merge-patch+json"
BEFORE = {"r": 1, "n": {"x": 1}}
DOCS = "PATCH leaves alone what it does not name (documentation: jobs)"
UPDATED = ("updatedBy", "updatedAt", "statusCode", "statusMessage", "jobResultObject")


def with_result(trial: Trial) -> str:
    """The id of a job that has a result."""
    job = made(trial, body_v4(trial, ownerGroup="group1"))
    reply = patched(job["id"], {**STATUS, "jobResultObject": BEFORE})(trial.desk.client)
    must_answer(reply, 200, "the job gets a result")
    job_id: str = job["id"]
    return job_id


def result(wanted: Any) -> Any:
    """The document has this result."""
    return holds({"jobResultObject": wanted})


def test_null_result(trial: Trial) -> None:
    """As JSON, null is stored."""
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patched(job_id, {**STATUS, "jobResultObject": None}),
        Told(200, "null is stored (observed v5.2.1)", result(None)),
        promised=Told(200, "null does not change it (documentation: PATCH)", result(BEFORE)),
    )
    outcome.must_deviate("null-result-stored")


def test_null_result_in_a_merge_patch(trial: Trial) -> None:
    """As a merge patch, null changes nothing."""
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patched(job_id, {**STATUS, "jobResultObject": None}, form=MERGE),
        Told(200, "null changes nothing (observed v5.2.1)", result(BEFORE)),
        promised=Told(200, "null resets it (documentation: PATCH)", _not_before),
    )
    outcome.must_deviate("merge-null-keeps-result")


def _not_before(document: Any) -> list[str]:
    found = document.get("jobResultObject")
    return [f"jobResultObject is {found!r}"] if found else []


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
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patched(job_id, body, form=MERGE),
        Told(400, "status is required (observed v5.2.1)", message=".*must be a string.*"),
        promised=Told(200, DOCS, result({**BEFORE, "a": 1})),
    )
    outcome.must_deviate("merge-needs-status")


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
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patched(job_id, {**STATUS, "jobResultObject": {"a": 1}}, form=form),
        Told(200, "the result is replaced (observed v5.2.1)", result({"a": 1})),
        promised=Told(200, "media types are compared so (RFC 9110)", result({**BEFORE, "a": 1})),
    )
    outcome.must_deviate("merge-type-misread")


@pytest.mark.parametrize("body", [STATUS, {**STATUS, "jobResultObject": {}}], ids=["absent", "{}"])
def test_a_merge_patch_of_nothing(body: dict[str, Any], trial: Trial) -> None:
    """The result stays."""
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patched(job_id, body, form=MERGE),
        Told(200, DOCS, result(BEFORE)),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("form", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_written_otherwise(form: str, trial: Trial) -> None:
    """It replaces."""
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patched(job_id, {**STATUS, "jobResultObject": {"a": 1}}, form=form),
        Told(200, "JSON replaces the result (documentation: PATCH)", result({"a": 1})),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("form", ["application/json", MERGE])
@pytest.mark.parametrize("value", [[], "text", 5], ids=repr)
def test_a_result_that_is_no_object(value: Any, form: str, trial: Trial) -> None:
    """Refused, and nothing is changed."""
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patched(job_id, {**STATUS, "jobResultObject": value}, form=form),
        Told(
            400,
            "a result is an object (documentation: PATCH)",
            lambda _: result(BEFORE)(trial.desk.client.read(OPERATOR, job_id).json),
            message="jobResultObject must be an object",
        ),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize(
    "key", ["id", "type", "ownerUser", "ownerGroup", "createdBy", "configVersion", "contactEmail"]
)
def test_what_cannot_be_changed(key: str, trial: Trial) -> None:
    """A body that names another field is refused."""
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patched(job_id, {**STATUS, key: "x"}),
        Told(400, DOCS, message=f"property {key} should not exist"),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("form", ["application/json", MERGE])
def test_everything_else_stays(form: str, trial: Trial) -> None:
    """Only the status, the result, and who changed it when are new."""
    job = made(trial, body_v4(trial, {"deep": {"a": [1]}}, ownerUser="user1", ownerGroup="group1"))
    stays = {key: value for key, value in job.items() if key not in UPDATED}
    user1 = SITE.identity("user1")
    outcome = trial.tell(
        user1,
        about("update"),
        patched(job["id"], {**STATUS, "jobResultObject": {"a": 1}}, user1, form=form),
        Told(
            200,
            DOCS,
            holds({**stays, **STATUS, "updatedBy": "user1", "jobResultObject": {"a": 1}}),
        ),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("who", [ANONYMOUS, SITE.identity("outsider")], ids=lambda each: each.name)
def test_who_updated_it(who: Identity, trial: Trial) -> None:
    """The last one, by name."""
    job = made(trial, body_v4(trial))
    outcome = trial.tell(
        who,
        about("update"),
        then(patched(job["id"], STATUS), patched(job["id"], STATUS, who)),
        Told(200, DOCS, holds({"updatedBy": who.name, "createdBy": "operator"})),
    )
    outcome.must_be_as_specified()


def test_time_of_update(trial: Trial) -> None:
    """It is later than that of the creation, which stays."""
    job = made(trial, body_v4(trial))

    def later(document: Any) -> list[str]:
        stayed = document["createdAt"] == job["createdAt"]
        return [] if stayed and document["updatedAt"] > job["updatedAt"] else [f"{document}"]

    outcome = trial.tell(
        OPERATOR, about("update"), patched(job["id"], STATUS), Told(200, DOCS, later)
    )
    outcome.must_be_as_specified()


def test_empty_status(trial: Trial) -> None:
    """Empty texts are texts."""
    job_id = with_result(trial)
    empty = {"statusCode": "", "statusMessage": ""}
    outcome = trial.tell(
        OPERATOR, about("update"), patched(job_id, empty), Told(200, DOCS, holds(empty))
    )
    outcome.must_be_as_specified()


def test_an_update_shows_what_may_not_be_read(trial: Trial) -> None:
    """Who may update but not read is shown the job."""
    outsider = SITE.identity("outsider")
    job = made(trial, body_v4(trial, ownerUser="user1", ownerGroup="group1"))
    must_answer(trial.desk.client.read(outsider, job["id"]), 403, "who may not read the job")
    outcome = trial.tell(
        outsider,
        about("update"),
        patched(job["id"], STATUS, outsider),
        Told(200, "the document is shown (observed v5.2.1)", holds({"ownerUser": "user1"})),
        promised=Told(200, "only who may read it sees a job (documentation)", _hides),
    )
    outcome.must_deviate("update-shows-unreadable-job")


def _hides(reply: Any) -> list[str]:
    return ["shows the job"] if isinstance(reply, dict) and "jobParams" in reply else []


def test_v3_update_of_nothing(trial: Trial) -> None:
    """An empty v3 body changes nothing but who updated it when."""
    trial.needs(V3_STATUS_KEPT, "a v3 PATCH without jobStatusMessage", OPERATOR)
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update", "v3"),
        then(patched(job_id, {}, api="v3"), lambda client: client.read(OPERATOR, job_id)),
        Told(200, DOCS, holds({**STATUS, "jobResultObject": BEFORE, "updatedBy": "operator"})),
    )
    outcome.must_be_as_specified()


def test_v3_execution_time_alone(trial: Trial) -> None:
    """It resets the result."""
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update", "v3"),
        then(
            patched(job_id, {"executionTime": "2033-01-01T00:00:00Z"}, api="v3"),
            lambda client: client.read(OPERATOR, job_id),
        ),
        Told(200, "the result is emptied (observed v5.2.1)", result({})),
        promised=Told(200, DOCS, result(BEFORE)),
    )
    outcome.must_deviate("v3-execution-time-resets-result")


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
    job_id = with_result(trial)
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patched(job_id, {**STATUS, "jobResultObject": given}, form=form if "/" in form else None),
        Told(
            200,
            "executionTime is a parameter (observed v5.2.1)",
            holds({"jobParams.executionTime": time, "jobResultObject": left}),
        ),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("time", ["", 0, None], ids=repr)
def test_falsy_execution_time_at_create(time: Any, trial: Trial) -> None:
    """It stays what it is, and does not show in v3."""
    job = made(trial, body_v4(trial, {"executionTime": time}))
    outcome = trial.tell(
        OPERATOR,
        about("read", "v3"),
        lambda client: client.send(OPERATOR, "GET", f"/api/v3/jobs/{job['id']}"),
        Told(
            200, "v3 shows a time if there is one (observed v5.2.1)", holds({"executionTime": None})
        ),
    )
    outcome.must_be_as_specified()
