"""The v3 face of jobs: mapping in and out, and the owner group it implies."""

import json
from typing import Any

import pytest

from .facility import World, datasets


def create(world: World, name: str | None, type_: str, *pids: str, **body: Any) -> Any:
    listed = datasets(*pids)
    return world.ask(name, "POST", "/api/v3/jobs", {"type": type_, **listed, **body})


def test_document_and_its_v4_view(world: World) -> None:
    params = {"a": 1, "datasetList": "ignored", "username": "user1", "ownerGroup": "gX"}
    answer = create(
        world,
        "admin",
        "c-all",
        "D1",
        emailJobInitiator="e@example.org",
        jobParams=params,
        executionTime="2030-01-01T00:00:00Z",
        jobStatusMessage="started",
        jobResultObject={"zz": 1},
        ownerUser="dropped",
    )
    assert answer.status == 201
    job = answer.json
    id_, created = job["id"], job["creationTime"]
    listed = datasets("D1")["datasetList"]
    assert json.dumps(job) == json.dumps(
        {
            "_id": id_,
            "id": id_,
            "emailJobInitiator": "e@example.org",
            "type": "c-all",
            "creationTime": created,
            "executionTime": "2030-01-01T00:00:00Z",
            "jobParams": {"username": "user1", "a": 1, "ownerGroup": "gX"},
            "jobStatusMessage": "started",
            "datasetList": listed,
            "jobResultObject": {},
        }
    )
    view = world.ask("admin", "GET", f"/api/v4/jobs/{id_}").json
    assert (view["ownerUser"], view["ownerGroup"]) == ("user1", "gX")
    assert (view["statusCode"], view["statusMessage"]) == ("started", "started")
    assert view["jobParams"] == {
        "a": 1,
        "username": "user1",
        "ownerGroup": "gX",
        "datasetList": listed,
        "executionTime": "2030-01-01T00:00:00Z",
    }
    assert (view["contactEmail"], view["createdBy"]) == ("e@example.org", "admin")


IMPLIED: list[tuple[str, str | None, str, tuple[str, ...], int, str | None]] = [
    ("all-own", "user1", "c-all", ("D1",), 201, "g1"),
    ("all-published", "user1", "c-all", ("D3",), 403, None),
    ("all-anonymous", None, "c-all", ("D3",), 403, None),
    ("public-anonymous", None, "c-public", ("D3",), 201, None),
    ("public-plain", "user1", "c-public", ("D3",), 403, None),
    ("owner", "user1", "c-owner", ("D1",), 201, "g1"),
    ("owner-not-all", "user1", "c-owner", ("D1", "D2"), 403, None),
    ("owner-admin", "admin", "c-owner", ("D4",), 201, "g4"),
    ("access-published-only", "user1", "c-access", ("D3",), 201, "g1"),
    ("access-first-unpublished", "user1", "c-access", ("D1", "D3"), 201, "g1"),
    ("access-by-access-group", "user1", "c-access", ("D2",), 403, None),
    ("admin-all", "admin", "c-all", ("D2", "D1"), 201, "g1"),
    ("empty-list", "admin", "c-all", (), 422, None),
    ("unknown-pid", "admin", "c-all", ("D1", "X"), 422, None),
]


@pytest.mark.parametrize(
    ("name", "type_", "pids", "status", "group"),
    [pytest.param(*row[1:], id=row[0]) for row in IMPLIED],
)
def test_implied_owner_group(
    world: World,
    name: str | None,
    type_: str,
    pids: tuple[str, ...],
    status: int,
    group: str | None,
) -> None:
    answer = create(world, name, type_, *pids)
    assert answer.status == status, answer
    if status == 201:
        stored = world.backend.store.jobs[answer.json["id"]]
        assert stored.get("ownerGroup") == group


BROKEN: list[tuple[str, Any, int, Any]] = [
    ("no-body", None, 500, "Internal server error"),
    ("no-type", {}, 400, {"status": 400, "message": "Invalid job type: undefined"}),
    ("number-type", {"type": 5}, 400, {"status": 400, "message": "Invalid job type: 5"}),
    ("text-list", {"type": "c-all", "datasetList": "abc"}, 500, "Internal server error"),
    ("null-in-list", {"type": "c-all", "datasetList": [None]}, 500, "Internal server error"),
    (
        "bad-email",
        {"type": "c-all", "emailJobInitiator": "x"},
        400,
        {
            "message": ["contactEmail must be an email"],
            "error": "Bad Request",
            "statusCode": 400,
        },
    ),
]


@pytest.mark.parametrize(
    ("body", "status", "expected"), [pytest.param(*row[1:], id=row[0]) for row in BROKEN]
)
def test_broken_bodies(world: World, body: Any, status: int, expected: Any) -> None:
    answer = world.ask("admin", "POST", "/api/v3/jobs", body)
    assert (answer.status, answer.json) == (status, expected)


def test_text_parameters_are_spread(world: World) -> None:
    job = create(world, "admin", "c-all", "D1", jobParams="abc").json
    assert job["jobParams"] == {"username": "admin", "0": "a", "1": "b", "2": "c"}


def test_username_is_a_query(world: World) -> None:
    job = create(world, "admin", "c-all", "D1", jobParams={"username": {"$ne": "admin"}}).json
    assert world.backend.store.jobs[job["id"]]["ownerUser"] == "curator"
    other = create(world, "admin", "c-all", "D1", jobParams={"username": "ghost"}).json
    assert "ownerUser" not in world.backend.store.jobs[other["id"]]


def test_update_keeps_or_sets_the_status(world: World) -> None:
    id_ = create(world, "admin", "c-all", "D1").json["id"]
    path = f"/api/v3/jobs/{id_}"
    assert world.ask("admin", "PATCH", path, {}).json["jobStatusMessage"] == "jobSubmitted"
    body = {"jobStatusMessage": "done", "jobResultObject": {"a": 1}, "x": 1}
    job = world.ask("admin", "PATCH", path, body).json
    assert (job["jobStatusMessage"], job["jobResultObject"]) == ("done", {"a": 1})
    job = world.ask("admin", "PATCH", path, {"executionTime": "t"}).json
    assert (job["executionTime"], job["jobResultObject"]) == ("t", {})
    answer = world.ask("admin", "PATCH", path, {"jobStatusMessage": 5})
    assert answer.json["message"] == [
        "statusCode must be a string",
        "statusMessage must be a string",
    ]
    assert world.ask("admin", "PATCH", "/api/v3/jobs/x", {}).json["message"] == "Invalid job id."


def test_list_and_queries(world: World) -> None:
    id_ = create(world, "admin", "c-all", "D1", emailJobInitiator="e@example.org").json["id"]
    world.stored("c-user")
    get = "/api/v3/jobs"
    for text, path in (
        ('{"where":{"type":"x"}}', "where.type"),
        ('{"limits":{"limit":2}}', "limits.limit"),
    ):
        answer = world.ask("admin", "GET", get, query={"filter": text})
        assert answer.json["message"] == f"Property {path} should not exist in the filter object"
    fields = {"filter": '{"fields":["emailJobInitiator"]}'}
    assert world.ask("admin", "GET", get, query=fields).json[0] == {
        "emailJobInitiator": "e@example.org",
        "jobParams": {},
    }
    query = f"{get}/fullquery"
    for text, count in (
        ('{"emailJobInitiator":"e@example.org"}', 1),
        ('{"type":["c-all","c-user"]}', 2),
        ('{"mode":{"jobParams.datasetList.pid":"D1"}}', 1),
        ('{"creationTime":{"begin":"2000-01-01","end":"2001-01-01"}}', 0),
        ('{"creationTime":{"begin":"2000-01-01","end":"2999-01-01"}}', 2),
    ):
        rows = world.ask("admin", "GET", query, query={"fields": text}).json
        assert len(rows) == count, text
    limits = {"limits": '{"limit":1,"skip":1,"order":"creationTime"}'}
    assert [job["type"] for job in world.ask("admin", "GET", query, query=limits).json] == [
        "c-user"
    ]
    bad = world.ask("admin", "GET", query, query={"fields": '{"datasetList.pid":"D1"}'})
    assert bad.json == {
        "status": 400,
        "message": "Cannot use 'in' operator to search for 'begin' in D1",
    }
    assert world.ask("admin", "GET", query, query={"fields": "{"}).status == 400
    facets = {"facets": '["jobStatusMessage","nope"]'}
    assert world.ask("admin", "GET", f"{get}/fullfacet", query=facets).json == [
        {"statusCode": [{"_id": "jobSubmitted", "count": 2}], "all": [{"totalSets": 2}]}
    ]
    details = f"{get}/datasetDetails"
    query_ = {"jobId": id_, "datasetFields": '["pid"]', "include": '["origdatablocks"]',
              "includeFields": '["size"]'}  # fmt: skip
    assert world.ask("admin", "GET", details, query=query_).json == [
        {"pid": "D1", "origdatablocks": [{"size": 1}]}
    ]
    assert world.ask("user2", "GET", details, query={"jobId": id_}).status == 403
    assert world.ask("admin", "GET", details).json["message"] == "Invalid job id."
