"""Fields that the server decides cannot be set by a body: not at a create, not by an update.

Source: specification: create.body, update.body, v3.create, v3.update (documentation: jobs; observed
v4.20.2 to v5.2.1). v4 refuses each unknown field, v3 drops it.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.matchers import holds, is_same_as
from scicat_harness.judge.pinned import since_v5_2
from scicat_harness.judge.trial import Trial
from scicat_harness.oracle.document import fixed_part
from scicat_harness.scenarios.jobs import OPERATOR, STATUS

OF_THE_SERVER = "the server decides these fields (documentation: jobs)"
TIME = "2020-01-01T00:00:00.000Z"
ID = "11111111-1111-4111-8111-111111111111"

ALWAYS: dict[str, Any] = {
    "id": ID,
    "_id": ID,
    "__v": 7,
    "createdBy": "user2",
    "updatedBy": "user2",
    "createdAt": TIME,
    "updatedAt": TIME,
    "configVersion": "mine",
    "accessGroups": ["everybody"],
    "isPublished": True,
    "$set": {"ownerUser": "user2"},
    "$unset": {"ownerUser": 1},
    "jobParams.injected": 1,
    "jobResultObject.injected": 1,
}
CREATE = {**ALWAYS, "statusCode": "done", "statusMessage": "done", "jobResultObject": {"a": 1}}
UPDATE = {
    **ALWAYS,
    "type": "lives.other",
    "ownerUser": "user2",
    "ownerGroup": "group7",
    "contactEmail": "somebody@elsewhere.example",
    "jobParams": {"injected": 1},
}
WHO = ("user1", "operator")
TYPE = "all_access.all_update"


def _own(job: dict[str, Any]) -> dict[str, Any]:
    """A job without what is different in each: ids, times, and the marks of the request."""
    rest = {key: value for key, value in job.items() if key not in ("id", "_id", "jobParams")}
    for key in ("createdAt", "updatedAt"):
        rest.pop(key, None)
    marks = ("correlation", "run")
    params = {key: each for key, each in job["jobParams"].items() if key not in marks}
    return {**rest, "jobParams": params}


def _fixed(shown: Any) -> Any:
    return fixed_part(shown) if isinstance(shown, dict) else shown


@pytest.mark.parametrize("key", CREATE)
@pytest.mark.parametrize("who", WHO)
def test_create(who: str, key: str, trial: Trial) -> None:
    """v4 refuses the body."""
    body = trial.body({"a": 1}, type=TYPE, ownerGroup="group1", **{key: CREATE[key]})
    trial.post(SITE.identity(who), body).must_answer(
        400, because=OF_THE_SERVER, message=r"property .* should not exist"
    )


@pytest.mark.parametrize("key", CREATE)
@pytest.mark.parametrize("who", WHO)
def test_create_through_v3(who: str, key: str, trial: Trial) -> None:
    """v3 stores the same job as without the field."""
    identity, owner = SITE.identity(who), {"ownerGroup": "group1"}
    plain = trial.make(trial.body_v3(owner, type=TYPE), identity, "v3")
    made = trial.make(trial.body_v3(owner, type=TYPE, **{key: CREATE[key]}), identity, "v3")
    wanted = trial.get(OPERATOR, plain).must_succeed("the job without the field is read")
    trial.get(OPERATOR, made).must_answer(
        200, is_same_as(_own(wanted), _own), because=OF_THE_SERVER
    )


@pytest.mark.parametrize("key", UPDATE)
@pytest.mark.parametrize("form", ["application/json", "application/merge-patch+json"])
def test_update(form: str, key: str, trial: Trial) -> None:
    """v4 refuses the body, and nothing of the job changes."""
    job = trial.make(trial.body(type=TYPE, ownerUser="user1", ownerGroup="group1"), OPERATOR)
    trial.patch(OPERATOR, job, {**STATUS, key: UPDATE[key]}, form=form).must_answer(
        400, because=OF_THE_SERVER, message=r"property .* should not exist"
    )
    trial.get(OPERATOR, job).must_answer(200, is_same_as(job), because=OF_THE_SERVER)


@pytest.mark.parametrize("key", UPDATE)
def test_update_through_v3(key: str, trial: Trial) -> None:
    """v3 changes the status, and nothing else."""
    job = trial.make(trial.body(type=TYPE, ownerUser="user1", ownerGroup="group1"), OPERATOR)
    body = {"jobStatusMessage": "s", key: UPDATE[key]}
    trial.patch(OPERATOR, job, body, api="v3").must_answer(200, because=OF_THE_SERVER)
    trial.get(OPERATOR, job).must_answer(
        200,
        is_same_as(fixed_part(job), _fixed),
        holds({"statusCode": "s", "jobResultObject": {}}),
        because=OF_THE_SERVER,
    )


def test_a_list_of_bodies(trial: Trial) -> None:
    """A create has one body."""
    body = trial.body(type=TYPE, ownerGroup="group1")
    trial.post(OPERATOR, [body]).must_answer(400, because=OF_THE_SERVER)
    trial.post(OPERATOR, [body, body]).must_answer(400, because=OF_THE_SERVER)


def test_a_create_in_the_form_of_a_patch(trial: Trial) -> None:
    """The media type of a merge patch makes no difference to a create."""
    body = trial.body({"a": None}, type=TYPE, ownerGroup="group1")
    reply = trial.post(OPERATOR, body, form="application/merge-patch+json")
    reply.must_answer(201, holds({"jobParams": body["jobParams"]}), because=OF_THE_SERVER)


@pytest.mark.parametrize("key", ["id", "createdBy", "updatedBy", "accessGroups", "statusCode"])
def test_create_with_null(key: str, trial: Trial) -> None:
    """v4 refuses the name, whatever the value."""
    body = trial.body(type=TYPE, ownerGroup="group1", **{key: None})
    trial.post(OPERATOR, body).must_answer(
        400, because=OF_THE_SERVER, message=r"property .* should not exist"
    )


NAMES: dict[str, Any] = {
    "id": ID,
    "createdBy": "user2",
    "updatedBy": "user2",
    "ownerUser": "user2",
    "ownerGroup": "group7",
    "accessGroups": ["everybody"],
    "type": "lives.other",
    "statusCode": "done",
}


def test_parameters_with_names_of_fields(trial: Trial) -> None:
    """They are parameters like others, and decide nothing."""
    body = trial.body(NAMES, type=TYPE, ownerGroup="group1")
    made = trial.post(SITE.identity("user1"), body)
    fields = {"createdBy": "user1", "updatedBy": "user1", "ownerGroup": "group1", "type": TYPE}
    made.must_answer(201, holds({**fields, "jobParams": body["jobParams"]}), because=OF_THE_SERVER)


def test_a_result_with_names_of_fields(trial: Trial) -> None:
    """It is stored as it is, and nothing else changes."""
    job = trial.make(trial.body(type=TYPE, ownerUser="user1", ownerGroup="group1"), OPERATOR)
    names = {**NAMES, "../ownerGroup": "group7", "jobParams": {"a": 1}, "datasetList": []}
    reply = trial.patch(OPERATOR, job, {**STATUS, "jobResultObject": names})
    reply.must_answer(200, because=OF_THE_SERVER)
    trial.get(OPERATOR, job).must_answer(
        200,
        is_same_as(fixed_part(job), _fixed),
        holds({"jobResultObject": names}),
        because=OF_THE_SERVER,
    )


@pytest.mark.parametrize("owner", [{"ownerGroup": " group1 "}, {"ownerGroup": "GROUP1"}])
def test_a_group_in_other_letters(owner: dict[str, Any], trial: Trial) -> None:
    """Names are compared letter by letter: it is another group, of which user1 is no member."""
    body = trial.body(type=TYPE, **owner)
    status = since_v5_2(403, before=400).at(trial.release)
    trial.post(SITE.identity("user1"), body).must_answer(status, because=OF_THE_SERVER)


def test_a_user_in_other_letters(trial: Trial) -> None:
    """USER1 is another user, for whom user1 may create nothing."""
    body = trial.body(type=TYPE, ownerUser="USER1", ownerGroup="group1")
    status = since_v5_2(403, before=400).at(trial.release)
    trial.post(SITE.identity("user1"), body).must_answer(status, because=OF_THE_SERVER)


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_an_address_in_its_own_letters(api: str, trial: Trial) -> None:
    """The contact is stored as it was sent."""
    address = f"Ada.LOVELACE+{trial.new_mark()}@Elsewhere.Example"
    who = SITE.identity("user1")
    if api == "v4":
        body = trial.body(type=TYPE, ownerGroup="group1", contactEmail=address)
    else:
        body = trial.body_v3(type=TYPE, emailJobInitiator=address)
    made = trial.make(body, who, api)
    found = trial.get(OPERATOR, {**made, "type": TYPE})
    found.must_answer(200, holds({"contactEmail": address}), because=OF_THE_SERVER)


def test_an_empty_group_through_v3(trial: Trial) -> None:
    """It is a group of which user1 is no member, and not as good as none."""
    body = trial.body_v3({"ownerGroup": ""}, type=TYPE)
    status = since_v5_2(403, before=400).at(trial.release)
    trial.post(SITE.identity("user1"), body, api="v3").must_answer(status, because=OF_THE_SERVER)
