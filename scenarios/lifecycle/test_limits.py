"""More than a hundred: datasets, origdatablocks, rows; and bodies that are too large.

Source: observed on v4.20.2 to v5.2.1. What is promised is what the documentation says of any
number.
"""

from __future__ import annotations

from typing import Any

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.answer import answer
from scicat_harness.judge.pinned import since_v5_2
from scicat_harness.judge.trial import Trial
from scicat_harness.model.release import FILES_OF_DATASET
from scicat_harness.scenarios.jobs import JANITOR, OPERATOR
from scicat_harness.scenarios.lifecycle.datasets import dataset, datasets

USER1 = SITE.identity("user1")
CREATED = "every listed dataset exists (documentation: authorization_jobs.md)"
HUNDRED = 100


def refusal(trial: Trial) -> int:
    """The status of a list that is refused."""
    return since_v5_2(422, before=400).at(trial.release)


def listing(trial: Trial, pids: list[str], files: tuple[str, ...] = ()) -> dict[str, Any]:
    """The body of a job about these datasets."""
    listed = [{"pid": pid, "files": list(files)} for pid in pids]
    return trial.body({"datasetList": listed}, ownerGroup="group1")


def test_a_hundred_datasets(trial: Trial) -> None:
    """They are found."""
    body = listing(trial, datasets(trial, HUNDRED))
    trial.post(USER1, body).must_answer(201, because=CREATED)


def test_a_hundred_and_one_datasets(trial: Trial) -> None:
    """One of them is said not to exist."""
    body = listing(trial, datasets(trial, HUNDRED + 1))
    trial.post(USER1, body).must_deviate(
        "datasets-beyond-hundred-unknown",
        answer(
            refusal(trial),
            because="a hundred are looked up (observed v5.2.1)",
            message="Datasets with pid .*",
        ),
        promised=answer(201, because=CREATED),
    )


def with_blocks(trial: Trial, number: int) -> str:
    """The pid of a dataset with so many origdatablocks of one file each, f1 and so on."""
    pid = dataset(trial)
    for each in range(1, number + 1):
        file = {"path": f"f{each}", "size": 1, "time": "2024-07-02T09:00:00.000Z"}
        block = {"datasetId": pid, "size": 1, "dataFileList": [file]}
        reply = trial.request(JANITOR, "POST", "v3/origdatablocks", block)
        reply.must_succeed("a block of the dataset is made")
    return pid


def test_a_file_of_the_hundredth_block(trial: Trial) -> None:
    """It is found; before v4.24.0 the blocks of all datasets were counted together."""
    trial.needs(FILES_OF_DATASET, "a search for files in their dataset only", OPERATOR)
    body = listing(trial, [with_blocks(trial, HUNDRED)], (f"f{HUNDRED}",))
    trial.post(USER1, body).must_answer(201, because=CREATED)


def test_a_file_of_the_block_after_that(trial: Trial) -> None:
    """It is said not to be there."""
    body = listing(trial, [with_blocks(trial, HUNDRED + 1)], (f"f{HUNDRED + 1}",))
    trial.post(USER1, body).must_deviate(
        "blocks-beyond-hundred-unknown",
        answer(
            refusal(trial),
            because="a hundred blocks are read (observed v5.2.1)",
            message=".* file .*",
        ),
        promised=answer(201, because=CREATED),
    )


def test_a_body_of_seventeen_megabytes(trial: Trial) -> None:
    """A server error instead of 413."""
    body = trial.body({"filler": "x" * 17_000_000})
    trial.post(OPERATOR, body).must_deviate(
        "large-body-crash",
        answer(500, because="the body is not read (observed v5.2.1)"),
        promised=answer(413, because="a body that is too large (RFC 9110)"),
    )
