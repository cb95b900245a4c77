"""Datasets and their files, as far as jobs need them (specification: datasets)."""

from typing import Any

import pytest

from .facility import Build, World

RAW: dict[str, Any] = {
    "type": "raw",
    "ownerGroup": "g1",
    "owner": "somebody",
    "contactEmail": "o@example.org",
    "sourceFolder": "/data/raw/run1",
    "creationTime": "2024-01-01T00:00:00Z",
    "creationLocation": "here",
    "principalInvestigator": "she",
}
DERIVED: dict[str, Any] = {
    "type": "derived",
    "ownerGroup": "g1",
    "owner": "somebody",
    "contactEmail": "o@example.org",
    "sourceFolder": "/data/raw/run1",
    "creationTime": "2024-01-01T00:00:00Z",
    "investigator": "she",
    "inputDatasets": [],
    "usedSoftware": [],
}
NEW = "/api/v3/datasets"


@pytest.mark.parametrize("body", [RAW, DERIVED], ids=["raw", "derived"])
def test_creating_in_v3(world: World, body: dict[str, Any]) -> None:
    answer = world.ask("user1", "POST", NEW, body)
    assert answer.status == 201
    dataset = answer.json
    assert dataset["pid"].startswith("pre/")
    assert dataset["datasetName"] == "raw/run1"
    assert dataset["datasetlifecycle"]["archivable"] is True
    path = f"{NEW}/{dataset['pid'].replace('/', '%2F')}"
    assert world.ask("user1", "GET", path).json == dataset
    assert world.ask("user2", "GET", path).status == 403
    assert world.ask(None, "GET", path).status == 403
    assert world.ask("admin", "GET", f"{NEW}/nope").status == 404


def test_who_may_create(build: Build) -> None:
    groups = {
        "CREATE_DATASET_GROUPS": "g1,g2",
        "CREATE_DATASET_PRIVILEGED_GROUPS": "updaters",
    }
    world = build(environment=groups)
    for name, group, pid, status in (
        (None, "g1", None, 403),
        ("loner", "g1", None, 403),
        ("user1", "g1", None, 201),
        ("user1", "g2", None, 403),
        ("user1", "g1", "my/pid", 403),
        ("updater", "g9", None, 201),
        ("admin", "g9", "my/pid", 201),
        ("admin", "g9", "my/pid", 409),
    ):
        body = {**RAW, "ownerGroup": group, **({"pid": pid} if pid else {})}
        assert world.ask(name, "POST", NEW, body).status == status, (name, group, pid)


def test_validation(world: World) -> None:
    answer = world.ask("user1", "POST", NEW, {"type": "raw"})
    assert answer.status == 400
    assert answer.json["status"] == 400
    assert '"property":"owner"' in answer.json["message"]
    answer = world.ask("user1", "POST", "/api/v4/datasets", {"type": "raw", "zzz": 1})
    assert answer.json["error"] == "Bad Request"
    assert "property zzz should not exist" in answer.json["message"]
    body = {**DERIVED, "datasetName": "n"}
    del body["owner"]
    answer = world.ask("user1", "POST", "/api/v4/datasets", body)
    assert (answer.status, answer.json["statusCode"]) == (500, 500)


def test_changing(world: World) -> None:
    path = f"{NEW}/D1"
    for name, status in (("user1", 200), ("admin", 200), ("user2", 403), ("updater", 403)):
        assert world.ask(name, "PATCH", path, {"isPublished": True}).status == status
    assert world.ask(None, "PATCH", path, {"isPublished": True}).status == 403
    body = {"accessGroups": ["g2"], "datasetlifecycle": {"archivable": False}}
    changed = world.ask("user1", "PATCH", "/api/v4/datasets/D1", body).json
    assert changed["accessGroups"] == ["g2"]
    assert changed["datasetlifecycle"]["archivable"] is False
    assert changed["datasetlifecycle"]["isOnCentralDisk"] is True
    lifecycle = f"{path}/datasetlifecycle"
    answer = world.ask("updater", "PATCH", lifecycle, {"retrievable": True})
    assert answer.json["datasetlifecycle"]["retrievable"] is True
    assert answer.json["datasetlifecycle"]["archivable"] is False
    assert world.ask("loner", "PATCH", lifecycle, {"retrievable": True}).status == 403


def test_deleting(world: World) -> None:
    for name, status in (("admin", 403), ("user1", 403), ("deleter", 200), ("deleter", 404)):
        assert world.ask(name, "DELETE", f"{NEW}/D1").status == status


def test_files(build: Build) -> None:
    world = build(environment={"CREATE_DATASET_PRIVILEGED_GROUPS": "updaters"})
    world.add_datasets()
    file = {"path": "f", "size": 1, "time": "2024-01-01T00:00:00Z"}
    body = {"size": 1, "dataFileList": [file]}
    below = f"{NEW}/D1/origdatablocks"
    block = world.ask("user1", "POST", below, body).json
    assert (block["datasetId"], block["ownerGroup"]) == ("D1", "g1")
    assert world.ask("user1", "POST", below, {**body, "ownerGroup": "g1"}).status == 400
    assert world.ask("user2", "POST", below, body).status == 403
    assert world.ask("user1", "POST", below, {"size": 1}).status == 400
    full = {**body, "datasetId": "D1"}
    for version, name, status in (
        (3, "updater", 201),
        (4, "updater", 403),
        (4, "user1", 201),
        (4, None, 403),
    ):
        path = f"/api/v{version}/origdatablocks"
        assert world.ask(name, "POST", path, full).status == status


def test_pid_pattern(build: Build) -> None:
    validation = {
        "DATASET_CREATION_VALIDATION_ENABLED": "true",
        "DATASET_CREATION_VALIDATION_REGEX": "^ok/",
    }
    world = build(environment=validation)
    assert world.ask("admin", "POST", NEW, {**RAW, "pid": "ok/1"}).status == 201
    assert world.ask("admin", "POST", NEW, {**RAW, "pid": "bad"}).status == 400
