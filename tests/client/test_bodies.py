"""Bodies: what a request in the words of the model looks like on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.client.bodies import create_body, update_body
from scicat_harness.model.dataset import DatasetList, Listed, ListShape
from scicat_harness.model.request import (
    Api,
    BodyFault,
    CreateRequest,
    Ownership,
    PatchForm,
    UpdateRequest,
)

PIDS = {"own": "run/own", "third": "run/third"}
MARKS = {"run": "run", "correlation": "run-main-1"}
ASKED = Ownership("all", "user1", "group1", "c@elsewhere.example")
LISTED = DatasetList("two", (Listed("third", ("a", "b")), Listed("own")))
ITEMS = [{"pid": "run/third", "files": ["a", "b"]}, {"pid": "run/own", "files": []}]


def body_of(api: Api = Api.V4, fault: BodyFault = BodyFault.NONE) -> dict[str, Any]:
    """The body of a request that uses everything."""
    return create_body(CreateRequest("archive", LISTED, ASKED, api, fault), PIDS, MARKS)


def test_a_v4_create() -> None:
    assert body_of() == {
        "type": "archive",
        "jobParams": {**MARKS, "datasetList": ITEMS},
        "ownerUser": "user1",
        "ownerGroup": "group1",
        "contactEmail": "c@elsewhere.example",
    }


def test_a_v3_create() -> None:
    assert body_of(Api.V3) == {
        "type": "archive",
        "jobParams": {**MARKS, "username": "user1", "ownerGroup": "group1"},
        "datasetList": ITEMS,
        "emailJobInitiator": "c@elsewhere.example",
    }


@pytest.mark.parametrize("api", Api)
def test_what_is_not_asked_for_is_not_sent(api: Api) -> None:
    body = create_body(CreateRequest("archive", api=api), PIDS, MARKS)
    assert body == {"type": "archive", "jobParams": MARKS}


def test_the_marks_are_copied_into_each_body() -> None:
    first = body_of()
    first["jobParams"]["run"] = "another"
    assert body_of()["jobParams"]["run"] == "run"


SHAPES: dict[ListShape, Any] = {
    ListShape.LIST: [],
    ListShape.NULL: None,
    ListShape.TEXT: "text",
    ListShape.OBJECT: {"pid": "run/own", "files": []},
    ListShape.ITEM_TEXT: ["run/own"],
    ListShape.ITEM_WITHOUT_PID: [{"files": []}],
    ListShape.ITEM_EMPTY_PID: [{"pid": "", "files": []}],
    ListShape.ITEM_NUMBER_PID: [{"pid": 5, "files": []}],
    ListShape.ITEM_WITHOUT_FILES: [{"pid": "run/own"}],
    ListShape.ITEM_FILES_TEXT: [{"pid": "run/own", "files": "run/a.h5"}],
    ListShape.ITEM_FILE_NUMBER: [{"pid": "run/own", "files": [1]}],
    ListShape.ITEM_EXTRA_KEY: [{"pid": "run/own", "files": [], "extra": 1}],
}


@pytest.mark.parametrize("shape", [each for each in ListShape if each is not ListShape.ABSENT])
def test_every_shape_of_a_list(shape: ListShape) -> None:
    listed = DatasetList("shaped", shape=shape)
    v4 = create_body(CreateRequest("archive", listed), PIDS, MARKS)
    v3 = create_body(CreateRequest("archive", listed, api=Api.V3), PIDS, MARKS)
    assert v4["jobParams"]["datasetList"] == SHAPES[shape]
    assert v3["datasetList"] == SHAPES[shape]


V4_FAULTS: dict[BodyFault, tuple[str, Any]] = {
    BodyFault.TYPE_NUMBER: ("type", 5),
    BodyFault.PARAMS_LIST: ("jobParams", [MARKS]),
    BodyFault.UNKNOWN_KEY: ("statusCode", "finished"),
    BodyFault.EMAIL_MALFORMED: ("contactEmail", "not an address"),
    BodyFault.OWNER_USER_NUMBER: ("ownerUser", 5),
    BodyFault.OWNER_GROUP_OBJECT: ("ownerGroup", {}),
}


@pytest.mark.parametrize("fault", V4_FAULTS)
def test_a_fault_changes_one_key_of_a_v4_create(fault: BodyFault) -> None:
    key, value = V4_FAULTS[fault]
    assert body_of(fault=fault) == {**body_of(), key: value}


def test_a_missing_type_is_missing_in_both() -> None:
    for api in Api:
        whole = body_of(api)
        del whole["type"]
        assert body_of(api, BodyFault.TYPE_MISSING) == whole


def test_without_parameters_the_contact_carries_the_correlation() -> None:
    body = body_of(fault=BodyFault.PARAMS_MISSING)
    assert "jobParams" not in body
    assert body["contactEmail"] == "run-main-1@correlation.example"


def test_the_faults_of_v3() -> None:
    assert body_of(Api.V3, BodyFault.TYPE_NUMBER)["type"] == 5
    malformed = body_of(Api.V3, BodyFault.EMAIL_MALFORMED)
    assert malformed["emailJobInitiator"] == "not an address"


def test_every_part_of_an_update_carries_its_mark() -> None:
    whole = {"statusCode": "m", "statusMessage": "m", "jobResultObject": {"mark": "m"}}
    for form in PatchForm:
        assert update_body(UpdateRequest("t", None, form=form), "m") == whole


def test_a_v3_update_has_one_status() -> None:
    assert update_body(UpdateRequest("t", None, Api.V3), "m") == {
        "jobStatusMessage": "m",
        "jobResultObject": {"mark": "m"},
    }


PATCH_FAULTS: dict[BodyFault, dict[str, Any]] = {
    BodyFault.STATUS_CODE_MISSING: {"statusMessage": "m", "jobResultObject": {"mark": "m"}},
    BodyFault.STATUS_MESSAGE_MISSING: {"statusCode": "m", "jobResultObject": {"mark": "m"}},
    BodyFault.RESULT_TEXT: {"statusCode": "m", "statusMessage": "m", "jobResultObject": "m"},
    BodyFault.UNKNOWN_KEY: {
        "statusCode": "m",
        "statusMessage": "m",
        "jobResultObject": {"mark": "m"},
        "ownerGroup": "m",
    },
}


@pytest.mark.parametrize("fault", PATCH_FAULTS)
def test_the_faults_of_an_update(fault: BodyFault) -> None:
    assert update_body(UpdateRequest("t", None, fault=fault), "m") == PATCH_FAULTS[fault]


def test_every_fault_is_in_some_body() -> None:
    removing = {BodyFault.NONE, BodyFault.TYPE_MISSING, BodyFault.PARAMS_MISSING}
    assert set(BodyFault) == removing | set(V4_FAULTS) | set(PATCH_FAULTS)
