"""Jobs that other systems get, in the terms of v3 and v4: the helper job_v3, and the message.

Source: documentation page jobconfig.md (job_v3); observed on v4.20.2 to v5.2.1.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.matchers import is_same_as
from scicat_harness.judge.pinned import Pinned
from scicat_harness.judge.trial import Trial
from scicat_harness.model.dataset import DatasetList, Listed
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, Ownership, UpdateRequest
from scicat_harness.scenarios.jobs import OPERATOR

USER1 = SITE.identity("user1")
OWN = DatasetList("own", (Listed("own"),))
FOR_USER1 = Ownership("for-user1", "user1", "group1", "user1@elsewhere.example")
OWNED = JobOwnership("user1-and-group1", "user1", "group1")
NULLED = {"a": {"b": ["<&>", None]}}


def bodies(trial: Trial) -> dict[str, dict[str, Any]]:
    """A body for each version of the API."""
    return {
        "v3": trial.body_v3(NULLED, type="lives.shown-v3"),
        "v4": trial.body(NULLED, type="lives.shown-v3"),
    }


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_the_helper_shows_the_v3_document(api: str, trial: Trial) -> None:
    """Nearly: not its result, its parameters otherwise."""
    body = bodies(trial)[api]
    job = trial.make(body, OPERATOR, api)
    (call,) = trial.arrivals(body["jobParams"]["correlation"], "url")
    shown = json.loads(call.content["body"])
    trial.get(OPERATOR, job, api="v3").must_deviate(
        "job-v3-helper-differs",
        answer(
            200,
            is_same_as(apart_from_id(shown), lambda job: _nearly(job, body)),
            because="in terms like those of v3 (observed v5.2.1)",
        ),
        promised=answer(
            200,
            is_same_as(apart_from_id(shown), apart_from_id),
            because="job_v3 gives the job in v3 terms (documentation: jobconfig.md)",
        ),
    )


def apart_from_id(document: dict[str, Any]) -> dict[str, Any]:
    """A job without the id of the database."""
    return {key: value for key, value in document.items() if key != "_id"}


def _nearly(document: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return a v3 document as the call has it: without result, and with more parameters."""
    listed = body.get("datasetList", [])
    further = {"datasetList": listed} if listed else {}
    params = {**document["jobParams"], "username": "operator", **further}
    hidden = {key: value for key, value in document.items() if key != "jobResultObject"}
    return apart_from_id({**hidden, "jobParams": params, "datasetList": listed})


@pytest.mark.parametrize("api", [Api.V3, Api.V4])
def test_the_message_is_the_v4_document(api: Api, trial: Trial) -> None:
    """Through whichever API it was made."""
    request = CreateRequest("lives.message", OWN, FOR_USER1, api)
    outcome = trial.send(OPERATOR, request)
    outcome.must_be(
        Pinned(
            201,
            owner_user="user1",
            owner_group="group1",
            contact_email="user1@elsewhere.example",
            effects=("amqp", "amqp"),
            written=True,
        )
    )


@pytest.mark.parametrize("api", [Api.V3, Api.V4])
def test_the_message_of_an_update(api: Api, trial: Trial) -> None:
    """It holds the document as it is after the update."""
    outcome = trial.send(USER1, UpdateRequest("lives.message", OWNED, api, status="done"))
    outcome.must_be(Pinned(200, effects=("amqp", "amqp"), written=True))
