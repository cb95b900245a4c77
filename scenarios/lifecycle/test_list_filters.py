"""Filters of lists that do otherwise than they read.

Source: backend documentation of the list filters; observed on v4.22.0 to v5.2.1. Filters that do
what they say are in ``read/test_filters.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.judge.answer import answer
from scicat_harness.judge.literal import Reply
from scicat_harness.judge.matchers import has_rows, is_same_as, rows
from scicat_harness.judge.trial import Trial
from scicat_harness.model.expectation import Matcher
from scicat_harness.model.release import FILTERED_LISTS, LISTS_IN_DATABASE, REWRITTEN_CREATE
from scicat_harness.scenarios.jobs import OPERATOR

FOUND = "a list shows what is asked for (documentation: filters)"


def five(trial: Trial) -> str:
    """The mark of five jobs that have numbers, made in the order of their numbers."""
    trial.needs(FILTERED_LISTS, "the filter of GET /api/v4/jobs", OPERATOR)
    mark = trial.new_mark()
    for number in range(5):
        trial.make(trial.body({"five": mark, "number": number}), OPERATOR)
    return mark


def numbers(*wanted: int) -> Matcher:
    """The list shows the jobs with these numbers, in this order."""

    return rows("jobParams.number", *wanted)


def asked(trial: Trial, where: dict[str, Any], **limits: Any) -> Reply:
    """A v4 list with a filter."""
    question = {"filter": {"where": where, **({"limits": limits} if limits else {})}}
    return trial.query(OPERATOR, "v4/jobs", question)


def test_limit_and_skip(trial: Trial) -> None:
    """The limit counts what is skipped."""
    mark = five(trial)
    asked(trial, {"jobParams.five": mark}, limit=3, skip=2).must_deviate(
        "limit-before-skip",
        answer(200, numbers(2), because="the limit comes first (observed v5.2.1)"),
        promised=answer(200, numbers(2, 3, 4), because=FOUND),
    )


def test_skip_of_the_limit(trial: Trial) -> None:
    """Nothing is left."""
    mark = five(trial)
    asked(trial, {"jobParams.five": mark}, limit=2, skip=2).must_deviate(
        "limit-before-skip",
        answer(200, numbers(), because="the limit comes first (observed v5.2.1)"),
        promised=answer(200, numbers(2, 3), because=FOUND),
    )


def test_sort_by_a_number(trial: Trial) -> None:
    """One is descending."""
    trial.needs(REWRITTEN_CREATE, "limits.sort", OPERATOR)
    mark = five(trial)
    asked(trial, {"jobParams.five": mark}, sort={"jobParams.number": 1}).must_deviate(
        "sort-by-number-misread",
        answer(200, numbers(4, 3, 2, 1, 0), because="what is not asc is desc (observed v5.2.1)"),
        promised=answer(200, numbers(0, 1, 2, 3, 4), because=FOUND),
    )


def test_times(trial: Trial) -> None:
    """They are not found."""
    mark = five(trial)
    asked(trial, {"jobParams.five": mark, "createdAt": {"$gt": "2000-01-01"}}).must_deviate(
        "dates-not-compared",
        answer(200, numbers(), because="a text is not a time (observed v5.2.1)"),
        promised=answer(200, has_rows(5), because=FOUND),
    )


def test_an_operator_that_is_not_allowed(trial: Trial) -> None:
    """Refused, but not within a list."""
    mark = five(trial)
    asked(trial, {"createdBy": {"$type": "string"}}).must_answer(
        400, because=FOUND, message="Property .* should not exist in the filter object"
    )
    asked(
        trial, {"jobParams.five": mark, "$or": [{"createdBy": {"$type": "string"}}]}
    ).must_deviate(
        "operators-in-arrays-unchecked",
        answer(200, numbers(0, 1, 2, 3, 4), because="lists are not looked into (observed v5.2.1)"),
        promised=answer(400, because=FOUND),
    )


@pytest.mark.parametrize(
    "asked_for",
    [{"where": {"type": "lives.plain"}}, {"limits": {"limit": 2}}],
    ids=lambda asked_for: next(iter(asked_for)),
)
def test_v3_list(asked_for: dict[str, Any], trial: Trial) -> None:
    """It can neither be filtered nor cut."""
    five(trial)
    trial.query(OPERATOR, "v3/jobs", {"filter": asked_for}).must_deviate(
        "v3-list-not-filtered",
        answer(400, because="v3 takes fields and include (observed v5.2.1)", message="Property .*"),
        promised=answer(
            200, because="where and limits are in the interface (documentation: swagger)"
        ),
    )


def test_a_filter_that_is_null(trial: Trial) -> None:
    """A server error."""
    five(trial)
    trial.query(OPERATOR, "v4/jobs", {"filter": "null"}).must_deviate(
        "null-filter-crash",
        answer(500, because="null is no object (observed v5.2.1)"),
        promised=answer(400, because="a malformed request is refused as such (RFC 9110)"),
    )


@pytest.mark.parametrize("text", ["", "{", "where"])
def test_a_filter_that_is_no_json(text: str, trial: Trial) -> None:
    """Refused."""
    five(trial)
    trial.query(OPERATOR, "v4/jobs", {"filter": text}).must_answer(
        400, because=FOUND, message="Invalid JSON in filter.*"
    )


def test_an_include_that_does_not_exist(trial: Trial) -> None:
    """It is not looked at."""
    mark = five(trial)
    question = {"filter": {"where": {"jobParams.five": mark}, "include": ["zzz"]}}
    trial.query(OPERATOR, "v4/jobs", question).must_answer(
        200, numbers(0, 1, 2, 3, 4), because="unknown names are passed over (observed v5.2.1)"
    )


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
    trial.query(OPERATOR, "v4/jobs", question).must_answer(
        200, _each_has(5, left), because="fields is a list of names (observed v5.2.1)"
    )


def _each_has(number: int, wanted: list[str]) -> Matcher:
    return is_same_as([wanted] * number, lambda reply: [_keys(each) for each in reply])


def _keys(job: Any) -> list[str]:
    return sorted(key for key in job if key != "_id")


TEXTS: dict[str, tuple[str, list[int]]] = {"s": ("one.two", [0]), "": ("one.two", [])}


@pytest.mark.parametrize("options", TEXTS)
def test_a_pattern_over_lines(options: str, trial: Trial) -> None:
    """Only with the option s a point stands for the end of a line, too."""
    trial.needs(FILTERED_LISTS, "the filter of GET /api/v4/jobs", OPERATOR)
    mark, (pattern, found) = trial.new_mark(), TEXTS[options]
    trial.make(trial.body({"five": mark, "number": 0, "text": "one\ntwo"}), OPERATOR)
    condition = {"$regex": pattern, **({"$options": options} if options else {})}
    asked(trial, {"jobParams.five": mark, "jobParams.text": condition}).must_answer(
        200, numbers(*found), because=FOUND
    )
