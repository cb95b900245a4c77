"""Creating v4 jobs step by step, with literal answers (specification: create.steps)."""

from typing import Any

import pytest

from .facility import Build, World, datasets, job_type

RESOURCE = "Forbidden resource"
DENIED = "Unauthorized to create this job."
NO_ACCESS = "User does not have access to all datasets, cannot create job."
NO_GROUP = "User does not belong to any group, cannot create job with #datasetOwner authorization."

G1 = {"ownerGroup": "g1"}
MAIL = {"contactEmail": "c@example.org"}


def listed(*pids: str, **fields: Any) -> dict[str, Any]:
    return {"jobParams": datasets(*pids), **fields}


MATRIX: list[tuple[str, str | None, str, dict[str, Any], int, str]] = [
    ("all-anonymous", None, "c-all", {}, 201, ""),
    ("all-plain", "user1", "c-all", G1, 201, ""),
    ("all-admin", "admin", "c-all", MAIL, 201, ""),
    ("all-update-privileged", "updater", "c-all", {}, 403, RESOURCE),
    ("both-privileges-creates", "both", "c-jobadmin", MAIL, 201, ""),
    ("all-anonymous-with-group", None, "c-all", G1, 403, "Invalid new job. Unauthenticated user"),
    ("authenticated-anonymous", None, "c-authenticated", {}, 403, DENIED),
    ("authenticated-plain", "user1", "c-authenticated", G1, 201, ""),
    ("public-anonymous-published", None, "c-public", listed("D3"), 201, ""),
    ("public-anonymous-private", None, "c-public", listed("D4"), 403, NO_ACCESS),
    ("public-one-private", None, "c-public", listed("D3", "D4"), 403, NO_ACCESS),
    ("public-admin-private", "admin", "c-public", listed("D4", **MAIL), 201, ""),
    ("public-curator-private", "curator", "c-public", listed("D4", **MAIL), 403, NO_ACCESS),
    ("public-without-list", None, "c-public", {}, 422, "Dataset ids list was not provided"),
    ("access-anonymous-private", None, "c-access", listed("D1"), 403, NO_ACCESS),
    ("access-anonymous-published", None, "c-access", listed("D3"), 403, DENIED),
    ("access-all-three-ways", "user1", "c-access", listed("D1", "D2", "D3", **G1), 201, ""),
    ("access-one-private", "user1", "c-access", listed("D1", "D4", **G1), 403, NO_ACCESS),
    ("access-admin", "admin", "c-access", listed("D4", **MAIL), 201, ""),
    ("owner-anonymous", None, "c-owner", listed("D1"), 401, "User not authenticated"),
    ("owner-plain", "user1", "c-owner", listed("D1", **G1), 201, ""),
    ("owner-access-group", "user1", "c-owner", listed("D2", **G1), 403, NO_ACCESS),
    ("owner-published", "user1", "c-owner", listed("D3", **G1), 403, NO_ACCESS),
    ("owner-curator-own-group", "curator", "c-owner", listed("D1", **G1), 403, NO_GROUP),
    (
        "owner-curator-as-self",
        "curator",
        "c-owner",
        listed("D1", ownerUser="curator", **G1),
        201,
        "",
    ),
    ("owner-curator-for-user", "curator", "c-owner", listed("D1", ownerUser="user1"), 201, ""),
    ("owner-curator-for-nobody", "curator", "c-owner", listed("D1", ownerUser="x"), 403, NO_GROUP),
    ("jobadmin-plain", "user1", "c-jobadmin", G1, 403, DENIED),
    ("jobadmin-curator", "curator", "c-jobadmin", MAIL, 201, ""),
    ("group-member", "user1", "c-group", G1, 201, ""),
    ("group-stranger", "user2", "c-group", {"ownerGroup": "g2"}, 403, DENIED),
    ("group-almost", "almost", "c-group", {"ownerGroup": "g11"}, 403, DENIED),
    ("user-himself", "user1", "c-user", G1, 201, ""),
    ("user-other", "user2", "c-user", {"ownerGroup": "g2"}, 403, DENIED),
    ("bare-group-member", "user1", "c-bareGroup", G1, 403, DENIED),
    ("unknown-plain", "user1", "c-unknown", G1, 403, DENIED),
    ("unknown-curator", "curator", "c-unknown", MAIL, 201, ""),
    ("missing-plain", "user1", "c-missing", G1, 403, DENIED),
    ("missing-admin", "admin", "c-missing", MAIL, 201, ""),
    ("admin-by-name-only", "fakeadmin", "c-jobadmin", {"ownerGroup": "admin"}, 403, DENIED),
    ("plain-without-group", "user1", "c-all", {}, 403, "Invalid new job. Owner group should be"),
    (
        "plain-for-another",
        "user1",
        "c-all",
        {"ownerUser": "user2", **G1},
        403,
        "Invalid new job. User owning the job should match user logged in.",
    ),
    (
        "plain-for-foreign-group",
        "user2",
        "c-all",
        G1,
        403,
        "Invalid new job. User needs to belong to job owner group.",
    ),
    ("admin-without-contact", "admin", "c-all", {}, 422, "Contact email should be specified"),
    ("admin-unknown-type", "admin", "nope", MAIL, 400, "Invalid job type: nope"),
    ("same-pid-twice", "admin", "c-all", listed("D1", "D1", **MAIL), 404, "Unable to get a"),
    ("same-pid-twice-access", "user1", "c-access", listed("D1", "D1", **G1), 403, NO_ACCESS),
]


@pytest.mark.parametrize(
    ("name", "type_", "body", "status", "message"),
    [pytest.param(*row[1:], id=row[0]) for row in MATRIX],
)
def test_decision(
    world: World, name: str | None, type_: str, body: dict[str, Any], status: int, message: str
) -> None:
    answer = world.submit(name, type_, **body)
    assert answer.status == status, answer
    assert len(world.backend.store.jobs) == (1 if status == 201 else 0)
    if message:
        assert answer.json["message"].startswith(message)


def test_document_of_an_administrator_for_another_user(world: World) -> None:
    body = {"ownerUser": "user1", "ownerGroup": "gX", "jobParams": {"x": 1}}
    job = world.submit("admin", "c-all", **body).json
    assert list(job) == [
        "createdBy", "updatedBy", "createdAt", "updatedAt", "ownerGroup", "accessGroups",
        "isPublished", "_id", "id", "ownerUser", "type", "statusCode", "statusMessage",
        "jobParams", "contactEmail", "configVersion", "jobResultObject", "__v",
    ]  # fmt: skip
    assert job["ownerUser"] == "user1"
    assert job["contactEmail"] == "user1@example.org"
    assert job["createdBy"] == "admin"
    assert (job["statusCode"], job["statusMessage"]) == ("jobSubmitted", "Job submitted.")
    assert job["configVersion"] == "v1"
    assert world.ask("user1", "GET", f"/api/v4/jobs/{job['id']}").json == job


def test_anonymous_document(world: World) -> None:
    job = world.submit(None, "c-all", ownerUser="user1").json
    assert "ownerUser" not in job
    assert "ownerGroup" not in job
    assert (job["createdBy"], job["contactEmail"]) == ("anonymous", "")


def test_unknown_owner_becomes_the_caller(world: World) -> None:
    job = world.submit("admin", "c-all", ownerUser="ghost").json
    assert (job["ownerUser"], job["contactEmail"]) == ("admin", "admin@example.org")
    assert any("Owner user was not found, using current user instead." in x for x in world.log)


def test_members_of_every_object_are_dropped(world: World) -> None:
    members = dict.fromkeys(
        ("constructor", "toString", "valueOf", "hasOwnProperty", "__proto__", "prototype"), 1
    )
    params = {**members, "kept": 1, "deep": [{**members, "kept": {**members, "a.b": 2}}]}
    job = world.submit("user1", "c-all", jobParams=params, **G1).json
    assert job["jobParams"] == {"kept": 1, "deep": [{"kept": {"a.b": 2}}]}


def test_body_errors_in_order(world: World) -> None:
    body = {
        "type": 1,
        "jobParams": [],
        "ownerUser": 1,
        "ownerGroup": {},
        "contactEmail": "zz",
        "id": 1,
    }
    answer = world.ask("admin", "POST", "/api/v4/jobs", body)
    assert answer.status == 400
    assert answer.json["message"] == [
        "property id should not exist",
        "type must be a string",
        "jobParams must be an object",
        "ownerUser must be a string",
        "ownerGroup must be a string",
        "contactEmail must be an email",
    ]


ITEMS: list[tuple[str, Any, int, Any]] = [
    ("object", {}, 422, "Invalid dataset list."),
    ("null", None, 422, "Invalid dataset list."),
    ("empty", [], 422, "List of passed datasets is empty."),
    ("null-item", [None], 500, None),
    ("unknown-pids", [{"pid": p, "files": []} for p in ("X", "D1", "Y")], 422,
     "Datasets with pid X,Y do not exist."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "status", "message"), [pytest.param(*row[1:], id=row[0]) for row in ITEMS]
)
def test_dataset_list(world: World, value: Any, status: int, message: Any) -> None:
    answer = world.submit(None, "c-all", jobParams={"datasetList": value})
    assert answer.status == status
    if message is None:
        assert answer.json == "Internal server error"
    else:
        assert answer.json == {
            "message": message,
            "error": "Unprocessable Entity",
            "statusCode": 422,
        }


DETAILS: list[tuple[str, Any, str]] = [
    (
        "no-pid",
        {"files": []},
        '[{"property":"pid","constraints":{"isNotEmpty":"pid should not be empty",'
        '"isString":"pid must be a string"}}]',
    ),
    (
        "no-files",
        {"pid": "D1"},
        '[{"property":"files","constraints":{"isString":"each value in files must be a string",'
        '"isArray":"files must be an array"}}]',
    ),
    (
        "files-text",
        {"pid": "D1", "files": "f"},
        '[{"property":"files","constraints":{"isArray":"files must be an array"}}]',
    ),
    (
        "extra-key",
        {"pid": "D1", "files": [], "x": 1},
        '[{"property":"x","constraints":{"whitelistValidation":"property x should not exist"}}]',
    ),
    (
        "text",
        "abc",
        '[{"constraints":{"unknownValue":"an unknown value was passed to the validate function"}}]',
    ),
]


@pytest.mark.parametrize(("item", "error"), [pytest.param(*row[1:], id=row[0]) for row in DETAILS])
def test_dataset_list_items(world: World, item: Any, error: str) -> None:
    answer = world.submit(None, "c-all", jobParams={"datasetList": [item]})
    assert answer.status == 422
    assert answer.json == {"message": "Invalid dataset list.", "error": error}


def test_missing_files(world: World) -> None:
    params = datasets("D1", "D2", files=["file1"])
    answer = world.submit(None, "c-all", jobParams=params)
    assert answer.status == 422
    assert answer.json == {
        "message": "At least one requested file could not be found.",
        "error": '[{"pid":"D2","nonExistFiles":["file1"]}]',
    }


def test_initial_status_from_parameters(world: World) -> None:
    job = world.submit(None, "c-all", jobParams={"jobStatusMessage": 5, "x": 1}).json
    assert (job["statusCode"], job["statusMessage"], job["jobParams"]) == ("5", "5", {"x": 1})
    answer = world.submit(None, "c-all", jobParams={"jobStatusMessage": {"a": 1}})
    assert answer.status == 500


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "hasOwnProperty"])
def test_prototype_names(world: World, name: str) -> None:
    assert world.submit(None, name).status == 500


def test_more_than_a_hundred_datasets(build: Build) -> None:
    world = build()
    pids = [f"P{number:03}" for number in range(101)]
    for pid in pids:
        world.add_dataset(pid, "g1")
    assert world.submit(None, "c-all", jobParams=datasets(*pids[:100])).status == 201
    answer = world.submit(None, "c-all", jobParams=datasets(*pids))
    assert answer.status == 422
    assert answer.json["message"] == "Datasets with pid P100 do not exist."


def test_gate_knows_only_the_whole_configuration(build: Build) -> None:
    world = build([job_type("one", create="@g1"), job_type("two", create="#datasetPublic")])
    assert world.submit(None, "one").json["message"] == DENIED
    assert world.submit("loner", "nope").json["message"] == "Invalid job type: nope"
    narrow = build([job_type("one", create="@g1")])
    assert narrow.submit(None, "one").json["message"] == RESOURCE
    assert narrow.submit("loner", "nope").json["message"] == RESOURCE
    assert narrow.submit("user1", "one", ownerGroup="g1").status == 201


def test_empty_configuration(build: Build) -> None:
    world = build([])
    assert world.submit("user1", "x").json["message"] == RESOURCE
    assert world.submit("curator", "x").json == {"status": 400, "message": "Invalid job type: x"}
    assert world.update("updater", "x").json == {"status": 400, "message": "Invalid job id."}
    assert world.listing("user1").json == []
