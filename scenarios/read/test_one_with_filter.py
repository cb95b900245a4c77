"""One job with a filter: what of it, and of its datasets, is shown to whom.

Source: backend documentation of the filters; observed on v5.2.1 (specification: list.include).
Hand-written results: the filter must not open a job, hide it from its owner, or show more of a
dataset than the caller may read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.matchers import has_keys, is_same_as
from scicat_harness.judge.trial import Trial
from scicat_harness.model.release import LISTS_IN_DATABASE
from scicat_harness.model.request import JobOwnership

TYPE = "all_access.admin_update"
JOB = JobOwnership(
    "user1s-with-datasets",
    "user1",
    "group1",
    datasets=("own", "shared", "published", "foreign"),
)
READERS = ("user1", "user1b", "operator", "creator", "updater")
OTHERS = ("user2", "outsider", "cleaner")
READABLE = "a job is read by its owners and by privileged users (documentation: authorization)"
FIELDS: Mapping[str, tuple[list[str], dict[str, Any]]] = {
    "owner-and-type": (["ownerUser", "type"], {"ownerUser": "user1", "type": TYPE}),
    "owner-group": (["ownerGroup"], {"ownerGroup": "group1"}),
    "one-that-is-none": (["nothing"], {}),
}
_OF_GROUP1 = {"own": 1, "shared": 0, "published": 0}
BLOCKS: Mapping[str, dict[str, int]] = {
    "user1": _OF_GROUP1,
    "user1b": _OF_GROUP1,
    # Published, but its list of files is not.
    "creator": {"published": 0},
    "updater": {"published": 0},
    "operator": {"own": 1, "shared": 0, "published": 1, "foreign": 1},
}
"""By identity: the datasets that it may read, and how many of their lists of files."""


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("who", READERS)
def test_fields(who: str, name: str, trial: Trial) -> None:
    """Fields that decide who may read are not shown unless they are asked for."""
    identity, (fields, shown) = SITE.identity(who), FIELDS[name]
    trial.needs(LISTS_IN_DATABASE, "the filter of GET /api/v4/jobs/ID", identity)
    job = trial.stored_job(TYPE, JOB)
    trial.query(identity, f"v4/jobs/{job['id']}", {"filter": {"fields": fields}}).must_answer(
        200, is_same_as(shown), because=READABLE
    )


def test_no_field_is_all_fields(trial: Trial) -> None:
    """An empty list of fields shows the whole job, also within a list."""
    identity = SITE.identity("user1")
    trial.needs(LISTS_IN_DATABASE, "the filter of GET /api/v4/jobs/ID", identity)
    job = trial.stored_job(TYPE, JOB)
    whole = trial.get(identity, job)
    whole.must_succeed("the job is read")
    keys = has_keys(*whole.json)
    trial.query(identity, f"v4/jobs/{job['id']}", {"filter": {"fields": []}}).must_answer(
        200, keys, because=READABLE
    )
    asked = {"filter": {"fields": [], "where": {"id": job["id"]}}}
    trial.query(identity, "v4/jobs", asked).must_answer(
        200, is_same_as([sorted(whole.json)], _keys), because=READABLE
    )


def _keys(rows: Any) -> Any:
    return [sorted(row) for row in rows] if isinstance(rows, list) else rows


@pytest.mark.parametrize("asked", [{"fields": ["id"]}, {"include": ["datasets"]}], ids=str)
@pytest.mark.parametrize("who", OTHERS)
def test_others(who: str, asked: dict[str, Any], trial: Trial) -> None:
    """No filter opens a job."""
    identity = SITE.identity(who)
    trial.needs(LISTS_IN_DATABASE, "the filter of GET /api/v4/jobs/ID", identity)
    job = trial.stored_job(TYPE, JOB)
    trial.query(identity, f"v4/jobs/{job['id']}", {"filter": asked}).must_answer(
        403, because=READABLE, message="Unauthorized to get this job."
    )


@pytest.mark.parametrize("fields", [{}, {"fields": ["id", "datasets"]}], ids=["whole", "fields"])
@pytest.mark.parametrize("who", READERS)
def test_datasets(who: str, fields: dict[str, Any], trial: Trial) -> None:
    """The datasets within a job are those that the caller may read."""
    identity = SITE.identity(who)
    trial.needs(LISTS_IN_DATABASE, "datasets within one job", identity)
    job = trial.stored_job(TYPE, JOB)
    wanted = sorted(trial.pids[alias] for alias in BLOCKS[who])
    trial.query(
        identity, f"v4/jobs/{job['id']}", {"filter": {"include": ["datasets"], **fields}}
    ).must_answer(200, is_same_as(wanted, _pids), because=READABLE)


def _pids(job: Any) -> Any:
    return sorted(each["pid"] for each in job["datasets"]) if isinstance(job, dict) else job


@pytest.mark.parametrize("who", BLOCKS)
def test_files_of_datasets(who: str, trial: Trial) -> None:
    """Lists of files within datasets within jobs have an access of their own."""
    identity = SITE.identity(who)
    trial.needs(LISTS_IN_DATABASE, "/api/v4/jobs/datasetDetails", identity)
    job = trial.stored_job(TYPE, JOB)
    wanted = {trial.pids[alias]: number for alias, number in BLOCKS[who].items()}
    asked = {"filter": {"where": {"id": job["id"]}}}
    trial.query(identity, "v4/jobs/datasetDetails", asked).must_answer(
        200, is_same_as(wanted, _blocks), because=READABLE
    )


def _blocks(rows: Any) -> Any:
    if not isinstance(rows, list) or len(rows) != 1:
        return rows
    return {each["pid"]: len(each["origdatablocks"]) for each in rows[0]["datasetDetails"]}


@pytest.mark.parametrize("who", BLOCKS)
def test_datasets_through_v3(who: str, trial: Trial) -> None:
    """The details of v3 show the same datasets."""
    identity = SITE.identity(who)
    trial.needs(LISTS_IN_DATABASE, "the datasets of v3 by who may read them", identity)
    job = trial.stored_job(TYPE, JOB)
    wanted = sorted(trial.pids[alias] for alias in BLOCKS[who])
    trial.query(identity, "v3/jobs/datasetDetails", {"jobId": job["id"]}).must_answer(
        200, is_same_as(wanted, _pids_of_details), because=READABLE
    )


@pytest.mark.parametrize("more", [{}, {"include": ["origdatablocks"]}], ids=["plain", "include"])
@pytest.mark.parametrize("who", OTHERS)
def test_datasets_of_others_through_v3(who: str, more: dict[str, Any], trial: Trial) -> None:
    """Nobody sees the datasets of a job that they may not read."""
    identity = SITE.identity(who)
    trial.needs(LISTS_IN_DATABASE, "the datasets of v3 by who may read them", identity)
    job = trial.stored_job(TYPE, JOB)
    asked = {"jobId": job["id"], **more}
    trial.query(identity, "v3/jobs/datasetDetails", asked).must_answer(403, because=READABLE)


def _pids_of_details(rows: Any) -> Any:
    return sorted(each["pid"] for each in rows) if isinstance(rows, list) else rows


def test_every_relation_by_two_names(trial: Trial) -> None:
    """``all`` beside ``datasets`` is accepted, and shows the datasets."""
    identity = SITE.identity("operator")
    trial.needs(LISTS_IN_DATABASE, "datasets within one job", identity)
    job = trial.stored_job(TYPE, JOB)
    wanted = sorted(trial.pids[alias] for alias in BLOCKS["operator"])
    asked = {"include": ["datasets", "all"], "where": {"id": job["id"]}}
    trial.query(identity, "v4/jobs", {"filter": asked}).must_answer(
        200, is_same_as([wanted], _pids_of_rows), because=READABLE
    )


def _pids_of_rows(rows: Any) -> Any:
    return [_pids(row) for row in rows] if isinstance(rows, list) else rows


REFUSED: Mapping[str, tuple[str, dict[str, Any]]] = {
    "two-unknown-relations": ("v4/jobs", {"include": ["a", "b"]}),
    "datasets-and-another": ("v4/jobs", {"include": ["datasets", "x"]}),
    "no-list": ("v4/jobs", {"include": "datasets"}),
    "in-a-full-query": ("v4/jobs/fullquery", {"include": ["datasets"]}),
    "in-details": ("v4/jobs/datasetDetails", {"include": ["datasets"]}),
}


REFUSED_BECAUSE = {"two-unknown-relations": r"The 'include' filter must contain 'datasets' .*"}


@pytest.mark.parametrize("name", REFUSED)
def test_relations_that_are_refused(name: str, trial: Trial) -> None:
    """Datasets are the only relation of a job."""
    identity, (path, asked) = SITE.identity("operator"), REFUSED[name]
    trial.needs(LISTS_IN_DATABASE, "include in a filter", identity)
    trial.query(identity, path, {"filter": asked}).must_answer(
        400,
        because="only datasets can be included (documentation: filters)",
        message=REFUSED_BECAUSE.get(name, r"[\s\S]+"),
    )
