"""Other addresses and methods of an operation decide as the usual one does, or are refused.

Source: specification: request.routes (observed v4.20.2 to v5.2.1). Each way is tried by somebody
who may do it and by somebody who may not: the second one must never get more than the first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.matchers import holds, rows
from scicat_harness.judge.must import must_equal
from scicat_harness.judge.trial import Trial
from scicat_harness.model.expectation import Matcher
from scicat_harness.model.identity import ANONYMOUS
from scicat_harness.model.request import JobOwnership
from scicat_harness.scenarios.jobs import CLEANER, OPERATOR, STATUS

ROUTES = "routes are compared without case and final slash (observed v5.2.1); others do not exist"
OWNED = JobOwnership("user1-and-group1", "user1", "group1")
TYPE = "all_access.owner_user_update"
USER1 = SITE.identity("user1")
STRANGERS = ("anonymous", "outsider", "user5")
NO_ROUTE = 404


@dataclass(frozen=True, slots=True)
class Door:
    """A way to reach a job; with ``refused`` it leads nowhere, whoever tries it."""

    path: Callable[[str], str]
    refused: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


PATHS: dict[str, Door] = {
    "trailing-slash": Door(lambda job: f"v4/jobs/{job}/"),
    "capitals": Door(lambda job: f"v4/JOBS/{job}"),
    "query": Door(lambda job: f"v4/jobs/{job}?x=1&id=other"),
    "double-slash": Door(lambda job: f"v4//jobs/{job}", NO_ROUTE),
    "double-slash-before-id": Door(lambda job: f"v4/jobs//{job}", NO_ROUTE),
    "encoded-letter": Door(lambda job: f"v4/%6Aobs/{job}", NO_ROUTE),
    "encoded-slash": Door(lambda job: f"v4/jobs%2F{job}", NO_ROUTE),
    "deeper": Door(lambda job: f"v4/jobs/{job}/x", NO_ROUTE),
    "method-override": Door(
        lambda job: f"v4/jobs/{job}", headers={"X-HTTP-Method-Override": "DELETE"}
    ),
    "method-in-the-query": Door(lambda job: f"v4/jobs/{job}?_method=DELETE"),
    "original-url": Door(
        lambda job: f"v4/jobs/{job}", headers={"X-Original-URL": "/api/v3/health"}
    ),
}


def job_of(trial: Trial) -> str:
    """The id of a job of user1."""
    return str(trial.stored_job(TYPE, OWNED)["id"])


@pytest.mark.parametrize("name", PATHS)
def test_read(name: str, trial: Trial) -> None:
    """The owner reads the job, or nobody does."""
    door, job = PATHS[name], job_of(trial)
    path = door.path(job)
    shown: tuple[Matcher, ...] = (holds({"id": job}),) if door.refused is None else ()
    reply = trial.request(USER1, "GET", path, headers=door.headers)
    reply.must_answer(door.refused or 200, *shown, because=ROUTES)
    for who in STRANGERS:
        reply = trial.request(SITE.identity(who), "GET", path, headers=door.headers)
        reply.must_answer(door.refused or 403, because=ROUTES)


@pytest.mark.parametrize("name", PATHS)
def test_update(name: str, trial: Trial) -> None:
    """The owner updates the job, or nobody does."""
    door, job = PATHS[name], job_of(trial)
    path = door.path(job)
    for who in STRANGERS:
        reply = trial.request(SITE.identity(who), "PATCH", path, STATUS, headers=door.headers)
        reply.must_answer(door.refused or 403, because=ROUTES)
    reply = trial.request(USER1, "PATCH", path, STATUS, headers=door.headers)
    reply.must_answer(door.refused or 200, because=ROUTES)
    left = {} if door.refused else STATUS
    found = trial.get(OPERATOR, {"id": job, "type": TYPE})
    found.must_answer(200, holds({"id": job, **left}), because=ROUTES)


@pytest.mark.parametrize("name", PATHS)
def test_delete(name: str, trial: Trial) -> None:
    """A deleter deletes the job, or nobody does."""
    door, job = PATHS[name], job_of(trial)
    path = door.path(job)
    for who in (*STRANGERS, "user1", "operator"):
        reply = trial.request(SITE.identity(who), "DELETE", path, headers=door.headers)
        reply.must_answer(door.refused or 403, because=ROUTES)
    reply = trial.request(CLEANER, "DELETE", path, headers=door.headers)
    reply.must_answer(door.refused or 200, because=ROUTES)
    found = trial.get(OPERATOR, {"id": job, "type": TYPE})
    found.must_answer(200 if door.refused else 400, because=ROUTES)


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_a_parameter_behind_the_id(api: str, trial: Trial) -> None:
    """It is part of the id, so there is no such job."""
    job = job_of(trial)
    for who, method, body in ((OPERATOR, "GET", None), (CLEANER, "DELETE", None)):
        reply = trial.request(who, method, f"{api}/jobs/{job};x=1", body)
        reply.must_answer(400, because=ROUTES)
    found = trial.get(OPERATOR, {"id": job, "type": TYPE})
    found.must_answer(200, holds({"id": job}), because=ROUTES)


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("api", ["v3", "v4"])
def test_method_that_a_job_does_not_have(api: str, method: str, trial: Trial) -> None:
    """Nobody updates a job by PUT or POST, not even an admin."""
    job = job_of(trial)
    for who in ("anonymous", "user1", "operator"):
        reply = trial.request(SITE.identity(who), method, f"{api}/jobs/{job}", STATUS)
        reply.must_answer(NO_ROUTE, because=ROUTES)


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_head(api: str, trial: Trial) -> None:
    """HEAD tells whom GET tells, and has no body."""
    job = job_of(trial)
    for path in (f"{api}/jobs/{job}", f"{api}/jobs"):
        trial.request(USER1, "HEAD", path).must_answer(200, because=ROUTES)
        trial.request(SITE.identity("anonymous"), "HEAD", path).must_answer(403, because=ROUTES)
    for who in STRANGERS:
        reply = trial.request(SITE.identity(who), "HEAD", f"{api}/jobs/{job}")
        reply.must_answer(403, because=ROUTES)


@pytest.mark.parametrize("override", ["PATCH", "DELETE", "PUT"])
@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_method_in_a_header(header: str, override: str, trial: Trial) -> None:
    """A read stays a read."""
    job = job_of(trial)
    reply = trial.request(CLEANER, "GET", "v4/jobs", headers={header: override})
    reply.must_answer(200, because=ROUTES)
    reply = trial.request(OPERATOR, "GET", f"v4/jobs/{job}", headers={header: override})
    reply.must_answer(200, holds({"id": job}), because=ROUTES)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_method_in_the_query(method: str, trial: Trial) -> None:
    """A read stays a read, also for somebody who may do the other."""
    job = job_of(trial)
    # A deleter may not read it.
    for who, status in ((CLEANER, 403), (OPERATOR, 200)):
        reply = trial.request(who, "GET", f"v4/jobs/{job}?_method={method}")
        reply.must_answer(status, because=ROUTES)
    trial.get(OPERATOR, {"id": job, "type": TYPE}).must_answer(
        200, holds({"id": job}), because=ROUTES
    )


@pytest.mark.parametrize("form", ["text/json", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_media_type(form: str, trial: Trial) -> None:
    """Such a body is not read: a browser sends it without asking."""
    body = trial.body(type=TYPE, ownerGroup="group1")
    trial.post(OPERATOR, body, form=form).must_answer(400, because=ROUTES)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Accept": "text/html"}]
)
def test_a_reply_to_a_browser(headers: dict[str, str], trial: Trial) -> None:
    """Replies have their usual headers and form, errors too; every reply is judged for both."""
    job = job_of(trial)
    reply = trial.request(USER1, "GET", f"v4/jobs/{job}", headers=headers)
    reply.must_answer(200, holds({"id": job}), because=ROUTES)
    reply = trial.request(SITE.identity("outsider"), "GET", f"v4/jobs/{job}", headers=headers)
    reply.must_answer(403, because=ROUTES)
    reply = trial.request(USER1, "GET", "v4/nosuch", headers=headers)
    reply.must_answer(404, because=ROUTES)


def test_a_filter_in_the_body_of_a_read(trial: Trial) -> None:
    """Only the query is looked at."""
    mark = trial.new_mark()
    job = trial.make(trial.body({"sought": mark}, type=TYPE, ownerGroup="group1"), USER1)
    body = {"filter": {"where": {"id": "nobodys"}, "limits": {"limit": 1, "skip": 1}}}
    params = {"filter": json.dumps({"where": {"jobParams.sought": mark}})}
    reply = trial.request(USER1, "GET", "v4/jobs", body, params=params)
    reply.must_answer(200, rows("id", job["id"]), because=ROUTES)


PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
    "access-control-allow-headers": "authorization,content-type",
}


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_preflight(method: str, trial: Trial) -> None:
    """A browser is told that a page of anybody may ask, but not with the cookies of a user."""
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    for path in ("v4/jobs", "v3/jobs"):
        reply = trial.request(ANONYMOUS, "OPTIONS", path, headers=asked)
        reply.must_answer(204, because=ROUTES)
        shown = {name: reply.exchange.headers.get(name) for name in PREFLIGHT}
        must_equal(shown, PREFLIGHT, "what a page of another origin may do")
