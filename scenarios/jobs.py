"""How scenarios told by hand make and change jobs: plain bodies, as a person would write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.fixtures.blueprints.names import EFFECTS
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.must import must_answer, must_equal
from scicat_harness.judge.trial import Subject, Trial
from scicat_harness.model.identity import Identity
from scicat_harness.model.request import Api

__all__ = [
    "CONTACT",
    "EFFECTS",
    "JANITOR",
    "OPERATOR",
    "STATUS",
    "about",
    "body_v3",
    "body_v4",
    "client_of",
    "made",
    "patched",
    "then",
]

OPERATOR = SITE.identity("operator")
JANITOR = SITE.identity("janitor")
CONTACT = "contact@elsewhere.example"
STATUS = {"statusCode": "s", "statusMessage": "m"}
Step = Callable[[SciCat], Exchange]


def about(operation: str, api: str = "v4", job_type: str = "lives.plain") -> Subject:
    """What a request is about."""
    return Subject(operation, Api(api), job_type)


def client_of(trial: Trial) -> SciCat:
    """The client, where there is a backend to speak to."""
    if not trial.desk.stage.base_url:
        trial.not_verifiable("needs a backend started with another job configuration", OPERATOR)
    return trial.desk.client


def body_v4(trial: Trial, params: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A v4 body of a job of nobody's; ``fields`` replace and add."""
    marks = trial.desk.marks(trial.desk.correlation())
    body = {"type": "lives.plain", "jobParams": {**marks, **(params or {})}, **fields}
    return {"contactEmail": CONTACT, **body} if "contactEmail" not in fields else body


def body_v3(trial: Trial, params: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A v3 body of a job about one dataset; ``fields`` replace and add."""
    marks = trial.desk.marks(trial.desk.correlation())
    return {
        "type": "lives.plain",
        "emailJobInitiator": CONTACT,
        "jobParams": {**marks, **(params or {})},
        "datasetList": [{"pid": trial.desk.stage.pids.get("own", ""), "files": []}],
        **fields,
    }


def made(
    trial: Trial, body: Mapping[str, Any], who: Identity = OPERATOR, api: str = "v4"
) -> dict[str, Any]:
    """The document of a new job that this body makes."""
    reply = client_of(trial).send(who, "POST", f"/api/{api}/jobs", body=body)
    document = must_answer(reply, 201, "a job that the check needs is made")
    must_equal(isinstance(document, dict) and "id" in document, True, "that the reply has an id")
    made_job: dict[str, Any] = document
    return made_job


def patched(
    job_id: str, body: Any, who: Identity = OPERATOR, *, api: str = "v4", form: str | None = None
) -> Step:
    """A PATCH."""
    path = f"/api/{api}/jobs/{job_id}"
    return lambda client: client.send(
        who, "PATCH", path, body=body, form=form or "application/json"
    )


def then(*steps: Step) -> Step:
    """One after the other; the last reply is what is judged."""

    def send(client: SciCat) -> Exchange:
        replies = [step(client) for step in steps]
        return replies[-1]

    return send
