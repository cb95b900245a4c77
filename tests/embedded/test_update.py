"""Updates: authorization and result (specification: update.authorization, update.body)."""

from typing import Any

import pytest

from .facility import Build, World, datasets, job_type

RESOURCE = "Forbidden resource"
DENIED = "Unauthorized to update this job."
OWNED = {"ownerUser": "user1", "ownerGroup": "g1"}

MATRIX: list[tuple[str, str | None, str, dict[str, str], str]] = [
    ("all-anonymous-unowned", None, "u-all", {}, ""),
    ("all-anonymous-owned", None, "u-all", {"ownerGroup": "g1"}, DENIED),
    ("all-stranger", "user2", "u-all", OWNED, ""),
    ("all-create-privileged", "curator", "u-all", OWNED, RESOURCE),
    ("all-both-privileges", "both", "u-all", OWNED, RESOURCE),
    ("all-update-privileged", "updater", "u-all", OWNED, ""),
    ("owner-user-anonymous", None, "u-ownerUser", {}, DENIED),
    ("owner-user-himself", "user1", "u-ownerUser", OWNED, ""),
    ("owner-user-stranger", "user2", "u-ownerUser", OWNED, DENIED),
    ("owner-user-admin", "admin", "u-ownerUser", OWNED, ""),
    ("owner-group-member", "user1", "u-ownerGroup", {"ownerGroup": "g1"}, ""),
    ("owner-group-stranger", "user2", "u-ownerGroup", OWNED, DENIED),
    ("owner-group-almost", "almost", "u-ownerGroup", OWNED, DENIED),
    ("group-member-of-foreign-job", "user1", "u-group", {"ownerGroup": "gX"}, ""),
    ("group-stranger", "user2", "u-group", OWNED, DENIED),
    ("user-himself", "user1", "u-user", {"ownerGroup": "gX"}, ""),
    ("user-stranger", "user2", "u-user", OWNED, DENIED),
    ("jobadmin-plain", "user1", "u-jobadmin", OWNED, DENIED),
    ("jobadmin-updater", "updater", "u-jobadmin", OWNED, ""),
    ("bare-group", "user1", "u-bareGroup", OWNED, DENIED),
    ("unknown-plain", "user1", "u-unknown", OWNED, DENIED),
    ("unknown-updater", "updater", "u-unknown", OWNED, ""),
    ("missing-plain", "user1", "u-missing", OWNED, DENIED),
    ("missing-admin", "admin", "u-missing", OWNED, ""),
]


@pytest.mark.parametrize(
    ("name", "type_", "owner", "message"), [pytest.param(*row[1:], id=row[0]) for row in MATRIX]
)
def test_decision(
    world: World, name: str | None, type_: str, owner: dict[str, str], message: str
) -> None:
    id_ = world.stored(type_, **owner)
    answer = world.update(name, id_)
    job = world.ask("admin", "GET", f"/api/v4/jobs/{id_}").json
    if message:
        assert answer.status == 403
        assert answer.json == {"message": message, "error": "Forbidden", "statusCode": 403}
        assert job["statusCode"] == "jobSubmitted"
    else:
        assert answer.status == 200
        assert answer.json == job
        assert (job["statusCode"], job["statusMessage"]) == ("s", "m")
        assert job["updatedBy"] == (name or "anonymous")
        assert job["createdBy"] == "admin"


def test_unknown_id_and_bodies(world: World) -> None:
    assert world.update("admin", "nope").json == {"status": 400, "message": "Invalid job id."}
    answer = world.ask("admin", "PATCH", "/api/v4/jobs/nope", {"x": 1, "jobResultObject": 5})
    assert answer.json["message"] == [
        "property x should not exist",
        "statusCode must be a string",
        "statusMessage must be a string",
        "jobResultObject must be an object",
    ]
    assert world.ask("admin", "PATCH", f"/api/v4/jobs/{world.stored()}").status == 400
    assert world.ask("admin", "PATCH", f"/api/v3/jobs/{world.stored()}").status == 500


MERGE = "application/merge-patch+json"
BEFORE = {"r": 1, "n": {"x": 1, "y": 2}, "l": [1, 2]}
CHANGES: list[tuple[str, str, Any, Any]] = [
    ("replace", "application/json", {"a": 1}, {"a": 1}),
    ("replace-by-null", "application/json", None, None),
    ("merge", MERGE, {"n": {"y": None, "z": 3}, "l": [9]},
     {"r": 1, "n": {"x": 1, "z": 3}, "l": [9]}),
    ("merge-upper-case-replaces", MERGE.upper(), {"a": 1}, {"a": 1}),
    ("merge-null", MERGE, None, BEFORE),
    ("merge-with-charset-replaces", f"{MERGE}; charset=utf-8", {"a": 1}, {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content_type", "given", "after"), [pytest.param(*row[1:], id=row[0]) for row in CHANGES]
)
def test_result_object(world: World, content_type: str, given: Any, after: Any) -> None:
    id_ = world.stored()
    world.update("admin", id_, jobResultObject=BEFORE)
    body = {"statusCode": "s", "statusMessage": "m", "jobResultObject": given}
    headers = {"content-type": content_type}
    answer = world.ask("admin", "PATCH", f"/api/v4/jobs/{id_}", body, headers=headers)
    assert answer.status == 200
    assert answer.json["jobResultObject"] == after


def test_merge_still_demands_a_status(world: World) -> None:
    id_, headers = world.stored(), {"content-type": MERGE}
    body = {"jobResultObject": {"a": 1}}
    assert world.ask("admin", "PATCH", f"/api/v4/jobs/{id_}", body, headers=headers).status == 400


def test_execution_time_moves_to_the_parameters(world: World) -> None:
    id_ = world.stored()
    job = world.update("admin", id_, jobResultObject={"executionTime": "t", "a": 1}).json
    assert job["jobParams"] == {"executionTime": "t"}
    assert job["jobResultObject"] == {"a": 1}
    assert world.update("admin", id_).json["jobResultObject"] == {"a": 1}


def test_deleted_dataset_blocks_updates(world: World) -> None:
    id_ = world.stored("u-all", jobParams=datasets("D1", "D2"))
    assert world.ask("deleter", "DELETE", "/api/v3/datasets/D1").status == 200
    answer = world.update("admin", id_)
    assert answer.status == 404
    assert answer.json["message"] == 'Unable to get a dataset. (["D1","D2"])'


def test_new_configuration_version_is_logged(build: Build) -> None:
    world = build([job_type("t")])
    id_ = world.stored("t")
    world.backend.store.jobs[id_]["configVersion"] = "v0"
    assert world.update("admin", id_).json["configVersion"] == "v0"
    text = world.stream.getvalue()
    line = "Job was created with configVersion v0.\n Current configVersion is v1."
    assert f"[JobUpdate] {line}" in text


def test_unconfigured_type(world: World) -> None:
    id_ = world.stored("u-all", ownerUser="user1")
    world.backend.store.jobs[id_]["type"] = "gone"
    answer = world.update("admin", id_)
    assert answer.json == {"status": 400, "message": "Invalid job type: gone"}
    assert world.ask("admin", "GET", f"/api/v4/jobs/{id_}").status == 400
    assert len(world.listing("admin").json) == 1
    assert world.listing("user1").json == []
    assert world.ask("deleter", "DELETE", f"/api/v4/jobs/{id_}").status == 200
