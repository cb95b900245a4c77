"""Defects beside the rules are seen from outside; without one, the seams change nothing."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

import jwt
import pytest

from scicat_harness.embedded.beside.catalogue import BESIDE
from scicat_harness.embedded.defects import Defect
from scicat_harness.embedded.inprocess import InprocessReply
from scicat_harness.embedded.javascript import stringify

from .facility import Build, World, datasets
from .test_sabotage import VARYING

SHOWN = [defect for defect in BESIDE if defect.family not in ("mails", "calls", "messages", "log")]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
"""The time of jobs that a request may touch; all others are those of the test."""
STATUS = {"statusCode": "s", "statusMessage": "m"}
QUERIES: list[dict[str, Any]] = [
    {},
    {"limits": {"limit": 2}},
    {"limits": {"limit": 9, "skip": 1}},
    {"limits": {"sort": {"jobParams.n": "desc"}}},
    {"fields": ["id", "type"]},
    {"include": ["datasets"]},
    {"where": {"$or": [{"type": "c-all"}]}},
    {"where": {"id": {"$exists": True}}},
    {"where": {"ownerUser": "user2"}},
    {"where": {"createdBy": "admin"}},
]


def jobs(world: World) -> Iterator[InprocessReply]:
    """Creates, updates, reads, lists and deletes, permitted and refused."""
    world.add_datasets()
    listed = datasets("D1")
    ids = [
        world.stored("c-all", ownerUser=owner, jobParams={"n": number, **listed})
        for number, owner in enumerate(("user2", "user1", "user2", "user1"))
    ]
    yield world.submit(None, "c-all", contactEmail="c@example.org", jobParams={"a": 1, **listed})
    yield world.submit("user1", "c-jobadmin", ownerGroup="g1", jobParams=listed)
    for name in ("user1", "loner", None):
        job = world.stored("u-user", ownerUser="user1", ownerGroup="g1", jobParams=listed)
        stored = world.backend.store.jobs[job]
        times = {"createdAt": LONG_AGO, "updatedAt": LONG_AGO}
        world.backend.store.jobs[job] = {**stored, **times}
        yield world.ask("admin", "GET", f"/api/v4/jobs/{job}")
        for path in ("v3", "v4"):
            yield world.ask(name, "GET", f"/api/{path}/jobs/{job}")
        yield world.update(name, job, jobResultObject={"r": 1})
    for query in QUERIES:
        for path in ("", "/fullquery"):
            sent = {"filter": json.dumps(query)}
            yield world.ask("user1", "GET", f"/api/v4/jobs{path}", query=sent)
    for name in ("user1", "deleter"):
        yield world.ask(name, "DELETE", f"/api/v4/jobs/{ids[-1]}")


def strangers(world: World) -> Iterator[InprocessReply]:
    """A list by callers with other credentials than a genuine token."""
    account = world.backend.accounts.named("admin")
    assert account is not None
    claims = account.document()
    genuine = world.backend.tokens.issue(account)
    padded = {name: key.ljust(64, b"\0") for name, key in (("empty", b""), ("usual", b"scicat"))}
    basic = base64.b64encode(b"admin:x").decode()
    for headers in (
        {"cookie": f"jwt={genuine}"},
        {"authorization": f"Basic {basic}"},
        {"authorization": genuine},
        {"x-forwarded-user": "admin"},
        {"authorization": f"Bearer {jwt.encode(claims, '', algorithm='none')}"},
        *({"authorization": f"Bearer {jwt.encode(claims, key)}"} for key in padded.values()),
    ):
        yield world.client.ask("GET", "/api/v4/jobs", headers=headers)
    yield world.client.ask("GET", "/api/v4/jobs", query={"access_token": genuine})


def ways(world: World) -> Iterator[InprocessReply]:
    """Other methods, paths and bodies."""
    job = world.stored("u-all", ownerUser="user1")
    path = f"/api/v4/jobs/{job}"
    for method in ("PUT", "POST"):
        yield world.ask("admin", method, path, STATUS)
    override = {"x-http-method-override": "DELETE"}
    yield world.ask("admin", "GET", path, headers=override)
    yield world.ask("admin", "GET", f"/api/v4//jobs/{job}")
    yield world.submit("admin", "c-all", statusCode="done")
    yield world.ask("admin", "POST", "/api/v4/jobs", [{"type": "c-all", "jobParams": {}}])
    yield world.update("admin", job, ownerGroup="g2")
    yield world.ask("admin", "GET", path, query={"_method": "DELETE"})
    yield world.ask("admin", "GET", path, headers={"x-http-method": "PUT"})
    yield world.submit("user1", "c-all", ownerGroup=" G1 ")
    yield world.submit("user1", "c-all", ownerGroup="g1", contactEmail="Ada@Example.org")
    yield world.submit("user1", "c-all", ownerGroup="g1", statusCode=None)
    listed = {"datasetList": [{"pid": "", "files": []}]}
    yield world.submit("user1", "c-all", ownerGroup="g1", jobParams=listed)


def logins(world: World) -> Iterator[InprocessReply]:
    """What resembles the name or the password of an account."""
    for name, password in (
        ("user1@example.org", "pw"),
        ("USER1", "pw"),
        ({"$eq": "user1"}, "pw"),
        ("user1", "p"),
        ("user1", "another"),
    ):
        body = {"username": name, "password": password}
        yield world.ask(None, "POST", "/api/v3/auth/login", body)


def many(world: World) -> Iterator[InprocessReply]:
    """A list of more jobs than are shown without a limit."""
    for _ in range(101):
        world.stored("c-all", ownerUser="user1")
    sent = {"filter": json.dumps({"limits": {"limit": 0}})}
    yield world.ask("admin", "GET", "/api/v4/jobs", query=sent)


def transcript(world: World) -> list[Any]:
    """Replies with headers, then stored jobs and datasets, without what differs from run to run."""
    seen: list[Any] = []
    for battery in (jobs, strangers, ways, logins, many):
        for reply in battery(world):
            headers = [(name, VARYING.sub("*", value)) for name, value in reply.headers]
            lengths = [each for each in headers if each[0] != "content-length"]
            seen.append((reply.status, VARYING.sub("*", reply.text), lengths))
    for job in world.backend.store.jobs.values():
        old = [job[key] <= LONG_AGO for key in ("createdAt", "updatedAt")]
        seen.append((VARYING.sub("*", stringify(job)), old))
    for dataset in world.backend.store.datasets.values():
        seen.append(VARYING.sub("*", stringify(dataset)))
    return seen


RIGHT: list[Any] = []
"""The transcript without a defect; each test process makes it once."""


@pytest.fixture
def right(build: Build) -> list[Any]:
    if not RIGHT:
        RIGHT.extend(transcript(build(None)))
    return RIGHT


def test_the_transcript_repeats(build: Build, right: list[Any]) -> None:
    assert transcript(build(None)) == right


@pytest.mark.parametrize("defect", SHOWN, ids=lambda defect: defect.id)
def test_defect_shows(build: Build, right: list[Any], defect: Defect) -> None:
    wrong = transcript(build(None, defect=defect.id))
    assert any(before != after for before, after in zip_longest(right, wrong))
