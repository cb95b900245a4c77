"""Jobs about one, ten, a hundred and two hundred datasets, in v4 and v3.

Source: documentation page authorization_jobs.md, which names no greatest number; observed on
v4.20.2 to v5.2.1. The message holds the whole list.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.matchers import is_same_as
from scicat_harness.judge.pinned import since_v5_2
from scicat_harness.judge.trial import Trial
from scicat_harness.model.expectation import Matcher
from scicat_harness.scenarios.lifecycle.datasets import datasets

USER1 = SITE.identity("user1")
CREATED = "every listed dataset is the user's (documentation: authorization_jobs.md)"
GROUP1 = {"ownerGroup": "group1"}


def archive_body(trial: Trial, api: str, number: int) -> dict[str, Any]:
    """The body of an archive job about so many datasets."""
    listed = [{"pid": pid, "files": []} for pid in datasets(trial, number)]
    if api == "v3":
        return trial.body_v3(GROUP1, type="lives.archive", datasetList=listed)
    return trial.body({"datasetList": listed}, type="lives.archive", **GROUP1)


def noticed(trial: Trial, number: int) -> Matcher:
    """The archive system gets a message with so many datasets."""

    def listed(reply: Any) -> int:
        (message, *_) = trial.arrivals(reply["jobParams"]["correlation"], "amqp")
        return len(message.content["json"]["jobParams"]["datasetList"])

    return is_same_as(number, listed)


@pytest.mark.parametrize("api", ["v3", "v4"])
@pytest.mark.parametrize("number", [1, 10, 100])
def test_up_to_a_hundred(number: int, api: str, trial: Trial) -> None:
    """All are in the message."""
    body = archive_body(trial, api, number)
    trial.post(USER1, body, api=api).must_answer(201, noticed(trial, number), because=CREATED)


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_two_hundred(api: str, trial: Trial) -> None:
    """Half of them are said not to exist."""
    body = archive_body(trial, api, 200)
    status = since_v5_2(422, before=400).at(trial.release)
    trial.post(USER1, body, api=api).must_deviate(
        "datasets-beyond-hundred-unknown",
        answer(
            status,
            because="a hundred are looked up (observed v5.2.1)",
            message="Datasets with pid .*",
        ),
        promised=answer(201, noticed(trial, 200), because=CREATED),
    )
