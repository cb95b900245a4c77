"""Requests that a program would not send: no body, null in it, a form, tokens in odd places.

Source: observed on v4.20.2 to v5.2.1; what is promised is what HTTP and the documentation say of
malformed requests.
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import ExpectedAnswer, answer
from scicat_harness.judge.matchers import holds, is_same_as
from scicat_harness.judge.pinned import since_v5_2
from scicat_harness.judge.trial import Trial
from scicat_harness.model.identity import ANONYMOUS
from scicat_harness.scenarios.jobs import (
    CONTACT,
    OPERATOR,
    STATUS,
)

CRASH = answer(
    500, because="it is not looked for (observed v5.2.1)", message="Internal server error"
)
REFUSED = answer(400, because="a malformed request is refused as such (RFC 9110)")


def refused_list(trial: Trial) -> ExpectedAnswer:
    """A list that is refused, by the release's status."""
    status = since_v5_2(422, before=400).at(trial.release)
    return answer(status, because="a malformed list is refused (documentation: jobs)")


def test_v3_create_without_a_body(trial: Trial) -> None:
    """A server error."""
    trial.post(OPERATOR, api="v3").must_deviate("missing-body-crash", CRASH, promised=REFUSED)


def test_v3_update_without_a_body(trial: Trial) -> None:
    """A server error, and the job stays as it is."""
    job = trial.make(trial.body(), OPERATOR)
    trial.patch(OPERATOR, job, None, api="v3").must_deviate(
        "missing-body-crash", CRASH, promised=REFUSED
    )
    trial.get(OPERATOR, job).must_answer(
        200, is_same_as(job), because="a request that fails changes nothing (RFC 9110)"
    )


def test_v4_update_without_a_body(trial: Trial) -> None:
    """Refused."""
    job = trial.make(trial.body(), OPERATOR)
    trial.patch(OPERATOR, job, None).must_be(REFUSED)


def test_null_in_a_v4_list(trial: Trial) -> None:
    """A server error."""
    body = trial.body({"datasetList": [None]})
    trial.post(OPERATOR, body).must_deviate(
        "null-in-list-crash", CRASH, promised=refused_list(trial)
    )


def test_null_in_a_v3_list(trial: Trial) -> None:
    """A server error."""
    body = trial.body_v3(datasetList=[None])
    trial.post(OPERATOR, body, api="v3").must_deviate(
        "v3-null-in-list-crash", CRASH, promised=refused_list(trial)
    )


def test_a_form(trial: Trial) -> None:
    """It is read like JSON whose values are all texts."""
    body = trial.body({"a": 1})
    flat = {"type": "lives.plain", "contactEmail": CONTACT}
    flat |= {f"jobParams[{key}]": value for key, value in body["jobParams"].items()}
    trial.post(OPERATOR, urlencode(flat), form="application/x-www-form-urlencoded").must_answer(
        201, holds({"jobParams.a": "1"}), because="forms are read (observed v5.2.1)"
    )


def test_a_broken_body(trial: Trial) -> None:
    """Refused."""
    trial.post(OPERATOR, '{"type": ').must_be(REFUSED)


def test_a_token_in_the_address(trial: Trial) -> None:
    """Without the word Bearer it makes nobody known."""
    body = trial.body()
    params = {"access_token": trial.token_of("user1")}
    trial.post(ANONYMOUS, body, params=params).must_answer(
        201, holds({"createdBy": "anonymous"}), because="tokens are in headers (RFC 6750)"
    )


@pytest.mark.parametrize("name", ["garbled", "forger"])
def test_a_token_that_does_not_verify(name: str, trial: Trial) -> None:
    """Its holder is anonymous."""
    who = SITE.identity(name)
    body = trial.body()
    trial.post(who, body).must_answer(
        201, holds({"createdBy": "anonymous"}), because="nobody vouches for it (observed v5.2.1)"
    )


def test_the_anonymous_token_updates_owned_jobs(trial: Trial) -> None:
    """The token that anybody gets may update what anonymous may not."""
    who = SITE.identity("passerby")
    job = trial.make(trial.body(ownerUser="user1", ownerGroup="group1"), OPERATOR)
    trial.patch(ANONYMOUS, job, STATUS).must_be_refused(403, "anonymous may not update it")
    trial.patch(who, job, STATUS).must_deviate(
        "anonymous-jwt-is-a-user",
        answer(200, holds(STATUS), because="it counts as a user (observed v5.2.1)"),
        promised=answer(403, because="who never logged in is anonymous (documentation: users)"),
    )


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
    trial.request(OPERATOR, "POST", "v4/datasets", body).must_deviate(
        "dataset-without-owner-crash",
        answer(500, because="it is not looked for (observed v5.2.1)"),
        promised=REFUSED,
    )
