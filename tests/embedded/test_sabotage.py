"""The sabotage catalogue: complete, asked for, and every entry seen from outside.

Each battery is a fixed series of requests; its transcript holds the answers, the stored jobs and
the log. A defect must change the transcript of the battery of its family.
"""

import ast
import json
import re
import time
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import jwt
import pytest

import scicat_harness.embedded
from scicat_harness.embedded.beside.catalogue import BESIDE
from scicat_harness.embedded.defects import Defect
from scicat_harness.embedded.inprocess import InprocessReply
from scicat_harness.embedded.javascript import stringify
from scicat_harness.embedded.sabotage import CATALOGUE

from .facility import CREATE_AUTHS, PEOPLE, UPDATE_AUTHS, Build, World, datasets, job_type

SOURCES = Path(scicat_harness.embedded.__path__[0])
VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{24}|\d{4}-\d\d-\d\dT[\d:.]+Z|eyJ[\w.-]+")

EFFECT_FAMILIES = {
    *("rabbitmq", "email", "url", "validate", "switch", "effects", "helpers", "startup"),
    *("mails", "calls", "messages", "log"),
}
"""Families whose defects are shown in :mod:`test_sabotage_effects`."""

Battery = Callable[[World], Iterator[InprocessReply]]


def asked_for() -> Iterator[str]:
    """The ids that the source asks for: the only argument of each call of ``defect``."""
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name == "defect":
                (argument,) = node.args
                assert isinstance(argument, ast.Constant), f"{path}: no literal id"
                assert isinstance(argument.value, str), f"{path}: the id is no text"
                yield argument.value


def test_catalogue_and_source_agree() -> None:
    beside = {defect.id for defect in BESIDE}
    assert set(asked_for()) == {defect.id for defect in CATALOGUE} - beside


def test_entries_are_well_formed() -> None:
    ids = [defect.id for defect in CATALOGUE]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 60
    for defect in CATALOGUE:
        assert re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)+", defect.id)
        assert defect.sentence.endswith(".")
        assert defect.family


def observed(world: World, battery: Battery) -> Iterator[Any]:
    """Answers, then stored jobs and log, without what differs from run to run."""
    for answer in battery(world):
        yield answer.status, VARYING.sub("*", answer.text)
    for job in world.backend.store.jobs.values():
        yield VARYING.sub("*", stringify(job))
    for line in world.log:
        yield VARYING.sub("*", line)


def creates(world: World) -> Iterator[InprocessReply]:
    world.add_datasets()
    for auth in (*CREATE_AUTHS, "nope"):
        for name in (None, "admin", "curator", "updater", "user1", "user2", "loner"):
            group = PEOPLE[name][-1] if name and PEOPLE[name] else "g1"
            claim = {} if name is None else {"ownerGroup": group}
            for params in ({}, datasets("D1"), datasets("D3")):
                yield world.submit(name, f"c-{auth}", jobParams=params, **claim)


def claims(world: World) -> Iterator[InprocessReply]:
    for name in (None, "admin", "curator", "user1", "user2", "both"):
        for extra in ({}, {"jobStatusMessage": "begun"}):
            for claim in (
                {},
                {"ownerGroup": "g1"},
                {"ownerGroup": "g5", "contactEmail": "c@example.org"},
                {"ownerUser": "user1", "ownerGroup": "g1"},
                {"ownerUser": "user2"},
                {"ownerUser": "ghost"},
            ):
                yield world.submit(name, "c-all", jobParams={"x": 1, **extra}, **claim)


LISTS: list[Any] = [
    datasets("D1")["datasetList"],
    datasets("D2")["datasetList"],
    datasets("D3")["datasetList"],
    datasets("D4")["datasetList"],
    datasets("D1", "D4")["datasetList"],
    datasets("D1", "D2", "D3")["datasetList"],
    datasets("D1", "D1")["datasetList"],
    datasets("D1", "X")["datasetList"],
    [{"pid": "D1", "files": ["nope"]}],
    [{"pid": "D1", "files": ["file2"]}, {"pid": "D2", "files": ["file2"]}],
    [],
    {},
    [{"pid": "D1"}],
]


def dataset_lists(world: World) -> Iterator[InprocessReply]:
    world.add_datasets()
    for type_ in ("c-access", "c-owner", "c-public", "c-all"):
        for name, claim in (
            ("admin", {"ownerUser": "loner", "ownerGroup": "g1"}),
            ("curator", {"ownerUser": "user2", "ownerGroup": "g1"}),
            ("user1", {"ownerGroup": "g5"}),
            (None, {}),
        ):
            for value in LISTS:
                yield world.submit(name, type_, jobParams={"datasetList": value}, **claim)
            yield world.submit(name, type_, **claim)


def memberships(world: World) -> Iterator[InprocessReply]:
    for name in PEOPLE:
        yield world.submit(name, "c-jobadmin", ownerGroup="g1")
        for group in ("g1", "g5", "g2"):
            yield world.submit(name, "c-group", ownerGroup=group)
            yield world.submit(name, "c-all", ownerGroup=group)
        yield world.listing(name)


def updates(world: World) -> Iterator[InprocessReply]:
    for auth in UPDATE_AUTHS:
        for owner in ({"ownerUser": "user1", "ownerGroup": "g1"}, {}):
            for name in (None, "admin", "curator", "updater", "user1", "user2"):
                id_ = world.stored(f"u-{auth}", **owner)
                world.backend.store.jobs[id_]["createdBy"] = "user2"
                yield world.update(name, id_, jobResultObject={"a": 1})
    yield world.update("admin", "nope")


def patches(world: World) -> Iterator[InprocessReply]:
    for content_type in ("application/json", "application/merge-patch+json"):
        for result in ({"a": None, "b": 2}, None, {"executionTime": "t"}):
            id_ = world.stored()
            world.update("admin", id_, jobResultObject={"a": 1, "c": 3})
            body = {"statusCode": "s", "statusMessage": "m", "jobResultObject": result}
            headers = {"content-type": content_type}
            yield world.ask("admin", "PATCH", f"/api/v4/jobs/{id_}", body, headers=headers)
    world.add_datasets()
    id_ = world.stored(jobParams=datasets("D1"))
    world.ask("deleter", "DELETE", "/api/v3/datasets/D1")
    yield world.update("admin", id_)
    yield world.update("admin", world.stored(), x=1)


QUERIES: list[dict[str, Any]] = [
    {},
    {"where": {"type": "u-user"}},
    {"include": ["datasets"]},
    {"limits": {"limit": 2, "skip": 1, "sort": {"type": "desc"}}},
]


def reads(world: World) -> Iterator[InprocessReply]:
    world.add_datasets()
    ids = [
        world.stored("c-all", ownerUser="user1", ownerGroup="g2", jobParams=datasets("D1", "D4")),
        world.stored("u-all", ownerGroup="g5"),
        world.stored("u-user", ownerGroup="gX"),
        # Of D3, which is published, everybody sees the dataset but not its file.
        world.stored("u-user", ownerUser="user1", jobParams=datasets("D3")),
    ]
    world.backend.store.jobs[ids[0]]["type"] = "gone"
    world.backend.store.jobs[ids[1]]["createdBy"] = "loner"
    for name in (None, "admin", "curator", "updater", "user1", "user2", "loner", "fakeadmin"):
        for id_ in ids:
            yield world.ask(name, "GET", f"/api/v4/jobs/{id_}")
        for path in ("", "/fullquery", "/datasetDetails"):
            for query in QUERIES:
                sent = {"filter": json.dumps(query)}
                yield world.ask(name, "GET", f"/api/v4/jobs{path}", query=sent)
        last_first = {"limits": '{"order": "type:desc"}'}
        yield world.ask(name, "GET", "/api/v3/jobs/fullquery", query=last_first)
        facets = {"facets": '["type"]'}
        yield world.ask(name, "GET", "/api/v4/jobs/fullfacet", query=facets)


def deletes(world: World) -> Iterator[InprocessReply]:
    id_ = world.stored("c-all", ownerUser="user1")
    for name in ("user1", "admin", "deleter"):
        yield world.ask(name, "DELETE", "/api/v4/jobs/nope")
        yield world.ask(name, "DELETE", f"/api/v4/jobs/{id_}")


def v3_jobs(world: World) -> Iterator[InprocessReply]:
    world.add_datasets()
    for type_ in ("c-all", "c-owner", "c-access"):
        for name in ("admin", "user1"):
            for pids in (("D1",), ("D2", "D3")):
                for params in ({}, {"username": "user2", "ownerGroup": "gX"}):
                    body = {
                        "type": type_,
                        "emailJobInitiator": "e@example.org",
                        "executionTime": "t",
                        "jobStatusMessage": "begun",
                        "jobParams": params,
                        **datasets(*pids),
                    }
                    yield world.ask(name, "POST", "/api/v3/jobs", body)
    created = world.ask("admin", "POST", "/api/v3/jobs", {"type": "c-all", **datasets("D1")})
    yield created
    path = f"/api/v3/jobs/{created.json['id']}"
    body = {"jobStatusMessage": "done", "executionTime": "later"}
    yield world.ask("admin", "PATCH", path, body)
    world.update("admin", created.json["id"])
    yield world.ask("admin", "GET", path)
    yield world.ask("admin", "POST", "/api/v3/jobs", {})


def tokens(world: World) -> Iterator[InprocessReply]:
    key = b"secret".ljust(64, b"\0")
    account = world.backend.accounts.named("user1")
    assert account is not None
    known = account.document()
    made = world.ask(None, "POST", "/api/v3/users/jwt").json["jwt"]
    for text in (
        f"Bearer {jwt.encode(known, key)}",
        f"bearer {jwt.encode(known, key)}",
        f"Bearer {jwt.encode({**known, 'exp': int(time.time()) - 9}, key)}",
        f"Bearer {jwt.encode(known, b'x' * 64)}",
        f"Bearer {jwt.encode({**known, '_id': '0' * 24}, key)}",
        f"Bearer {made}",
        "Bearer garbage",
    ):
        headers = {"authorization": text}
        yield world.client.ask("GET", "/api/v3/auth/whoami", headers=headers)


def gates(world: World) -> Iterator[InprocessReply]:
    for name in (None, "user1", "user2", "curator", "updater", "loner"):
        for type_ in ("x", "y", "nope"):
            yield world.submit(name, type_, ownerGroup="g2")
        for type_ in ("x", "y"):
            yield world.update(name, world.stored(type_, ownerUser="user2"))


def actions(world: World) -> Iterator[InprocessReply]:
    world.add_datasets()
    world.ask("admin", "PATCH", "/api/v3/datasets/D2", {"datasetlifecycle": {"archivable": False}})
    yield world.submit(None, "checked", jobParams=datasets("D1", "D2"))
    yield world.submit(None, "refused")
    yield world.submit(None, "logged")
    yield world.update("admin", world.stored("logged"))


ACTION_TYPES = [
    job_type(
        "checked",
        actions=[
            {"actionType": "validate", "datasets": {"datasetlifecycle.archivable": {"const": True}}}
        ],
    ),
    job_type("refused", actions=[{"actionType": "error", "message": "no", "status": 418}]),
    job_type(
        "logged",
        actions=[{"actionType": "log"}],
        update_actions=[{"actionType": "log", "perform": "updated"}],
    ),
]
GATES = {
    "public": [job_type("x", "#datasetPublic", "@g1"), job_type("y", "@g1", "#jobOwnerUser")],
    "access": [job_type("x", "#datasetAccess", "@g1"), job_type("y", "@g2", "user1")],
    "all": [job_type("x", "#all", "#all"), job_type("y", "@g2", "user1")],
}

BATTERIES: dict[str, list[Battery]] = {
    "create-auth": [creates, dataset_lists],
    "update-auth": [updates],
    "ownership": [claims],
    "datasets": [dataset_lists],
    "groups": [memberships],
    "gate": [reads],
    "read": [reads],
    "list": [reads],
    "delete": [deletes],
    "create": [claims, creates, dataset_lists],
    "update": [updates, patches],
    "stored": [claims],
    "status": [claims, deletes, patches, v3_jobs, reads, updates, creates, dataset_lists],
    "v3": [v3_jobs],
    "tokens": [tokens],
    "patch": [patches],
    "bodies": [patches],
}


RIGHT: dict[str, list[Any]] = {}
"""Transcripts without any defect, by battery; each test process makes each of them once."""


def runs(defect: Defect) -> Iterator[tuple[str, list[dict[str, Any]] | None, Battery]]:
    """The batteries for a defect: a name, the job types they need, and the requests."""
    if defect.family == "actions" or defect.id.endswith("action-refusal"):
        yield "actions", ACTION_TYPES, actions
    for battery in BATTERIES.get(defect.family, ()):
        yield battery.__name__, None, battery
    if defect.family == "gate":
        for name, types in GATES.items():
            yield f"gates-{name}", types, gates


SHOWN_HERE = [
    defect for defect in CATALOGUE if defect.family not in EFFECT_FAMILIES and defect not in BESIDE
]


@pytest.mark.parametrize("defect", SHOWN_HERE, ids=lambda defect: defect.id)
def test_defect_shows(build: Build, defect: Defect) -> None:
    for name, types, battery in runs(defect):
        if name not in RIGHT:
            RIGHT[name] = list(observed(build(types), battery))
        wrong = observed(build(types, defect=defect.id), battery)
        if any(before != after for before, after in zip_longest(RIGHT[name], wrong)):
            return
    pytest.fail(
        f"nothing shows {defect.id}: add a request that does to the battery of its family, "
        f"{defect.family}"
    )


@pytest.mark.parametrize(
    "battery",
    dict.fromkeys(battery for some in BATTERIES.values() for battery in some),
    ids=lambda battery: battery.__name__,
)
def test_transcripts_repeat(build: Build, battery: Battery) -> None:
    assert list(observed(build(), battery)) == list(observed(build(), battery))
