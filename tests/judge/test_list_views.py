"""Lists as wholes: their rows, order, and the datasets within jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.views import VIEWS
from scicat_harness.judge.views import list_differences
from scicat_harness.model.release import CURRENT
from scicat_harness.model.request import Api
from scicat_harness.oracle.lists import ListQuery, readable_pids
from scicat_harness.oracle.replies import form_of
from scicat_harness.oracle.rule import View

LIST = next(each for each in VIEWS if each.name == "list-v4")
INCLUDING = next(each for each in VIEWS if each.datasets == "datasets")
JOBS = {
    name: {"id": name, "createdAt": time, "jobParams": {"n": number}}
    for number, (name, time) in enumerate((("a", "1"), ("b", "2"), ("c", "3")))
}


def found(rows: Sequence[Any], *, pids: Sequence[str] = (), view: Any = LIST) -> list[str]:
    """The paths of what is wrong with these rows, for the check of job b."""
    form = form_of(Api.V4, CURRENT)
    return [each.path for each in list_differences(view, rows, "b", JOBS, pids, form)]


def test_the_visible_jobs_in_order() -> None:
    assert found([JOBS["a"], JOBS["b"]]) == []


def test_what_is_wrong_with_a_list() -> None:
    assert found([JOBS["b"], {"id": "x"}]) == ["reply.rows"]
    assert found([JOBS["b"], JOBS["b"]]) == ["reply.rows"]
    assert found([JOBS["b"], JOBS["a"]]) == ["reply.order"]
    assert found([{**JOBS["b"], "token": "x"}]) == ["reply.token"]


def test_datasets_within_a_job() -> None:
    row = {**JOBS["b"], "datasets": [{"pid": "q"}, {"pid": "p"}]}
    assert found([row], pids=["p", "q"], view=INCLUDING) == []
    assert found([row], pids=["p"], view=INCLUDING) == ["reply.datasets"]
    assert found([JOBS["b"]], pids=[], view=INCLUDING) == ["reply.datasets"]


def test_rows_of_a_page() -> None:
    jobs = list(JOBS.values())

    def rows(query: ListQuery, *, limit_first: bool = False) -> list[str]:
        return [each["id"] for each in query.rows_of(jobs, limit_first=limit_first)]

    assert rows(ListQuery()) == ["a", "b", "c"]
    assert rows(ListQuery(limit=2, skip=1)) == ["b", "c"]
    assert rows(ListQuery(limit=2, skip=1), limit_first=True) == ["b"]
    assert rows(ListQuery(sort="n", descending=True, limit=1)) == ["c"]
    assert ListQuery(fields=("id",)).rows_of(jobs, limit_first=True)[0] == {"id": "a"}


def test_datasets_that_an_identity_may_read() -> None:
    pids = {alias: f"run/{alias}" for alias in SITE.datasets}

    def of(who: str) -> list[str]:
        found = readable_pids(SITE, SITE.identity(who), View(CURRENT), pids, pids.values())
        return [each.removeprefix("run/") for each in found]

    assert of("anonymous") == ["published", "published-own"]
    assert "shared" in of("user2")
    assert "own" not in of("user2")
    assert len(of("operator")) == len([each for each in SITE.datasets.values() if each.exists])
