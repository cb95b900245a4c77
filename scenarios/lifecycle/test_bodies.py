"""Requests that a program would not send: no body, null in it, a form, tokens in odd places.

Source: observed on v4.20.2 to v5.2.1; what is promised is what HTTP and the documentation say of
malformed requests.
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.must import must_answer, must_equal
from scicat_harness.judge.trial import Told, Trial
from scicat_harness.model.identity import ANONYMOUS
from scicat_harness.model.release import REWRITTEN_CREATE
from scicat_harness.scenarios.documents import holds
from scicat_harness.scenarios.jobs import (
    CONTACT,
    EFFECTS,
    OPERATOR,
    STATUS,
    about,
    body_v3,
    body_v4,
    client_of,
    made,
    patched,
)

pytestmark = pytest.mark.site(EFFECTS)

CRASH = Told(500, "it is not looked for (observed v5.2.1)", message="Internal server error")
REFUSED = Told(400, "a malformed request is refused as such (RFC 9110)")


def refused_list(trial: Trial) -> Told:
    """A list that is refused, by the release's status."""
    status = 400 if trial.desk.release < REWRITTEN_CREATE else 422
    return Told(status, "a malformed list is refused (documentation: jobs)")


def test_v3_create_without_a_body(trial: Trial) -> None:
    """A server error."""
    outcome = trial.tell(
        OPERATOR,
        about("create", "v3"),
        lambda client: client.send(OPERATOR, "POST", "/api/v3/jobs"),
        CRASH,
        promised=REFUSED,
    )
    outcome.must_deviate("missing-body-crash")


def test_v3_update_without_a_body(trial: Trial) -> None:
    """A server error, and the job stays as it is."""
    job = made(trial, body_v4(trial))
    outcome = trial.tell(
        OPERATOR, about("update", "v3"), patched(job["id"], None, api="v3"), CRASH, promised=REFUSED
    )
    outcome.must_deviate("missing-body-crash")
    must_equal(trial.desk.client.read(OPERATOR, job["id"]).json, job, "the job afterwards")


def test_v4_update_without_a_body(trial: Trial) -> None:
    """Refused."""
    job = made(trial, body_v4(trial))
    outcome = trial.tell(OPERATOR, about("update"), patched(job["id"], None), REFUSED)
    outcome.must_be_as_specified()


def test_null_in_a_v4_list(trial: Trial) -> None:
    """A server error."""
    body = body_v4(trial, {"datasetList": [None]})
    outcome = trial.tell(
        OPERATOR,
        about("create"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body=body),
        CRASH,
        promised=refused_list(trial),
    )
    outcome.must_deviate("null-in-list-crash")


def test_null_in_a_v3_list(trial: Trial) -> None:
    """A server error."""
    body = body_v3(trial, datasetList=[None])
    outcome = trial.tell(
        OPERATOR,
        about("create", "v3"),
        lambda client: client.send(OPERATOR, "POST", "/api/v3/jobs", body=body),
        CRASH,
        promised=refused_list(trial),
    )
    outcome.must_deviate("v3-null-in-list-crash")


def test_a_form(trial: Trial) -> None:
    """It is read like JSON whose values are all texts."""
    body = body_v4(trial, {"a": 1})
    flat = {"type": "lives.plain", "contactEmail": CONTACT}
    flat |= {f"jobParams[{key}]": value for key, value in body["jobParams"].items()}
    outcome = trial.tell(
        OPERATOR,
        about("create"),
        lambda client: client.send(
            OPERATOR,
            "POST",
            "/api/v4/jobs",
            body=urlencode(flat),
            form="application/x-www-form-urlencoded",
        ),
        Told(201, "forms are read (observed v5.2.1)", holds({"jobParams.a": "1"})),
    )
    outcome.must_be_as_specified()


def test_a_broken_body(trial: Trial) -> None:
    """Refused."""
    outcome = trial.tell(
        OPERATOR,
        about("create"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/jobs", body='{"type": '),
        REFUSED,
    )
    outcome.must_be_as_specified()


def test_a_token_in_the_address(trial: Trial) -> None:
    """Without the word Bearer it makes nobody known."""
    body = body_v4(trial)
    params = {"access_token": str(trial.desk.stage.tokens.get("user1"))}
    outcome = trial.tell(
        ANONYMOUS,
        about("create"),
        lambda client: client.send(ANONYMOUS, "POST", "/api/v4/jobs", body=body, params=params),
        Told(201, "tokens are in headers (RFC 6750)", holds({"createdBy": "anonymous"})),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("name", ["garbled", "forger"])
def test_a_token_that_does_not_verify(name: str, trial: Trial) -> None:
    """Its holder is anonymous."""
    who = SITE.identity(name)
    body = body_v4(trial)
    outcome = trial.tell(
        who,
        about("create"),
        lambda client: client.send(who, "POST", "/api/v4/jobs", body=body),
        Told(201, "nobody vouches for it (observed v5.2.1)", holds({"createdBy": "anonymous"})),
    )
    outcome.must_be_as_specified()


def test_the_anonymous_token_updates_owned_jobs(trial: Trial) -> None:
    """What anonymous may not do, the token that anybody gets may."""
    who = SITE.identity("passerby")
    job = made(trial, body_v4(trial, ownerUser="user1", ownerGroup="group1"))
    refused = patched(job["id"], STATUS, ANONYMOUS)(client_of(trial))
    must_answer(refused, 403, "anonymous may not update it")
    outcome = trial.tell(
        who,
        about("update"),
        patched(job["id"], STATUS, who),
        Told(200, "it counts as a user (observed v5.2.1)", holds(STATUS)),
        promised=Told(403, "who never logged in is anonymous (documentation: users)"),
    )
    outcome.must_deviate("anonymous-jwt-is-a-user")


def test_a_dataset_without_owner(trial: Trial) -> None:
    """A server error."""
    body = {
        "type": "raw",
        "datasetName": "nobody's",
        "ownerGroup": "group1",
        "contactEmail": CONTACT,
        "principalInvestigators": ["harness"],
        "creationLocation": "harness",
        "creationTime": "2024-07-02T09:00:00.000Z",
        "sourceFolder": "/harness",
        "inputDatasets": [],
        "usedSoftware": [],
        "numberOfFilesArchived": 0,
        "isPublished": False,
    }
    outcome = trial.tell(
        OPERATOR,
        about("create dataset"),
        lambda client: client.send(OPERATOR, "POST", "/api/v4/datasets", body=body),
        Told(500, "it is not looked for (observed v5.2.1)"),
        promised=REFUSED,
    )
    outcome.must_deviate("dataset-without-owner-crash")
