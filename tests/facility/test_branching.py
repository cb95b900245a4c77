"""Branches of templates: each is rendered by some case, or named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scicat_harness.facility.branching import Entered
from scicat_harness.facility.plan import Plan
from scicat_harness.facility.planning import make_plan
from scicat_harness.facility.shapes import planned_datasets
from scicat_harness.facility.site import Cast, FacilityEnvironment, facility_site
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.javascript import JavaScriptEngine, Missing, find_engine
from scicat_harness.model.action import Log, Switch, SwitchCase
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.option import Phase
from scicat_harness.model.release import CURRENT
from scicat_harness.model.text import Text
from scicat_harness.oracle.rule import View


@pytest.fixture(scope="module")
def engine() -> Iterator[JavaScriptEngine]:
    """The engine of this machine; skips where there is none."""
    found = find_engine()
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    with found:
        yield found


def planned(engine: JavaScriptEngine, *types: JobType, env: dict[str, str] | None = None) -> Plan:
    environment = FacilityEnvironment(env or {"ADMIN_GROUPS": "admin"}, (), JANITOR)
    site = facility_site("1", types, environment, ())
    datasets = planned_datasets(types, site.settings, Cast())
    site = replace(site, datasets={each.alias: each for each in datasets})
    return make_plan(site, View(CURRENT), {}, Cast(), Entered(engine))


def names(plan: Plan) -> list[str]:
    return [each.id for each in plan.cases if "-template-" in each.id]


def updating(template: str) -> JobType:
    regex = SwitchCase((Log(perform=Text(template)),), regex="/^finished/")
    switch = Switch(Phase.PERFORM, "job.statusCode", (regex, SwitchCase((Log(),))))
    return JobType("archive", "#authenticated", "#jobOwnerUser", (), (switch,))


def creating(template: str, name: str = "archive") -> JobType:
    return JobType(name, "#all", "#all", (Log(perform=Text(template)),))


def test_both_sides_of_a_condition_inside_a_case(engine: JavaScriptEngine) -> None:
    plan = planned(
        engine, updating('{{#if (eq job.statusCode "finishedWell")}}ok{{else}}no{{/if}}')
    )
    assert names(plan) == ["update-archive-actions-switch-1-regex-1-template-line-1-then-0"]
    case = next(each for each in plan.cases if "-template-" in each.id)
    assert getattr(case.request, "status", None) == "finishedWell"
    assert plan.unrendered == []


def test_a_condition_that_is_never_true_is_named(engine: JavaScriptEngine) -> None:
    plan = planned(engine, updating('{{#if (eq job.statusCode "jobSubmitted")}}ok{{/if}}'))
    assert plan.unrendered == [
        'archive, update, log: line 1: {{#if (eq job.statusCode "jobSubmitted")}}'
    ]


@pytest.mark.parametrize(
    "test",
    [
        'eq job.jobParams.way "fast"',
        'matches job.jobParams.way "^fa"',
        'and job.jobParams.way (not (eq job.jobParams.to "x"))',
        'or (eq job.jobParams.way "a") (eq job.jobParams.way "b")',
        "not job.jobParams.way",
    ],
)
def test_conditions_are_met_and_not_met(test: str, engine: JavaScriptEngine) -> None:
    plan = planned(engine, creating(f"{{{{#if ({test})}}}}a{{{{else}}}}b{{{{/if}}}}"))
    assert len(names(plan)) == 1
    assert plan.unrendered == []


def test_loops_and_inline_partials(engine: JavaScriptEngine) -> None:
    template = (
        "{{#*inline 'row'}}{{#if job.jobParams.big}}B{{/if}}{{/inline}}"
        "{{#if job.jobParams.rows}}{{#each job.jobParams.list}}x{{/each}}{{> row}}{{/if}}"
    )
    assert planned(engine, creating(template)).unrendered == []


def test_a_template_of_several_job_types_is_tried_by_the_right_one(
    engine: JavaScriptEngine,
) -> None:
    template = '{{#if (eq job.type "public")}}{{#if job.jobParams.open}}a{{/if}}{{/if}}'
    plan = planned(engine, creating(template), creating(template, "public"))
    assert all("-public-" in each for each in names(plan))
    assert plan.unrendered == []


def test_the_environment_decides_by_itself(engine: JavaScriptEngine) -> None:
    plan = planned(engine, creating("{{#if env.SITE}}a{{else}}b{{/if}}"), env={"SITE": "north"})
    assert names(plan) == []
    assert plan.unrendered == ["archive, create, log: line 1: else of {{#if env.SITE}}"]


def test_a_branch_that_only_a_case_of_authorization_renders_is_not_named(
    engine: JavaScriptEngine,
) -> None:
    log = Log(perform=Text("{{#if job.ownerUser}}of a user{{else}}of nobody{{/if}}"))
    switch = Switch(Phase.PERFORM, "job.type", (SwitchCase.matching("archive", log),))
    plan = planned(engine, JobType("archive", "#all", "#all", (switch,)))
    assert plan.unrendered == []


@pytest.mark.parametrize(
    "test",
    [
        '(matches job.jobParams.a "^AB" "i")',
        '(eq (default job.jobParams.a "z") "k")',
        '(eq (default job.jobParams.a "z") "z")',
        '(eq (lookup job.jobParams "a") "v")',
        "(eq job.jobParams.a job.jobParams.b)",
        '(and (eq job.jobParams.a "x") (not job.jobParams.b))',
    ],
)
def test_both_sides_of_a_test_by_helpers(engine: JavaScriptEngine, test: str) -> None:
    plan = planned(engine, creating(f"{{{{#if {test}}}}}yes{{{{else}}}}no{{{{/if}}}}"))
    assert plan.unrendered == []


@pytest.mark.parametrize(
    "loop",
    [
        '{{#each job.jobParams.l}}{{#if (eq kind "a")}}A{{else}}B{{/if}}{{/each}}',
        '{{#each job.jobParams.l as |x|}}{{#if (eq x.kind "a")}}A{{else}}B{{/if}}{{/each}}',
        '{{#each job.jobParams.l}}{{#if (eq this "a")}}A{{else}}B{{/if}}{{/each}}',
    ],
)
def test_items_of_a_loop_that_are_compared(engine: JavaScriptEngine, loop: str) -> None:
    assert planned(engine, creating(loop)).unrendered == []
