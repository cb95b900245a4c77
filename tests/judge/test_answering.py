"""Whose fault it is that there is no reply: the backend's own, or that of what it depends on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import ConnectionEnded
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answering import answered
from scicat_harness.judge.expecting import expectation_of
from scicat_harness.judge.failure import CheckFailed, LogWindow
from scicat_harness.model.release import CURRENT
from scicat_harness.model.request import NO_DATASETS, CreateRequest, Ownership
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View

USER1 = SITE.identity("user1")
REQUEST = CreateRequest(next(iter(SITE.job_types)), NO_DATASETS, Ownership("none"))
EXPECTED = expectation_of(Oracle(SITE, View(CURRENT)).create(USER1, REQUEST))
UNCAUGHT = (
    "Error: Channel closed by server: 406 (PRECONDITION-FAILED) with message "
    "\"PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'jobs'\"\n    at ...\n"
)
LAST = "\nNode.js v20.20.2\n"
ITS_OWN = {
    "a-conflict-at-the-broker": UNCAUGHT + LAST,
    "the-embedded-one": "Error: x\n\nuncaught error: the embedded backend ends\n",
}
ANOTHERS = {
    "killed": "",
    "still-running": UNCAUGHT,
    "broker-gone": f"Error: read ECONNRESET\n{LAST}",
    "broker-stopped": f"Error: Heartbeat timeout\n{LAST}",
    "broker-shut-down": f"Error: Connection closed: 320 (CONNECTION-FORCED)\n{LAST}",
    "database-gone": f"MongoServerSelectionError: connect ECONNREFUSED\n{LAST}",
}


def exchange(reason: str) -> Exchange:
    """A request without a reply."""
    return Exchange("POST", "http://127.0.0.1:1/api/v4/jobs", "user1", None, {}, 0, reason, 0.1)


def ask(log: Path, said: str, reason: str = "Connection reset by peer") -> Exchange:
    """Ask a backend that says something and breaks the connection."""
    log.write_text("an earlier life\nNode.js v20.20.2\n")
    window = LogWindow.open(log)

    def send() -> NoReturn:
        with log.open("a") as file:
            file.write(said)
        raise ConnectionEnded("no reply", exchange(reason))

    return answered(USER1, EXPECTED, window, send)


@pytest.mark.parametrize("said", ITS_OWN.values(), ids=ITS_OWN)
def test_a_backend_that_ends_by_an_error_of_its_own_failed(said: str, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="ended by an uncaught error while it answered") as failed:
        ask(tmp_path / "log", said)
    assert said.splitlines()[0] in str(failed.value)
    assert "POST http://127.0.0.1:1/api/v4/jobs as user1" in str(failed.value)


@pytest.mark.parametrize("said", ANOTHERS.values(), ids=ANOTHERS)
def test_a_backend_that_is_ended_by_something_else_says_nothing(said: str, tmp_path: Path) -> None:
    with pytest.raises(ConnectionEnded):
        ask(tmp_path / "log", said)


def test_a_backend_that_had_ended_before_says_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionEnded):
        ask(tmp_path / "log", UNCAUGHT + LAST, "[Errno 111] Connection refused")


def test_an_end_that_is_expected_is_the_reply() -> None:
    expected = replace(EXPECTED, dies=True)
    log = LogWindow.open(None)
    ended = exchange("reset")

    def send() -> NoReturn:
        raise ConnectionEnded("no reply", ended)

    assert answered(USER1, expected, log, send) is ended
