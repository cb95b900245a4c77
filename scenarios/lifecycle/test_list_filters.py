"""Filters of lists that do otherwise than they read.

Source: backend documentation of the list filters; observed on v4.22.0 to v5.2.1. Filters that do
what they say are in ``read/test_filters.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.judge.trial import Told, Trial
from scicat_harness.model.release import FILTERED_LISTS, LISTS_IN_DATABASE, REWRITTEN_CREATE
from scicat_harness.scenarios.jobs import EFFECTS, OPERATOR, about, body_v4, client_of, made

pytestmark = pytest.mark.site(EFFECTS)

FOUND = "a list shows what is asked for (documentation: filters)"


def five(trial: Trial) -> str:
    """The mark of five jobs that have numbers, made in the order of their numbers."""
    trial.needs(FILTERED_LISTS, "the filter of GET /api/v4/jobs", OPERATOR)
    client_of(trial)
    mark = trial.desk.correlation()
    for number in range(5):
        made(trial, body_v4(trial, {"five": mark, "number": number}))
    return mark


def numbers(*wanted: int) -> Any:
    """The list shows the jobs with these numbers, in this order."""

    def problems(reply: Any) -> list[str]:
        found = [each["jobParams"]["number"] for each in reply]
        return [] if found == list(wanted) else [f"shows {found} instead of {list(wanted)}"]

    return problems


def asked(where: dict[str, Any], **limits: Any) -> Any:
    """A v4 list with a filter."""
    question = {"filter": {"where": where, **({"limits": limits} if limits else {})}}
    return lambda client: client.query(OPERATOR, "v4/jobs", question)


def test_limit_and_skip(trial: Trial) -> None:
    """The limit counts what is skipped."""
    mark = five(trial)
    outcome = trial.tell(
        OPERATOR,
        about("list"),
        asked({"jobParams.five": mark}, limit=3, skip=2),
        Told(200, "the limit comes first (observed v5.2.1)", numbers(2)),
        promised=Told(200, FOUND, numbers(2, 3, 4)),
    )
    outcome.must_deviate("limit-before-skip")


def test_skip_of_the_limit(trial: Trial) -> None:
    """Nothing is left."""
    mark = five(trial)
    outcome = trial.tell(
        OPERATOR,
        about("list"),
        asked({"jobParams.five": mark}, limit=2, skip=2),
        Told(200, "the limit comes first (observed v5.2.1)", numbers()),
        promised=Told(200, FOUND, numbers(2, 3)),
    )
    outcome.must_deviate("limit-before-skip")


def test_sort_by_a_number(trial: Trial) -> None:
    """One is descending."""
    trial.needs(REWRITTEN_CREATE, "limits.sort", OPERATOR)
    mark = five(trial)
    outcome = trial.tell(
        OPERATOR,
        about("list"),
        asked({"jobParams.five": mark}, sort={"jobParams.number": 1}),
        Told(200, "what is not asc is desc (observed v5.2.1)", numbers(4, 3, 2, 1, 0)),
        promised=Told(200, FOUND, numbers(0, 1, 2, 3, 4)),
    )
    outcome.must_deviate("sort-by-number-misread")


def test_times(trial: Trial) -> None:
    """They are not found."""
    mark = five(trial)
    outcome = trial.tell(
        OPERATOR,
        about("list"),
        asked({"jobParams.five": mark, "createdAt": {"$gt": "2000-01-01"}}),
        Told(200, "a text is not a time (observed v5.2.1)", numbers()),
        promised=Told(200, FOUND, lambda reply: [] if len(reply) == 5 else [f"{len(reply)} rows"]),
    )
    outcome.must_deviate("dates-not-compared")


def test_an_operator_that_is_not_allowed(trial: Trial) -> None:
    """Refused, but not within a list."""
    mark = five(trial)
    trial.tell(
        OPERATOR,
        about("list"),
        asked({"createdBy": {"$type": "string"}}),
        Told(400, FOUND, message="Property .* should not exist in the filter object"),
    ).must_be_as_specified()
    outcome = trial.tell(
        OPERATOR,
        about("list"),
        asked({"jobParams.five": mark, "$or": [{"createdBy": {"$type": "string"}}]}),
        Told(200, "lists are not looked into (observed v5.2.1)", numbers(0, 1, 2, 3, 4)),
        promised=Told(400, FOUND),
    )
    outcome.must_deviate("operators-in-arrays-unchecked")


@pytest.mark.parametrize(
    "asked_for",
    [{"where": {"type": "lives.plain"}}, {"limits": {"limit": 2}}],
    ids=lambda asked_for: next(iter(asked_for)),
)
def test_v3_list(asked_for: dict[str, Any], trial: Trial) -> None:
    """It can neither be filtered nor cut."""
    five(trial)
    outcome = trial.tell(
        OPERATOR,
        about("list", "v3"),
        lambda client: client.query(OPERATOR, "v3/jobs", {"filter": asked_for}),
        Told(400, "v3 takes fields and include (observed v5.2.1)", message="Property .*"),
        promised=Told(200, "where and limits are in the interface (documentation: swagger)"),
    )
    outcome.must_deviate("v3-list-not-filtered")


def test_a_filter_that_is_null(trial: Trial) -> None:
    """A server error."""
    five(trial)
    outcome = trial.tell(
        OPERATOR,
        about("list"),
        lambda client: client.query(OPERATOR, "v4/jobs", {"filter": "null"}),
        Told(500, "null is no object (observed v5.2.1)"),
        promised=Told(400, "a malformed request is refused as such (RFC 9110)"),
    )
    outcome.must_deviate("null-filter-crash")


@pytest.mark.parametrize("text", ["", "{", "where"])
def test_a_filter_that_is_no_json(text: str, trial: Trial) -> None:
    """Refused."""
    five(trial)
    outcome = trial.tell(
        OPERATOR,
        about("list"),
        lambda client: client.query(OPERATOR, "v4/jobs", {"filter": text}),
        Told(400, FOUND, message="Invalid JSON in filter.*"),
    )
    outcome.must_be_as_specified()


def test_an_include_that_does_not_exist(trial: Trial) -> None:
    """It is not looked at."""
    mark = five(trial)
    question = {"filter": {"where": {"jobParams.five": mark}, "include": ["zzz"]}}
    outcome = trial.tell(
        OPERATOR,
        about("list"),
        lambda client: client.query(OPERATOR, "v4/jobs", question),
        Told(200, "unknown names are passed over (observed v5.2.1)", numbers(0, 1, 2, 3, 4)),
    )
    outcome.must_be_as_specified()


FIELDS: dict[str, tuple[Any, list[str]]] = {
    "list": (["type", "id"], ["id", "type"]),
    "text": ("type", []),
}


@pytest.mark.parametrize("name", list(FIELDS))
def test_fields(name: str, trial: Trial) -> None:
    """A list of names leaves these; a text leaves nothing."""
    trial.needs(LISTS_IN_DATABASE, "fields as a text", OPERATOR)
    mark = five(trial)
    fields, left = FIELDS[name]
    question = {"filter": {"where": {"jobParams.five": mark}, "fields": fields}}
    outcome = trial.tell(
        OPERATOR,
        about("list"),
        lambda client: client.query(OPERATOR, "v4/jobs", question),
        Told(200, "fields is a list of names (observed v5.2.1)", _each_has(5, left)),
    )
    outcome.must_be_as_specified()


def _each_has(rows: int, wanted: list[str]) -> Any:
    def problems(reply: Any) -> list[str]:
        found = [sorted(key for key in each if key != "_id") for each in reply]
        return [] if found == [wanted] * rows else [f"rows have {found} instead of {wanted}"]

    return problems
