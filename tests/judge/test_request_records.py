"""Request records: what two runs can be compared by has nothing in it that only one run knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from scicat_harness.judge.channels import seen_effects
from scicat_harness.judge.names import Names
from scicat_harness.judge.record import UNSPECIFIED, CheckRecord, RequestRecord, left_by
from scicat_harness.model.observation import Observation
from scicat_harness.model.outcome import StoredJob, Verdict
from scicat_harness.sinks.arrival import Arrival

from ..arrivals import call, entry, mail, message
from ..stubs import TOKEN, record_of

RUN = "harness-0a1b2c3d"
MARK = f"{RUN}-gw0-0000012"
JOB = "11a3224d-5552-4d7e-a613-c38cfd75c6e1"
NAMES = Names(RUN, MARK, JOB)

TEXTS: Mapping[str, tuple[str, str]] = {
    "its-own-token": (f"to {MARK}@x", "to $token@x"),
    "the-token-of-another-request": (f"{RUN}-lab01ab23cdx0-0000007", "$other"),
    "the-run": (f"{RUN}/own and {RUN}.queue", "$run/own and $run.queue"),
    "its-job": (f"/jobs/{JOB}", "/jobs/$id"),
    "another-job": (f"/jobs/{JOB[:-1]}2", "/jobs/$uuid"),
    "a-time": ("at 2026-11-24T02:13:47.705Z.", "at $time."),
    "a-time-in-an-address": ("?at=2026-11-24T02%3A13%3A47.705Z", "?at=$time"),
    "a-day": ("on 2026-11-24", "on $date"),
    "a-port": ("http://127.0.0.1:44369/x", "http://$host:$port/x"),
    "a-port-for-containers": ("http://172.17.0.1:4436/x", "http://$host:$port/x"),
    "a-port-of-a-virtual-machine": ("host.docker.internal%3A80 x", "$host%3A$port x"),
    "a-configuration": ("harness-18f64fc3b5e6", "$config"),
    "an-object-id": ("of 6740d1c5f5b9a7d1e4c3b2a1", "of $oid"),
    "a-secret": (f"Bearer {TOKEN}", "Bearer ***"),
    "nothing-special": ("100 files, 3.5 GB", "100 files, 3.5 GB"),
}


@pytest.mark.parametrize(("text", "normal"), TEXTS.values(), ids=TEXTS)
def test_what_only_a_run_knows_has_a_name(text: str, normal: str) -> None:
    assert NAMES.normal({"key": [text, 1, None, True]}) == {"key": [normal, 1, None, True]}


def test_a_long_text_is_cut_but_still_differs_from_others() -> None:
    one, other = (NAMES.normal("x" * 5000 + end) for end in ("a", "b"))
    assert len(one) < 500
    assert one != other


def effects(*arrivals: Arrival) -> list[dict[str, Any]]:
    """What these arrivals are compared by."""
    seen = Observation(201, stored=(), effects=seen_effects(arrivals))
    return [dict(each) for each in left_by(seen, NAMES) or ()]


def test_effects_have_what_a_configuration_chooses() -> None:
    headers = [
        ["Host", "127.0.0.1:1"],
        ["X-Mark", MARK],
        ["Authorization", "Basic x"],
        ["User-Agent", "node"],
    ]
    found = effects(
        mail(f"of {MARK}", to=f"{MARK}@x,b@x", raw="raw", reply_to="r@x"),
        call("/a", query="b=1", headers=headers, body="hello", method="POST"),
        message({"id": JOB, "n": 1}, body="{}", redelivered=False),
        entry(f"about {MARK}"),
    )
    assert found == [
        {
            "channel": "email",
            "to": ["$token@x", "b@x"],
            "from": "scicat@facility.example",
            "reply_to": "r@x",
            "subject": "of $token",
            "html": "<p>done</p>",
        },
        {
            "channel": "url",
            "method": "POST",
            "path": "/a?b=1",
            "headers": {"authorization": "***", "x-mark": "$token"},
            "body": "hello",
        },
        {
            "channel": "amqp",
            "source": "exchange",
            "exchange": "run.jobs",
            "key": "usual",
            "properties": {"delivery_mode": 2},
            "json": {"id": "$id", "n": 1},
            "layout": "compact",
        },
        {"channel": "log", "context": "LogJobAction", "level": "LOG", "text": "about $token"},
    ]


def test_only_what_keeps_an_order_is_in_that_order() -> None:
    first, second = message(1, source="b"), message(2, source="a")
    arrivals = [entry("line"), first, call("/a"), second, mail(), call("/b")]
    found = [
        each.get("path") or each.get("source") or each["channel"] for each in effects(*arrivals)
    ]
    assert found == ["/a", "email", "/b", "a", "b", "log"]


def test_a_mail_that_was_not_taken_is_no_effect() -> None:
    assert effects(mail(accepted=False)) == []


STORED = {
    "_id": JOB,
    "id": JOB,
    "createdAt": "2026-11-24T02:13:47.705Z",
    "configVersion": "x",
    "jobParams": {"a": 1},
    "type": "t",
    "createdBy": "user1",
    "ownerGroup": "group1",
    "contactEmail": f"{MARK}@x",
}


def expected(*groups: str) -> StoredJob:
    """A job that one of these groups owns."""
    return StoredJob("user1", frozenset({None}), frozenset(groups), frozenset({"x"}))


def test_a_stored_job_is_compared_by_what_the_backend_made_of_it() -> None:
    found = left_by(Observation(201, stored=[STORED]), NAMES, expected("group1"))
    job = {"channel": "job", "createdBy": "user1", "ownerGroup": "group1"}
    assert found == ({**job, "contactEmail": "$token@x"},)


def test_owners_that_nobody_promises_are_named() -> None:
    left = left_by(Observation(201, stored=[STORED]), NAMES, expected("group1", "group3"))
    assert left is not None
    (found,) = left
    assert (found[UNSPECIFIED], found["ownerGroup"]) == (["ownerGroup"], "group1")


@pytest.mark.parametrize("left", [None, (), ({"channel": "job"},)])
def test_there_and_back(left: Any) -> None:
    request = RequestRecord(
        "create", "v4", "user1", "t", 201, "allow", "a.rule", left, watched=True
    )
    record = record_of(Verdict.PASSED, seen=(request.to_json(),))
    (found,) = CheckRecord.from_json(record.to_json()).seen
    assert RequestRecord.from_json(found) == request


def test_an_older_record_tells_of_no_request() -> None:
    data = record_of(Verdict.PASSED).to_json()
    del data["seen"]
    assert CheckRecord.from_json(data).seen == ()
