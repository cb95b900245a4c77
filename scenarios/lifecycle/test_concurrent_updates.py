"""Updates of one job at the same time.

Source: RFC 7396; observed on v5.2.1: each merge patch writes back the whole result it read. Which
of them are lost is chance; that some are is not, with so many.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.must import must_equal
from scicat_harness.judge.trial import Told, Trial
from scicat_harness.probe.stage import open_client
from scicat_harness.scenarios.documents import value_at
from scicat_harness.scenarios.jobs import EFFECTS, OPERATOR, STATUS, about, body_v4, made, patched

pytestmark = pytest.mark.site(EFFECTS)

AT_ONCE = 20
MERGE = "application/merge-patch+json"


def merged_at_once(trial: Trial, job_id: str) -> None:
    """So many merge patches with a key each, sent together; all are answered 200."""
    together = Barrier(AT_ONCE, timeout=30.0)

    def send(number: int) -> int:
        client = open_client(trial.desk.stage)
        try:
            together.wait()
            body = {**STATUS, "jobResultObject": {f"k{number}": number}}
            return patched(job_id, body, form=MERGE)(client).status
        finally:
            client.transport.close()

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="merge") as pool:
        statuses = set(pool.map(send, range(AT_ONCE)))
    must_equal(statuses, {200}, "the set of statuses")


def keys(*, least: int, most: int) -> Any:
    """The result has between so many keys."""

    def problems(document: Any) -> list[str]:
        found = len(value_at(document, "jobResultObject") or {})
        return [] if least <= found <= most else [f"{found} of {AT_ONCE} keys are there"]

    return problems


def test_merge_patches_at_once(trial: Trial) -> None:
    """Some are lost."""
    job = made(trial, body_v4(trial))

    def patch_and_read(client: SciCat) -> Exchange:
        merged_at_once(trial, job["id"])
        return client.read(OPERATOR, job["id"])

    outcome = trial.tell(
        OPERATOR,
        about("update"),
        patch_and_read,
        Told(200, "the whole is written back (observed v5.2.1)", keys(least=1, most=AT_ONCE - 1)),
        promised=Told(
            200, "a patch names what it changes (RFC 7396)", keys(least=AT_ONCE, most=AT_ONCE)
        ),
    )
    outcome.must_deviate("concurrent-merges-lost")
