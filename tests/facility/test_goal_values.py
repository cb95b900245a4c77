"""Values for goals: lists that are long enough, and schemas and paths as JavaScript reads them."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.facility.goals import Goal, goals_of
from scicat_harness.facility.requests import Needs, needs_of
from scicat_harness.model.action import Log, Switch, SwitchCase, Validate
from scicat_harness.model.option import Phase
from scicat_harness.model.request import Operation

CREATE = Operation.CREATE


def named(goals: list[Goal]) -> dict[str, Goal]:
    return {each.name: each for each in goals}


def asked(goal: Goal) -> Needs:
    assert goal.reason == ""
    return needs_of(goal.assignments, CREATE, "archive")


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("jobParams.l[1:]", {"l": ["x", "x"]}),
        ("jobParams.l[2:4]", {"l": ["x", "x", "x"]}),
        ("jobParams.l[(@.length-1)]", {"l": ["x"]}),
        ("jobParams.l[0][1]", {"l": [["x", "x"]]}),
        ("jobParams.l[1].a", {"l": [{}, {"a": "x"}]}),
    ],
)
def test_a_list_has_as_many_items_as_a_path_needs(path: str, params: dict[str, Any]) -> None:
    (goal, *_) = goals_of([Validate({path: {"const": "x"}})], CREATE, {})
    assert asked(goal).params == params


def test_a_text_for_a_number_behind_a_pattern() -> None:
    cases = (SwitchCase((Log(),), regex="/^a/"), SwitchCase.matching(7, Log()))
    goals = named(list(goals_of([Switch(Phase.PERFORM, "request.jobParams.n", cases)], CREATE, {})))
    assert asked(goals["switch-1-match-2"]).params == {"n": "7"}


def test_no_request_has_infinity() -> None:
    cases = (SwitchCase.matching(float("inf"), Log()),)
    goals = named(list(goals_of([Switch(Phase.PERFORM, "request.jobParams.n", cases)], CREATE, {})))
    assert goals["switch-1-match-1"].reason


@pytest.mark.parametrize("schema", [True, {"type": "string", "pattern": "^(?<a>x+)-y$"}])
def test_schemas_of_javascript(schema: Any) -> None:
    (goal, *_) = goals_of([Validate({"jobParams.a": schema})], CREATE, {})
    assert "a" in asked(goal).params


def test_numbers_beside_one_that_is_excluded() -> None:
    schema = {"type": "integer", "minimum": 4, "not": {"const": 4}}
    (goal, *_) = goals_of([Validate({"jobParams.n": schema})], CREATE, {})
    assert asked(goal).params == {"n": 5}


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("jobParams['a','b']", {"type": "number"}),
        ("jobParams.image", {"type": "string", "pattern": r"^(?<n>[a-z]+):\k<n>$"}),
        ("jobParams.email", {"type": "string", "pattern": r"^[\p{L}._-]+@\w+\.\w{2,4}$"}),
    ],
)
def test_further_paths_and_patterns(path: str, schema: Any) -> None:
    (goal, *_) = goals_of([Validate({path: schema})], CREATE, {})
    assert goal.reason == ""
