"""What others are told of jobs in the terms of v3 and v4: the helper job_v3, and the message.

Source: documentation page jobconfig.md (job_v3); observed on v4.20.2 to v5.2.1.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.outcome import Pinned
from scicat_harness.judge.trial import Told, Trial
from scicat_harness.model.dataset import DatasetList, Listed
from scicat_harness.model.request import Api, CreateRequest, JobOwnership, Ownership, UpdateRequest
from scicat_harness.scenarios.jobs import EFFECTS, OPERATOR, about, body_v3, body_v4, client_of
from scicat_harness.sinks.journal import Awaited

pytestmark = pytest.mark.site(EFFECTS)

USER1 = SITE.identity("user1")
OWN = DatasetList("own", (Listed("own"),))
FOR_USER1 = Ownership("for-user1", "user1", "group1", "user1@elsewhere.example")
OWNED = JobOwnership("user1-and-group1", "user1", "group1")
BODIES: dict[str, Callable[..., dict[str, Any]]] = {"v3": body_v3, "v4": body_v4}


def told(trial: Trial, token: str) -> Any:
    """The job as the call told it."""
    assert trial.desk.watch is not None
    (call,) = trial.desk.watch.sinks.wait(Awaited(token, "url"), timeout=10.0)
    return json.loads(call.content["body"])


LIST_OF: dict[str, Callable[[dict[str, Any]], Any]] = {
    "v3": lambda body: body["datasetList"],
    "v4": lambda _: [],
}


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_the_helper_shows_the_v3_document(api: str, trial: Trial) -> None:
    """Nearly: not its result, its parameters otherwise."""
    body = BODIES[api](trial, {"a": {"b": ["<&>", None]}}, type="lives.shown-v3")
    client = client_of(trial)
    token = body["jobParams"]["correlation"]
    created = client.send(OPERATOR, "POST", f"/api/{api}/jobs", body=body).json
    outcome = trial.tell(
        OPERATOR,
        about("read", "v3", "lives.shown-v3"),
        lambda client: client.send(OPERATOR, "GET", f"/api/v3/jobs/{created['id']}"),
        Told(200, "in terms like those of v3 (observed v5.2.1)", _nearly(trial, token, body, api)),
        promised=Told(
            200,
            "job_v3 gives the job in v3 terms (documentation: jobconfig.md)",
            lambda document: _same(document, told(trial, token)),
        ),
    )
    outcome.must_deviate("job-v3-helper-differs")


def _same(document: Any, message: Any) -> list[str]:
    wanted = {key: value for key, value in document.items() if key != "_id"}
    found = {key: value for key, value in message.items() if key != "_id"}
    return [] if found == wanted else [f"the call told {found}, v3 shows {wanted}"]


def _nearly(trial: Trial, token: str, body: dict[str, Any], api: str) -> Any:
    """The call tells what v3 shows, but for the result and the parameters."""

    def problems(document: Any) -> list[str]:
        listed = LIST_OF[api](body)
        further = {"datasetList": listed} if listed else {}
        params = {**document["jobParams"], "username": "operator", **further}
        wanted = {**document, "jobParams": params, "datasetList": listed}
        del wanted["jobResultObject"]
        return _same(wanted, told(trial, token))

    return problems


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
