"""The same intent through v3 and v4 comes to the same job; each shows the other's in its terms.

Source: the v3 to v4 mapping as observed on v4.24.0 to v5.2.1. Who may is in the matrices, which
send through both.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.client.scicat import list_params
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.must import must_contain
from scicat_harness.judge.trial import Told, Trial
from scicat_harness.model.identity import Identity
from scicat_harness.scenarios.documents import holds, value_at
from scicat_harness.scenarios.jobs import (
    CONTACT,
    EFFECTS,
    JANITOR,
    OPERATOR,
    STATUS,
    about,
    body_v3,
    body_v4,
    client_of,
    made,
    patched,
    then,
)

pytestmark = pytest.mark.site(EFFECTS)

USER1 = SITE.identity("user1")
SAME = "v3 and v4 are about the same jobs (documentation: jobs)"
OWN_FIELDS = {"id", "_id", "createdAt", "updatedAt"}
CLEANER = SITE.identity("cleaner")


def listed(trial: Trial) -> list[dict[str, Any]]:
    """A dataset list of one."""
    return [{"pid": trial.desk.stage.pids.get("own", ""), "files": ["run/a.h5"]}]


def without_marks(document: dict[str, Any]) -> dict[str, Any]:
    """What two jobs made alike have in common: all but ids, times, and the names v3 leaves."""
    params = document["jobParams"]
    left = {k: v for k, v in params.items() if k not in ("correlation", "ownerGroup", "username")}
    rest = {key: value for key, value in document.items() if key not in OWN_FIELDS}
    return {**rest, "jobParams": left}


def alike(trial: Trial, other: dict[str, Any]) -> Any:
    """The document is that of the other job, apart from what is every job's own."""

    def problems(document: Any) -> list[str]:
        found, wanted = without_marks(document), without_marks(other)
        return [f"{found} is not {wanted}"] if found != wanted else []

    del trial
    return problems


@pytest.mark.parametrize("who", [USER1, OPERATOR], ids=lambda each: each.name)
def test_create(who: Identity, trial: Trial) -> None:
    """What is stored is the same."""
    owner = {"username": "user1", "ownerGroup": "group1"}
    old = body_v3(trial, {"a": 1, **owner}, datasetList=listed(trial))
    new = body_v4(
        trial, {"a": 1, "datasetList": listed(trial)}, ownerUser="user1", ownerGroup="group1"
    )
    by_v3 = made(trial, old, who, "v3")
    by_v4 = made(trial, new, who)
    outcome = trial.tell(
        who,
        about("create"),
        lambda client: client.read(who, by_v3["id"]),
        Told(200, SAME, alike(trial, by_v4)),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("form", ["application/json", "application/merge-patch+json"])
def test_update(form: str, trial: Trial) -> None:
    """The status and the result are the same."""
    first, second = (made(trial, body_v4(trial)) for _ in range(2))
    result = {"jobResultObject": {"a": {"b": 1}}}
    both = {"statusCode": "done", "statusMessage": "done", **result}
    patched(second["id"], both, form=form)(client_of(trial))
    other = trial.desk.client.read(OPERATOR, second["id"]).json
    outcome = trial.tell(
        OPERATOR,
        about("update"),
        then(
            patched(first["id"], {"jobStatusMessage": "done", **result}, api="v3", form=form),
            lambda client: client.read(OPERATOR, first["id"]),
        ),
        Told(200, SAME, alike(trial, other)),
    )
    outcome.must_be_as_specified()


def test_v4_job_through_v3(trial: Trial) -> None:
    """Every field under its v3 name."""
    params = {"a": 1, "datasetList": listed(trial), "executionTime": "2030"}
    body = body_v4(trial, params, ownerUser="user1", ownerGroup="group1")
    job = made(trial, body)
    outcome = trial.tell(
        USER1,
        about("read", "v3"),
        lambda client: client.send(USER1, "GET", f"/api/v3/jobs/{job['id']}"),
        Told(
            200,
            SAME,
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
        ),
    )
    outcome.must_be_as_specified()


def test_v3_job_through_v4(trial: Trial) -> None:
    """Every field under its v4 name."""
    body = body_v3(trial, {"username": "user1", "ownerGroup": "group1"}, executionTime="2030")
    job = made(trial, body, api="v3")
    outcome = trial.tell(
        USER1,
        about("read"),
        lambda client: client.read(USER1, job["id"]),
        Told(
            200,
            SAME,
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
        ),
    )
    outcome.must_be_as_specified()


def test_v3_shows_a_changed_status(trial: Trial) -> None:
    """The code, not the message."""
    job = made(trial, body_v4(trial))
    outcome = trial.tell(
        OPERATOR,
        about("update", "v3"),
        then(
            patched(job["id"], {**STATUS, "jobResultObject": {"a": 1}}),
            lambda client: client.send(OPERATOR, "GET", f"/api/v3/jobs/{job['id']}"),
        ),
        Told(200, SAME, holds({"jobStatusMessage": "s", "jobResultObject": {"a": 1}})),
    )
    outcome.must_be_as_specified()


def test_lists_show_the_same_jobs(trial: Trial) -> None:
    """Made through either, found through either."""
    first = made(trial, body_v4(trial, {"pair": "x"}))
    second = made(trial, body_v3(trial, {"pair": "x"}), api="v3")
    where = {"jobParams.run": trial.desk.stage.run, "jobParams.pair": "x"}
    of_v4 = client_of(trial).query(OPERATOR, "v4/jobs", list_params(where)).json
    known = {str(value_at(each, "id")) for each in of_v4} if isinstance(of_v4, list) else set()
    outcome = trial.tell(
        OPERATOR,
        about("list", "v3"),
        lambda client: client.query(OPERATOR, "v3/jobs/fullquery", {"fields": {"mode": where}}),
        Told(200, SAME, _ids(known)),
    )
    outcome.must_be_as_specified()
    must_contain(known, {first["id"], second["id"]}, "the v4 list")


def _ids(wanted: set[str]) -> Any:
    def problems(reply: Any) -> list[str]:
        found = {each["id"] for each in reply}
        return [] if found == wanted else [f"shows {found} instead of {wanted}"]

    return problems


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_delete(api: str, trial: Trial) -> None:
    """Gone for both."""
    job = made(trial, body_v4(trial))

    def gone(_: Any) -> list[str]:
        client = trial.desk.client
        paths = (f"/api/{each}/jobs/{job['id']}" for each in ("v3", "v4"))
        statuses = [client.send(JANITOR, "GET", path).status for path in paths]
        return [] if statuses == [400, 400] else [f"reading it answers {statuses}"]

    outcome = trial.tell(
        CLEANER,
        about("delete", api),
        lambda client: client.send(CLEANER, "DELETE", f"/api/{api}/jobs/{job['id']}"),
        Told(200, SAME, gone),
    )
    outcome.must_be_as_specified()


def test_what_a_v3_delete_shows(trial: Trial) -> None:
    """The inside of the database library."""
    job = made(trial, body_v4(trial))
    outcome = trial.tell(
        CLEANER,
        about("delete", "v3"),
        lambda client: client.send(CLEANER, "DELETE", f"/api/v3/jobs/{job['id']}"),
        Told(200, "internals are shown (observed v5.2.1)", _has("_doc")),
        promised=Told(200, SAME, holds({"id": job["id"], "_doc": None})),
    )
    outcome.must_deviate("v3-delete-shows-internals")


def _has(key: str) -> Any:
    return lambda reply: [] if key in (reply or {}) else [f"has no {key}"]
