"""Whole job documents: what creates store and updates change."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.model.release import CURRENT, Release
from scicat_harness.oracle.document import new_params, updated
from scicat_harness.oracle.replies import as_v3

BEFORE = {
    "id": "1",
    "statusCode": "a",
    "statusMessage": "b",
    "jobParams": {"p": 1},
    "jobResultObject": {"x": 1, "y": {"z": 2}},
    "updatedBy": "user1",
}


def test_v4_stores_its_parameters_unchanged() -> None:
    params = {"a": 1, "datasetList": [{"pid": "p", "files": []}]}
    assert new_params({"jobParams": params}, CURRENT, v3=False) == params


def test_v3_puts_the_list_and_the_execution_time_into_them() -> None:
    body = {"jobParams": {"a": 1}, "datasetList": [1], "executionTime": "t"}
    expected = {"a": 1, "datasetList": [1], "executionTime": "t"}
    assert new_params(body, CURRENT, v3=True) == expected


@pytest.mark.parametrize(
    ("release", "kept"), [(Release(4, 20, 2), {"jobStatusMessage": "s"}), (CURRENT, {})]
)
def test_a_first_status_is_taken_out(release: Release, kept: dict[str, Any]) -> None:
    assert new_params({"jobParams": {"jobStatusMessage": "s"}}, release, v3=False) == kept


def test_names_of_javascript_are_dropped_at_every_depth() -> None:
    body = {"jobParams": {"constructor": 1, "a": [{"prototype": 2, "b": 3}]}}
    assert new_params(body, CURRENT, v3=False) == {"a": [{"b": 3}]}


def test_an_update_replaces_the_result_and_keeps_the_rest() -> None:
    body = {"statusCode": "s", "statusMessage": "m", "jobResultObject": {"n": 1}}
    after = updated(BEFORE, body, merges=False, updated_by="user2")
    assert after == {**BEFORE, **body, "updatedBy": "user2"}


def test_a_merge_patch_is_merged() -> None:
    body = {"jobResultObject": {"x": None, "y": {"w": 3}}}
    after = updated(BEFORE, body, merges=True, updated_by="user1")
    assert after["jobResultObject"] == {"y": {"z": 2, "w": 3}}


def test_an_execution_time_moves_to_the_parameters() -> None:
    body = {"jobResultObject": {"executionTime": "t", "n": 1}}
    after = updated(BEFORE, body, merges=False, updated_by="user1")
    assert after["jobParams"] == {"p": 1, "executionTime": "t"}
    assert after["jobResultObject"] == {"n": 1}


def test_the_one_status_of_v3_becomes_both() -> None:
    after = updated(BEFORE, {"jobStatusMessage": "s"}, merges=False, updated_by="user1")
    assert (after["statusCode"], after["statusMessage"]) == ("s", "s")


def test_v3_shows_the_same_job_under_other_names() -> None:
    document = {
        **BEFORE,
        "_id": "1",
        "ownerUser": "user1",
        "type": "t",
        "contactEmail": "a@b.example",
        "createdAt": "now",
        "jobParams": {"p": 1, "datasetList": [1], "executionTime": "e"},
    }
    assert as_v3(document, CURRENT) == {
        "_id": "1",
        "id": "1",
        "emailJobInitiator": "a@b.example",
        "type": "t",
        "creationTime": "now",
        "executionTime": "e",
        "jobParams": {"username": "user1", "p": 1},
        "jobStatusMessage": "a",
        "datasetList": [1],
        "jobResultObject": {"x": 1, "y": {"z": 2}},
    }
