"""Planning ends, whatever a configuration asks for, and says what it left out and why."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from scicat_harness.facility.plan import Plan
from scicat_harness.facility.planning import make_plan
from scicat_harness.facility.samples import LARGEST, NO_SAMPLE, satisfying
from scicat_harness.facility.shapes import planned_datasets
from scicat_harness.facility.site import Cast, FacilityEnvironment, facility_site
from scicat_harness.facility.wrongvalues import violations
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.model.action import Log, Switch, SwitchCase, Validate
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.option import Phase
from scicat_harness.model.release import CURRENT
from scicat_harness.oracle.paths import satisfies, select
from scicat_harness.oracle.rule import View
from scicat_harness.oracle.work import TooMuch

from .choosing import matching


def _nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "required": ["a"], "properties": {"a": schema}}
    return schema


def _multiplied(levels: int) -> dict[str, Any]:
    """Lists of lists of lists, of a hundred items each."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "array", "minItems": 100, "items": schema, "maxItems": 100}
    return schema


def _doubled(levels: int) -> dict[str, Any]:
    """What a reader of references meets two to the power of ``levels`` times."""
    made: dict[str, Any] = {"d0": {"type": "string"}}
    for level in range(1, levels):
        below = {"$ref": f"#/definitions/d{level - 1}"}
        made[f"d{level}"] = {"allOf": [below, below]}
    return {"definitions": made, "allOf": [{"$ref": f"#/definitions/d{levels - 1}"}]}


EVIL: Mapping[str, tuple[Any, str]] = {
    "many-items": ({"type": "array", "minItems": 10**8}, "minItems 100000000 asks for more"),
    "a-long-text": ({"type": "string", "minLength": 10**9}, "minLength 1000000000 asks for"),
    "many-properties": ({"type": "object", "minProperties": 10**8}, "minProperties"),
    "infinitely-many": ({"type": "array", "minItems": float("inf")}, "minItems inf"),
    "products": (_multiplied(6), "more than 1,000 parts"),
    "depth": (_nested(60), "nested more than 20 deep"),
    "great-depth": (_nested(900), "nested"),
    "references": (_doubled(20), "steps"),
    "a-circle": ({"$ref": "#"}, "nested more than 60 deep"),
    "a-large-enum": ({"enum": [{"n": n} for n in range(50_000)], "type": "string"}, "steps"),
    "a-repeated-group": ({"type": "string", "pattern": "^(a|b){1000000}$"}, "parts"),
    "a-nested-repetition": (
        {"type": "string", "pattern": "^(((a{99}){99}){99}){99}$"},
        "a pattern",
    ),
    "backtracking": (
        {"allOf": [{"const": "a" * 40 + "!"}, {"pattern": "^(a+)+$"}]},
        "a pattern takes more than 50,000 steps",
    ),
    "backtracking-in-names": (
        {"const": {"a" * 40 + "!": 1}, "patternProperties": {"^(a+)+$": False}},
        "a pattern takes more than 50,000 steps",
    ),
    "no-pattern": ({"type": "string", "pattern": "("}, "cannot be judged here"),
    "elsewhere": ({"$ref": "file:///etc/passwd"}, "refers to another one elsewhere"),
    "elsewhere-by-http": ({"$ref": "http://127.0.0.1:1/s"}, "refers to another one elsewhere"),
    "division-by-zero": ({"type": "number", "multipleOf": 0}, "cannot be judged here"),
}


@pytest.mark.parametrize(("schema", "reason"), EVIL.values(), ids=EVIL)
def test_what_would_be_too_large_is_said(schema: Any, reason: str) -> None:
    began = time.process_time()
    with pytest.raises(TooMuch, match=reason) as much:
        satisfying(schema)
    assert "\n" not in str(much.value)
    with pytest.raises(TooMuch):
        violations(schema)
    # The bound is one of steps; this only shows that it is not far off.
    assert time.process_time() - began < 20


def test_what_is_just_small_enough_is_found() -> None:
    for schema in (
        {"type": "string", "minLength": LARGEST},
        {"type": "array", "minItems": 900, "items": {"type": "integer"}},
        {"type": "object", "minProperties": 3, "required": ["a"]},
        {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
        {"type": "string", "pattern": r"^/data/(\w+/)*[\w.]+$"},
        {"type": "object", "properties": {"x": {"type": "string", "minLength": 10**9}}},
        _nested(15),
        _multiplied(1),
    ):
        found = satisfying(schema)
        assert found is not NO_SAMPLE
        assert satisfies(found, schema)


def test_a_case_of_a_switch_is_bounded_as_well() -> None:
    cases = (SwitchCase((), regex="/^(a|b){1000000}$/"), SwitchCase((), regex="/(a+)+$/"))
    with pytest.raises(TooMuch):
        matching(cases, 0)
    with pytest.raises(TooMuch):
        matching(cases, 1)
    assert matching(cases[1:], 0) == "a"


@pytest.mark.parametrize(
    "path",
    ["$..*..*..*", "$.a[?(@.b =~ /(a+)+$/)]", "$.a[?match(@.b, '(a+)+$')]", "$[", "a" * 2000],
)
def test_a_path_that_cannot_be_followed_here(path: str) -> None:
    with pytest.raises(TooMuch):
        select(path, {"a": [{"b": "a" * 40 + "!"}]})


def planned(*types: JobType) -> Plan:
    """The plan for these job types."""
    site = facility_site(
        "v1", types, FacilityEnvironment({"ADMIN_GROUPS": "admin"}, (), JANITOR), ()
    )
    datasets = planned_datasets(types, site.settings, Cast())
    site = replace(site, datasets={each.alias: each for each in datasets})
    return make_plan(site, View(CURRENT), {}, Cast())


def test_a_plan_goes_on_with_the_rest() -> None:
    evil = JobType(
        "evil", "#all", "#all", (Validate({"jobParams.x": {"type": "array", "minItems": 10**8}}),)
    )
    switch = Switch(
        Phase.VALIDATE,
        "request.jobParams.y",
        (SwitchCase((Log(),), regex="/^(a|b){1000000}$/"), SwitchCase((Log(),))),
    )
    letters = Switch(
        Phase.PERFORM,
        "request.jobParams.z",
        (SwitchCase((Log(),), regex=r"/^\p{Script=Greek}+$/u"),),
    )
    plan = planned(
        evil,
        JobType("odd", "#all", "#all", (switch,)),
        JobType("letters", "#all", "#all", (letters,)),
        JobType("good", "#all", "#all"),
    )
    found = {each.request.job_type for each in plan.cases}
    assert {"evil", "good"} <= found
    reasons = {(each.job_type, each.name): each.reason for each in plan.beyond}
    assert "minItems 100000000 asks for more than 1,000" in reasons["evil", "as-configured"]
    assert any(job_type == "odd" and "pattern" in why for (job_type, _), why in reasons.items())
    # JavaScript knows this pattern and Python does not.
    assert r"/^\p{Script=Greek}+$/u cannot be judged here" in reasons["letters", "all"]
    assert all("\n" not in each for each in reasons.values())


def test_the_whole_is_bounded() -> None:
    schema = {"type": "array", "minItems": 900, "items": {"type": "string"}}
    guards = tuple(Validate({f"jobParams.p{number}": schema}) for number in range(150))
    plan = planned(JobType("large", "#all", "#all", guards))
    assert {each.reason.rpartition(": ")[2] for each in plan.beyond} == {
        "the whole plan takes more than 1,500,000 steps"
    }
    twice = planned(JobType("large", "#all", "#all", guards))
    assert [each.id for each in plan.beyond] == [each.id for each in twice.beyond]


def test_so_is_the_number_of_cases() -> None:
    types = [JobType(f"t{number}", f"@g{number}", "#all") for number in range(120)]
    plan = planned(*types)
    assert len(plan.cases) == 20_000
    assert {each.reason for each in plan.beyond} == {"the plan has 20,000 cases already"}
