"""Jobs about one, ten, a hundred and two hundred datasets, in v4 and v3.

Source: documentation page authorization_jobs.md, which names no greatest number; observed on
v4.20.2 to v5.2.1. The message holds the whole list.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.fixtures.blueprints.names import EFFECTS
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.trial import Told, Trial
from scicat_harness.model.release import REWRITTEN_CREATE
from scicat_harness.scenarios.jobs import about, body_v3, body_v4
from scicat_harness.scenarios.lifecycle.datasets import datasets
from scicat_harness.sinks.journal import Awaited

pytestmark = pytest.mark.site(EFFECTS)

USER1 = SITE.identity("user1")
CREATED = "every listed dataset is the user's (documentation: authorization_jobs.md)"
GROUP1 = {"ownerGroup": "group1"}


def archive_body(trial: Trial, api: str, number: int) -> dict[str, Any]:
    """The body of an archive job about so many datasets."""
    listed = [{"pid": pid, "files": []} for pid in datasets(trial, number)]
    if api == "v3":
        return body_v3(trial, GROUP1, type="lives.archive", datasetList=listed)
    return body_v4(trial, {"datasetList": listed}, type="lives.archive", **GROUP1)


def noticed(trial: Trial, number: int) -> Any:
    """The archive system gets a message with so many datasets."""

    def problems(reply: Any) -> list[str]:
        assert trial.desk.watch is not None
        token = reply["jobParams"]["correlation"]
        (message, *_) = trial.desk.watch.sinks.wait(Awaited(token, "amqp"), timeout=10.0)
        found = len(message.content["json"]["jobParams"]["datasetList"])
        return [] if found == number else [f"the message lists {found} datasets"]

    return problems


@pytest.mark.parametrize("api", ["v3", "v4"])
@pytest.mark.parametrize("number", [1, 10, 100])
def test_up_to_a_hundred(number: int, api: str, trial: Trial) -> None:
    """All are in the message."""
    body = archive_body(trial, api, number)
    outcome = trial.tell(
        USER1,
        about("create", api, "lives.archive"),
        lambda client: client.send(USER1, "POST", f"/api/{api}/jobs", body=body),
        Told(201, CREATED, noticed(trial, number)),
    )
    outcome.must_be_as_specified()


@pytest.mark.parametrize("api", ["v3", "v4"])
def test_two_hundred(api: str, trial: Trial) -> None:
    """Half of them are said not to exist."""
    body = archive_body(trial, api, 200)
    status = 400 if trial.desk.release < REWRITTEN_CREATE else 422
    outcome = trial.tell(
        USER1,
        about("create", api, "lives.archive"),
        lambda client: client.send(USER1, "POST", f"/api/{api}/jobs", body=body),
        Told(status, "a hundred are looked up (observed v5.2.1)", message="Datasets with pid .*"),
        promised=Told(201, CREATED, noticed(trial, 200)),
    )
    outcome.must_deviate("datasets-beyond-hundred-unknown")
