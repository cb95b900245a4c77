"""What a request needs: values that it can have, and files of its datasets."""

from __future__ import annotations

import pytest

from scicat_harness.facility.conditions import Assignment, OutOfReach
from scicat_harness.facility.requests import needs_of
from scicat_harness.model.request import Operation

CREATE = Operation.CREATE


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        (Assignment("request", ("ownerGroup",), 3), "the harness cannot send a create with"),
        (Assignment("request", ("type",), "other"), "the harness cannot send a create with"),
        (Assignment("request", ("jobParams", "run"), "x"), "the harness cannot send a create with"),
        (Assignment("datasets", ("pid",), "x"), "no dataset of the plan"),
    ],
    ids=lambda each: each.steps[-1] if isinstance(each, Assignment) else "",
)
def test_what_no_request_can_have_is_said(assignment: Assignment, reason: str) -> None:
    with pytest.raises(OutOfReach, match=reason):
        needs_of([assignment], CREATE, "archive")


@pytest.mark.parametrize(
    ("steps", "value", "files"),
    [
        (("*", "files"), ["a", "b"], ("a", "b")),
        (("0", "files", "*"), "a", ("a",)),
        (("*", "files", "length"), 2, ("harness-0", "harness-1")),
        (("*",), {"pid": "x", "files": ["a"]}, ("a",)),
        ((), [{"pid": "x", "files": ["a"]}], ("a",)),
        (("*", "files"), [], None),
        (("*", "files"), [3], None),
        (("*", "pid"), "x", None),
        ((), [], None),
    ],
    ids=str,
)
def test_files_that_a_list_must_name_are_those_of_its_datasets(
    steps: tuple[str, ...], value: object, files: tuple[str, ...] | None
) -> None:
    asked = Assignment("request", ("jobParams", "datasetList", *steps), value)
    needs = needs_of([asked], CREATE, "archive")
    assert needs.datasets.get("files") == files
    assert needs.lists
