"""Settlement: what must be stored after a batch, against what a query finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from scicat_harness.judge.failure import Story, StoryPart
from scicat_harness.judge.settle import Pending, SettledRequest, Settlement
from scicat_harness.judge.stored import stored_differences
from scicat_harness.judge.wording import sentences
from scicat_harness.model.expectation import StoredExpectation
from scicat_harness.model.outcome import StoredJob

Document = dict[str, Any]

JOB = StoredJob(
    created_by="user1",
    owner_user=frozenset({"user1"}),
    owner_group=frozenset({"group1"}),
    contact_email=frozenset({"user1@facility.example"}),
)
PARAMS = {"correlation": "run-1", "datasetList": [{"pid": "run/own", "files": []}]}
CREATED = StoredExpectation(JOB, "id-1", {"type": "archive", "jobParams": PARAMS})
UPDATED = StoredExpectation(
    job_id="id-1",
    fields={
        "statusCode": "run-1",
        "statusMessage": "run-1",
        "updatedBy": "user1",
        "ownerGroup": "group1",
        "jobResultObject": {"mark": "run-1"},
    },
)
NOTHING = None
STORED: Document = {
    "id": "id-1",
    "type": "archive",
    "createdBy": "user1",
    "ownerUser": "user1",
    "ownerGroup": "group1",
    "contactEmail": "user1@facility.example",
    "jobParams": PARAMS,
}
PATCHED: Document = {
    **STORED,
    "jobParams": {},
    "statusCode": "run-1",
    "statusMessage": "run-1",
    "updatedBy": "user1",
    "jobResultObject": {"mark": "run-1"},
}


def pending(key: str, token: str, expected: StoredExpectation | None) -> Pending:
    """A request that must have left this."""

    def judge(left: SettledRequest) -> Story | None:
        found = sentences([*stored_differences(expected, left.documents, left.values)])
        return Story(tuple(StoryPart("", (each,)) for each in found)) if found else None

    return Pending(key, token, judge)


def findings(expected: StoredExpectation | None, *documents: Document) -> list[str]:
    """What settling that request finds."""
    settlement = Settlement(lambda _: list(documents))
    settlement.add(pending("the-check", "run-1", expected))
    found = settlement.settle()
    assert found.keys() <= {"the-check"}
    return [line for story in found.get("the-check", []) for line in str(story).splitlines()]


def test_a_job_stored_once_as_specified_is_fine() -> None:
    assert findings(CREATED, STORED) == []


def test_a_job_that_is_not_stored_is_found_out() -> None:
    assert findings(CREATED) == ["0 stored jobs carry this request instead of one"]


def test_a_job_stored_twice_is_found_out() -> None:
    assert findings(CREATED, STORED, {**STORED, "id": "id-2"}) == [
        "2 stored jobs carry this request instead of one"
    ]


def test_a_job_of_another_id_than_the_reply_spoke_of_is_found_out() -> None:
    assert findings(CREATED, {**STORED, "id": "id-2"}) == [
        "the stored job is id-2 (type 'archive'), the reply named id-1"
    ]


def test_a_wrong_owner_is_found_out() -> None:
    (text,) = findings(CREATED, {**STORED, "ownerUser": "user2"})
    assert text == "stored otherwise than specified: ownerUser is 'user2' instead of 'user1'"


def test_every_wrong_field_is_reported() -> None:
    wrong = {**STORED, "ownerGroup": None, "contactEmail": "", "createdBy": "x", "type": "y"}
    assert len(findings(CREATED, wrong)) == 4


def test_other_datasets_than_asked_for_are_found_out() -> None:
    (text,) = findings(CREATED, {**STORED, "jobParams": {"correlation": "run-1"}})
    assert "jobParams is {'correlation': 'run-1'} instead of" in text


def test_a_refused_request_that_left_nothing_is_fine() -> None:
    another = {**STORED, "jobParams": {"correlation": "run-10"}}
    assert findings(NOTHING, another) == []


def test_a_refused_create_that_was_stored_all_the_same_is_found_out() -> None:
    assert findings(NOTHING, STORED) == [
        "refused, but it shows in the stored job id-1 (type 'archive')"
    ]


def test_a_refused_request_is_found_in_every_part_that_could_be_stored() -> None:
    traces: tuple[Document, ...] = (
        {"jobParams": [{"correlation": "run-1"}]},
        {"statusCode": "run-1"},
        {"statusMessage": "run-1"},
        {"jobResultObject": {"mark": "run-1"}},
        {"contactEmail": "run-1@correlation.example"},
    )
    assert all(findings(NOTHING, {"id": "x", **trace}) for trace in traces)


def test_an_update_that_shows_is_fine() -> None:
    assert findings(UPDATED, PATCHED) == []


def test_an_update_that_was_not_stored_is_found_out() -> None:
    assert findings(UPDATED, {**PATCHED, **_untouched()}) != []


def _untouched() -> Document:
    return {"statusCode": "jobSubmitted", "statusMessage": "Job submitted.", "jobResultObject": {}}


def test_an_update_stored_in_part_is_found_out() -> None:
    (text,) = findings(UPDATED, {**PATCHED, "jobResultObject": {}})
    assert "jobResultObject is {} instead of {'mark': 'run-1'}" in text


def test_an_update_recorded_for_somebody_else_is_found_out() -> None:
    assert findings(UPDATED, {**PATCHED, "updatedBy": "janitor"}) == [
        "stored otherwise than specified: updatedBy is 'janitor' instead of 'user1'"
    ]


def test_an_update_that_changed_the_owner_is_found_out() -> None:
    assert findings(UPDATED, {**PATCHED, "ownerGroup": "group2"}) == [
        "stored otherwise than specified: ownerGroup is 'group2' instead of 'group1'"
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"statusMessage": {}}, {"statusCode": []}, {"jobParams": {"correlation": []}}],
    ids=str,
)
def test_a_value_of_a_wrong_kind_ends_no_batch(wrong: Document) -> None:
    other = {**STORED, "id": "id-2", **wrong}
    found = findings(CREATED, STORED, other)
    # Without its correlation the second one belongs to no request.
    named = "jobParams" not in wrong
    assert found == (["2 stored jobs carry this request instead of one"] if named else [])


def test_a_batch_is_asked_for_once_and_each_finding_names_its_check() -> None:
    asked: list[Mapping[str, Any]] = []

    def find(where: Mapping[str, Any]) -> list[Document]:
        asked.append(where)
        return [STORED, {**STORED, "id": "id-2", "jobParams": {"correlation": "run-2"}}]

    settlement = Settlement(find)
    settlement.add(pending("right", "run-1", CREATED))
    settlement.add(pending("wrong", "run-2", NOTHING))
    settlement.add(pending("gone", "run-3", NOTHING))
    assert list(settlement.settle()) == ["wrong"]
    assert len(asked) == 1


def test_the_query_spans_every_correlation_of_the_batch() -> None:
    asked: list[Mapping[str, Any]] = []

    def find(where: Mapping[str, Any]) -> list[Document]:
        asked.append(where)
        return []

    settlement = Settlement(find)
    tokens = [f"run-main-{number:07}" for number in (9, 10, 11)]
    for token in tokens:
        settlement.add(pending(token, token, NOTHING))
    settlement.settle()
    spans = [span for each in asked[0]["$or"] for span in each.values()]
    assert all(span["$gte"] <= token <= span["$lte"] for span in spans for token in tokens)


def test_a_request_is_settled_once() -> None:
    settlement = Settlement(lambda _: [])
    settlement.add(pending("check", "run-1", CREATED))
    assert len(settlement.settle()) == 1
    assert (len(settlement), settlement.settle()) == (0, {})


def test_nothing_is_asked_without_a_request() -> None:
    def find(_where: Mapping[str, Any]) -> list[Document]:
        raise AssertionError("asked for nothing")

    assert Settlement(find).settle() == {}
