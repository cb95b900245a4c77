"""Lists are exactly what the caller may see, in order, however they are asked for.

Source: backend documentation of the list filters and authorization_jobs.md; observed on v4.20.2 to
v5.2.1. The rows are computed from the stored jobs: those that the oracle says are visible, then
condition, order, skip, limit and fields. A filter that is applied before the permissions, or a
page that counts jobs of others, shows other rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from scicat_harness.client.scicat import list_params
from scicat_harness.fixtures.axes import PROBE_JOBS
from scicat_harness.fixtures.cases import PROBE_TYPE
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.views import probes_of
from scicat_harness.judge.answer import answer
from scicat_harness.judge.matchers import is_same_as
from scicat_harness.judge.trial import Trial
from scicat_harness.model.release import FILTERED_LISTS, LISTS_IN_DATABASE, REWRITTEN_CREATE
from scicat_harness.model.request import Api
from scicat_harness.oracle.lists import ListQuery

Job = Mapping[str, Any]
SHOWN = "a list shows the jobs that may be read (documentation: authorization_jobs.md, filters)"
WHO = ("user1", "user2", "user5", "groupless", "creator", "updater", "operator")
PATHS = ("v4/jobs", "v4/jobs/fullquery")

QUERIES: dict[str, ListQuery] = {
    "all": ListQuery(),
    "first": ListQuery(limit=1),
    "first-two": ListQuery(limit=2),
    "all-but-the-first": ListQuery(limit=100, skip=1),
    "ascending": ListQuery(sort="probe"),
    "descending": ListQuery(sort="probe", descending=True),
    "last-by-name": ListQuery(sort="probe", descending=True, limit=1),
    "fields": ListQuery(fields=("id", "type", "ownerUser")),
}


def _visible(trial: Trial, who: str, api: Api = Api.V4) -> list[Job]:
    """The probe jobs that an identity may see, in the order of their creation."""
    return trial.visible_jobs(SITE.identity(who), PROBE_TYPE, PROBE_JOBS, api)


def _limits(query: ListQuery) -> dict[str, Any]:
    limits: dict[str, Any] = {"limit": query.limit, "skip": query.skip}
    if query.sort is not None:
        limits["sort"] = {f"jobParams.{query.sort}": "desc" if query.descending else "asc"}
    return {key: value for key, value in limits.items() if value is not None}


def _asked(trial: Trial, query: ListQuery) -> dict[str, Any]:
    """The parameters of a v4 list of the probe jobs."""
    if query.fields is None:
        return list_params(probes_of(trial.run), _limits(query))
    return {"filter": {"where": probes_of(trial.run), "fields": list(query.fields)}}


def _without_id(rows: Any) -> Any:
    """Rows without ``_id``, which ``fields`` cannot leave out."""
    if not isinstance(rows, list):
        return rows
    return [{key: value for key, value in row.items() if key != "_id"} for row in rows]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (name, path)
        for name, query in QUERIES.items()
        for path in PATHS
        # The full query shows whole jobs.
        if query.fields is None or path == "v4/jobs"
    ],
)
@pytest.mark.parametrize("who", WHO)
def test_pages(who: str, name: str, path: str, trial: Trial) -> None:
    """Order, limit, skip and fields apply to what is visible."""
    identity, query = SITE.identity(who), QUERIES[name]
    trial.needs(FILTERED_LISTS, "the filter of GET /api/v4/jobs", identity)
    if query.sort is not None:
        trial.needs(REWRITTEN_CREATE, "limits.sort", identity)
    if query.fields is not None:
        trial.needs(LISTS_IN_DATABASE, "fields of a list", identity)
    visible = _visible(trial, who)
    wanted = _without_id(query.rows_of(visible, limit_first=False))
    trial.query(identity, path, _asked(trial, query)).must_answer(
        200, is_same_as(wanted, _without_id), because=SHOWN
    )


@pytest.mark.parametrize("who", WHO)
def test_two_orders(who: str, trial: Trial) -> None:
    """The second field decides between jobs that have the first one in common."""
    identity = SITE.identity(who)
    trial.needs(REWRITTEN_CREATE, "limits.sort", identity)
    order = {"sort": {"type": "asc", "jobParams.probe": "desc"}}
    visible = _visible(trial, who)
    wanted = sorted(visible, key=lambda job: str(job["jobParams"]["probe"]), reverse=True)
    asked = list_params(probes_of(trial.run), order)
    trial.query(identity, "v4/jobs", asked).must_answer(200, is_same_as(wanted), because=SHOWN)


@pytest.mark.parametrize("who", WHO)
def test_absent_values_come_first(who: str, trial: Trial) -> None:
    """In an ascending order; jobs with the same value are in any order."""
    identity = SITE.identity(who)
    trial.needs(REWRITTEN_CREATE, "limits.sort", identity)
    asked = list_params(probes_of(trial.run), {"sort": {"ownerGroup": "asc"}})
    wanted = sorted(_group_of(job) for job in _visible(trial, who))
    trial.query(identity, "v4/jobs", asked).must_answer(
        200, is_same_as(wanted, _groups), because=SHOWN
    )


def _group_of(job: Job) -> str:
    return str(job.get("ownerGroup") or "")


def _groups(rows: Any) -> Any:
    return [_group_of(row) for row in rows] if isinstance(rows, list) else rows


@pytest.mark.parametrize("who", WHO)
def test_second_page_of_one(who: str, trial: Trial) -> None:
    """The limit counts what is skipped, so that it is empty; it must not show anything else."""
    identity = SITE.identity(who)
    trial.needs(LISTS_IN_DATABASE, "limit before skip", identity)
    visible, query = _visible(trial, who), ListQuery(limit=1, skip=1)
    asked = trial.query(identity, "v4/jobs", _asked(trial, query))
    seen, promised = (query.rows_of(visible, limit_first=first) for first in (True, False))
    if seen == promised:
        asked.must_answer(200, is_same_as(seen), because=SHOWN)
        return
    asked.must_deviate(
        "limit-before-skip",
        answer(200, is_same_as(seen), because="the limit comes first (observed v5.2.1)"),
        promised=answer(200, is_same_as(promised), because=SHOWN),
    )


@pytest.mark.parametrize("who", WHO)
def test_limit_of_none(who: str, trial: Trial) -> None:
    """A limit of 0 is no limit."""
    identity = SITE.identity(who)
    trial.needs(LISTS_IN_DATABASE, "a limit of 0", identity)
    asked = list_params(probes_of(trial.run), {"limit": 0})
    trial.query(identity, "v4/jobs", asked).must_answer(
        200, is_same_as(_visible(trial, who)), because=SHOWN
    )


Choose = Callable[[Job], bool]
CONDITIONS: dict[str, tuple[Callable[[Sequence[str]], dict[str, Any]], Choose]] = {
    "any-of-two": (
        lambda ids: {
            "$or": [{"ownerUser": {"$exists": True}}, {"ownerUser": {"$exists": False}}],
            "id": {"$in": list(ids)},
        },
        lambda _: True,
    ),
    "ids": (lambda ids: {"id": {"$in": list(ids)}}, lambda _: True),
    "of-another": (
        lambda ids: {"id": {"$in": list(ids)}, "ownerUser": "user5"},
        lambda job: job.get("ownerUser") == "user5",
    ),
    "of-another-or-a-group": (
        lambda ids: {
            "id": {"$in": list(ids)},
            "$or": [{"ownerUser": "user5"}, {"ownerGroup": {"$in": ["group1", "group3"]}}],
        },
        lambda job: (
            job.get("ownerUser") == "user5" or job.get("ownerGroup") in ("group1", "group3")
        ),
    ),
    "none-of": (
        lambda ids: {"id": {"$in": list(ids)}, "$nor": [{"type": "nosuch"}]},
        lambda _: True,
    ),
    "none-of-two": (
        lambda ids: {
            "id": {"$in": list(ids)},
            "$nor": [{"ownerUser": "user5"}, {"ownerGroup": "group1"}],
        },
        lambda job: job.get("ownerUser") != "user5" and job.get("ownerGroup") != "group1",
    ),
    "not-one-of": (
        lambda ids: {"id": {"$in": list(ids)}, "ownerUser": {"$nin": ["user5"]}},
        lambda job: job.get("ownerUser") != "user5",
    ),
    "no-owner-user": (
        lambda ids: {"id": {"$in": list(ids)}, "ownerUser": {"$in": [None]}},
        lambda job: job.get("ownerUser") is None,
    ),
    "and": (
        lambda ids: {"$and": [{"id": {"$in": list(ids)}}, {"ownerGroup": {"$ne": "group1"}}]},
        lambda job: job.get("ownerGroup") != "group1",
    ),
    "made-by": (
        lambda ids: {"id": {"$in": list(ids)}, "createdBy": SITE.janitor},
        lambda job: job.get("createdBy") == SITE.janitor,
    ),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("who", WHO)
def test_conditions(who: str, name: str, path: str, trial: Trial) -> None:
    """No condition shows more than what is visible."""
    identity, (where, chooses) = SITE.identity(who), CONDITIONS[name]
    trial.needs(FILTERED_LISTS, "the filter of GET /api/v4/jobs", identity)
    wanted = [job for job in _visible(trial, who) if chooses(job)]
    asked = list_params(where(trial.probe_ids))
    trial.query(identity, path, asked).must_answer(200, is_same_as(wanted), because=SHOWN)


@pytest.mark.parametrize("name", ["all", "first", "all-but-the-first"])
@pytest.mark.parametrize("who", WHO)
def test_pages_of_v3(who: str, name: str, trial: Trial) -> None:
    """The full query of v3 shows the same jobs in the form of v3."""
    identity, query = SITE.identity(who), QUERIES[name]
    visible = _visible(trial, who, Api.V3)
    asked = {"fields": {"mode": probes_of(trial.run)}, "limits": {"limit": 100, **_limits(query)}}
    wanted = query.rows_of(visible, limit_first=False)
    trial.query(identity, "v3/jobs/fullquery", asked).must_answer(
        200, is_same_as(wanted, _without_empty), because=SHOWN
    )


@pytest.mark.parametrize("name", ["ascending", "descending"])
@pytest.mark.parametrize("who", WHO)
def test_order_of_v3(who: str, name: str, trial: Trial) -> None:
    """The full query of v3 has a parameter of its own for the order."""
    identity, query = SITE.identity(who), QUERIES[name]
    trial.needs(LISTS_IN_DATABASE, "limits.order of v3", identity)
    visible = _visible(trial, who, Api.V3)
    direction = "desc" if query.descending else "asc"
    limits = {"limit": 100, "order": f"jobParams.{query.sort}:{direction}"}
    asked = {"fields": {"mode": probes_of(trial.run)}, "limits": limits}
    trial.query(identity, "v3/jobs/fullquery", asked).must_answer(
        200, is_same_as(query.rows_of(visible, limit_first=False), _without_empty), because=SHOWN
    )


def _without_empty(rows: Any) -> Any:
    """Rows without empty values, which v3 leaves out since v4.26.0."""
    if not isinstance(rows, list):
        return rows
    return [{key: value for key, value in row.items() if value} for row in rows]
