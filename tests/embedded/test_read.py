"""Reading, listing and deleting jobs (specification: read, list.filter, list.limits, delete)."""

import json
from typing import Any

import pytest

from .facility import World, datasets

FORBIDDEN = {"message": "Forbidden resource", "error": "Forbidden", "statusCode": 403}

READERS = [
    ("admin", 200),
    ("curator", 200),
    ("updater", 200),
    ("both", 200),
    ("user1", 200),
    ("user2", 200),
    ("deleter", 403),
    ("almost", 403),
    ("loner", 403),
]


@pytest.mark.parametrize(("name", "status"), READERS)
def test_reading_one(world: World, name: str, status: int) -> None:
    id_ = world.stored("c-all", ownerUser="user2", ownerGroup="g1")
    for version in (3, 4):
        answer = world.ask(name, "GET", f"/api/v{version}/jobs/{id_}")
        assert answer.status == status
    if status == 403:
        assert answer.json["message"] == "Unauthorized to get this job."
    expected = 1 if status == 200 else 0
    assert len(world.listing(name).json) == expected
    assert len(world.ask(name, "GET", "/api/v3/jobs/fullquery").json) == expected
    facet = world.ask(name, "GET", "/api/v4/jobs/fullfacet", query={"facets": '["type"]'}).json
    assert (
        facet == ([{"type": [{"_id": "c-all", "count": 1}], "all": [{"totalSets": 1}]}])[:expected]
    )


@pytest.mark.parametrize(
    "path", ["", "/x", "/fullquery", "/fullfacet", "/datasetDetails", "?filter=x"]
)
@pytest.mark.parametrize("version", [3, 4])
def test_anonymous_reads_nothing(world: World, path: str, version: int) -> None:
    answer = world.ask(None, "GET", f"/api/v{version}/jobs{path}")
    assert (answer.status, answer.json) == (403, FORBIDDEN)


def test_creator_does_not_count(world: World) -> None:
    id_ = world.submit("curator", "c-all", ownerUser="user2").json["id"]
    world.backend.store.jobs[id_]["createdBy"] = "loner"
    assert world.ask("loner", "GET", f"/api/v4/jobs/{id_}").status == 403


def test_paths_are_tolerant(world: World) -> None:
    id_ = world.stored()
    assert world.ask("admin", "GET", f"/API/v4/Jobs/{id_}/").status == 200
    for method, path in (
        ("PUT", f"/api/v4/jobs/{id_}"),
        ("GET", f"/api/v4/jobs/{id_}/datasetDetails"),
        ("POST", "/api/v4/auth/login"),
        ("GET", "/health"),
        ("GET", "/api/v4/health"),
    ):
        answer = world.ask("admin", method, path)
        assert answer.json == {
            "message": f"Cannot {method} {path}",
            "error": "Not Found",
            "statusCode": 404,
        }
    assert world.ask("admin", "GET", "/api/v4/jobs/count").json["message"] == "Invalid job id."


@pytest.fixture
def several(world: World) -> World:
    for number in range(5):
        world.stored("c-all" if number % 2 else "c-user", jobParams={"n": number, "l": [{"m": 1}]})
    return world


def numbers(world: World, **filter_: Any) -> list[int]:
    answer = world.listing("admin", **filter_)
    assert answer.status == 200, answer
    return [job["jobParams"]["n"] for job in answer.json]


WHERES: list[tuple[dict[str, Any], list[int]]] = [
    ({"type": "c-all"}, [1, 3]),
    ({"type": {"$ne": "c-all"}}, [0, 2, 4]),
    ({"jobParams.n": {"$gt": 1, "$lte": 3}}, [2, 3]),
    ({"jobParams.n": {"$in": [0, 4]}}, [0, 4]),
    ({"jobParams.n": {"$nin": [0, 4]}}, [1, 2, 3]),
    ({"$or": [{"jobParams.n": 0}, {"type": "c-all"}]}, [0, 1, 3]),
    ({"$and": [{"jobParams.n": {"$gte": 1}}, {"type": "c-user"}]}, [2, 4]),
    ({"$nor": [{"type": "c-all"}]}, [0, 2, 4]),
    ({"ownerUser": {"$exists": True}}, []),
    ({"ownerUser": None}, [0, 1, 2, 3, 4]),
    ({"type": {"$regex": "ALL$", "$options": "i"}}, [1, 3]),
    ({"jobParams.n": {"$not": {"$lt": 3}}}, [3, 4]),
    ({"jobParams.l.m": 1, "jobParams.n": 2}, [2]),
    ({"createdAt": {"$gt": "2000-01-01"}}, []),
    ({"$or": [{"createdBy": {"$type": "string"}}]}, [0, 1, 2, 3, 4]),
    ({"jobParams.n": True}, []),
]


@pytest.mark.parametrize(("where", "found"), WHERES, ids=lambda value: json.dumps(value))
def test_where(several: World, where: dict[str, Any], found: list[int]) -> None:
    assert numbers(several, where=where) == found


def test_limits(several: World) -> None:
    assert numbers(several, limits={"limit": 3, "skip": 2}) == [2]
    assert numbers(several, limits={"skip": 3}) == [3, 4]
    assert numbers(several, limits={"limit": 0}) == [0, 1, 2, 3, 4]
    assert numbers(several, limits={"sort": {"jobParams.n": "desc"}, "limit": 2}) == [4, 3]
    assert numbers(several, limits={"sort": {"jobParams.n": 1}, "limit": 1}) == [4]
    assert numbers(several, limits={"sort": {"type": "asc", "jobParams.n": "desc"}}) == [
        3, 1, 4, 2, 0,
    ]  # fmt: skip
    assert several.listing("admin", limits={"limit": -1}).status == 400


def test_default_limit(world: World) -> None:
    for _ in range(101):
        world.stored("c-all")
    assert len(world.listing("admin").json) == 100
    assert len(world.listing("admin", limits={"skip": 2}).json) == 98
    assert len(world.ask("admin", "GET", "/api/v3/jobs").json) == 100


FILTERS: list[tuple[str, int, Any]] = [
    ("null", 500, "Internal server error"),
    ("", 400, None),
    ("{", 400, None),
    ("5", 200, None),
    ("[]", 200, None),
    ('{"type":"x"}', 200, None),
    ('{"limit":2}', 200, None),
    ('{"where":{"_id":"x"}}', 400, "Property where._id should not exist in the filter object"),
    ('{"where":{"jobParams.$x":{"b":1}}}', 200, None),
    ('{"where":{"type":{"$type":"x"}}}', 400, "Property where.type.$type should not exist in the"),
    ('{"include":["zzz"]}', 200, None),
    ('{"include":[]}', 400, "The 'include' filter must contain 'datasets' — "),
    ('{"include":"datasets"}', 400, "The 'include' filter must contain 'datasets' — "),
    ('{"fields":{"type":true}}', 200, None),
]


@pytest.mark.parametrize(("text", "status", "message"), FILTERS)
def test_filter_texts(world: World, text: str, status: int, message: str | None) -> None:
    answer = world.ask("admin", "GET", "/api/v4/jobs", query={"filter": text})
    assert answer.status == status
    if status == 500:
        assert answer.json == message
    elif message:
        assert answer.json["message"].startswith(message)


def test_fields_and_relations(world: World) -> None:
    world.stored("c-all", jobParams={**datasets("D1", "D4"), "a": 1}, ownerUser="user1")
    assert world.listing("user1", fields=["type", "jobParams.a"]).json == [
        {"type": "c-all", "jobParams": {"a": 1}}
    ]
    assert world.listing("user1", fields="type").json == [{}]
    job = world.listing("user1", fields=["type"], include=["datasets"]).json[0]
    assert [dataset["pid"] for dataset in job["datasets"]] == ["D1"]
    assert "origdatablocks" not in job["datasets"][0]
    details = world.ask("admin", "GET", "/api/v4/jobs/datasetDetails").json[0]
    assert [dataset["pid"] for dataset in details["datasetDetails"]] == ["D1", "D4"]
    assert details["datasetDetails"][0]["origdatablocks"][0]["dataFileList"][0]["path"] == "file1"
    id_ = details["id"]
    one = world.ask("user1", "GET", f"/api/v4/jobs/{id_}", query={"filter": '{"fields":["id"]}'})
    assert one.json == {"id": id_}
    bad = {"filter": '{"where":{"type":"x"}}'}
    assert world.ask("user1", "GET", f"/api/v4/jobs/{id_}", query=bad).status == 400
    include = {"filter": '{"include":["datasets"]}'}
    assert world.ask("user1", "GET", "/api/v4/jobs/fullquery", query=include).status == 400


def test_deleting(world: World) -> None:
    id_ = world.stored()
    for name in ("admin", "user1", None):
        answer = world.ask(name, "DELETE", f"/api/v4/jobs/{id_}")
        assert (answer.status, answer.json) == (403, FORBIDDEN)
        assert world.ask(name, "DELETE", "/api/v4/jobs/x").status == 403
    assert world.ask("deleter", "DELETE", f"/api/v4/jobs/{id_}").json["id"] == id_
    answer = world.ask("deleter", "DELETE", f"/api/v4/jobs/{id_}")
    assert answer.json == {"status": 400, "message": f"Job id {id_} doesn't exist."}
    old = world.stored()
    answer = world.ask("deleter", "DELETE", f"/api/v3/jobs/{old}")
    assert answer.json["_doc"]["id"] == old
    assert set(answer.json) == {"$__", "$isNew", "_doc"}
