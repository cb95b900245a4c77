"""Goals: every case once, every validation satisfied and violated, by values a request can have."""

from __future__ import annotations

import pytest

from scicat_harness.facility.acceptance import A_DATE
from scicat_harness.facility.goals import Goal, goals_of
from scicat_harness.facility.requests import Needs, needs_of
from scicat_harness.model.action import Action, Error, Log, Switch, SwitchCase, Validate
from scicat_harness.model.option import Phase
from scicat_harness.model.request import Operation
from scicat_harness.model.text import plain

CREATE, UPDATE = Operation.CREATE, Operation.UPDATE
GUARD = Validate({"jobParams.mode": {"enum": ["fast", "slow"]}, "jobParams.l[*].n": {"const": 5}})
STATUS = Switch(
    Phase.PERFORM,
    "job.statusCode",
    (
        SwitchCase.matching("done", Log()),
        SwitchCase((Validate({"jobResultObject.size": {"type": "number"}}),), regex="/^failed/"),
        SwitchCase((Log(),)),
    ),
)


def named(goals: list[Goal]) -> dict[str, Goal]:
    return {each.name: each for each in goals}


def asked(goal: Goal, operation: Operation) -> Needs:
    assert goal.reason == ""
    return needs_of(goal.assignments, operation, "archive")


def test_validations_are_satisfied_and_violated_path_by_path() -> None:
    goals = named(list(goals_of([GUARD, Log()], CREATE, {})))
    assert list(goals) == [
        "as-configured",
        "request-jobParams.mode-wrong",
        "request-jobParams.mode-missing",
        "request-jobParams.l[*].n-wrong",
        "request-jobParams.l[*].n-missing",
    ]
    assert asked(goals["as-configured"], CREATE).params == {"mode": "fast", "l": [{"n": 5}]}
    wrong = goals["request-jobParams.mode-wrong"]
    assert wrong.refused
    assert asked(wrong, CREATE).params == {"mode": "not-fast", "l": [{"n": 5}]}
    missing = goals["request-jobParams.l[*].n-missing"]
    assert asked(missing, CREATE).params == {"mode": "fast", "l": [{}]}


def test_every_case_of_a_switch_is_a_goal_with_the_validations_behind_it() -> None:
    goals = named(list(goals_of([STATUS], UPDATE, {})))
    assert list(goals)[:4] == [
        "as-configured",
        "switch-1-match-1",
        "switch-1-regex-2",
        "switch-1-default-3",
    ]
    assert asked(goals["switch-1-match-1"], UPDATE).status == "done"
    failed = asked(goals["switch-1-regex-2"], UPDATE)
    assert (failed.status, failed.result) == ("failed", {"size": 1})
    violated = goals["switch-1-regex-2-request-jobResultObject.size-wrong"]
    assert asked(violated, UPDATE).status == "failed"
    assert violated.chosen == ((STATUS, STATUS.cases[1]),)


def test_a_value_that_a_case_needs_serves_the_schema_of_its_path() -> None:
    chosen = Switch(Phase.VALIDATE, "request.jobParams.mode", (SwitchCase.matching("slow"),))
    refusing = SwitchCase((Error(plain("no")),))
    goals = named(
        list(goals_of([GUARD, chosen, Switch(Phase.ALL, "env.X", (refusing,))], CREATE, {}))
    )
    assert asked(goals["switch-2-match-1"], CREATE).params["mode"] == "slow"


def test_what_datasets_must_be_like_is_asked_of_creates_alone() -> None:
    lifecycle = Validate(datasets={"datasetlifecycle.archivable": {"const": True}})
    goals = named(list(goals_of([lifecycle], CREATE, {})))
    usual = asked(goals["as-configured"], CREATE)
    assert (usual.lists, usual.datasets) == (True, {"datasetlifecycle.archivable": True})
    wrong = goals["datasets-datasetlifecycle.archivable-wrong"]
    assert asked(wrong, CREATE).datasets == {"datasetlifecycle.archivable": False}
    assert list(named(list(goals_of([lifecycle], UPDATE, {})))) == ["as-configured"]


def test_the_first_status_of_a_job_can_be_chosen() -> None:
    goals = named(list(goals_of([STATUS], CREATE, {})))
    assert asked(goals["switch-1-match-1"], CREATE).params == {"jobStatusMessage": "done"}


@pytest.mark.parametrize("path", ["$..size", "jobParams.items[?(@.size>1)]", "$"])
def test_nothing_is_assigned_for_a_path_that_is_not_plain(path: str) -> None:
    """Whether a request leads to the case all the same is for the oracle to say."""
    switch = Switch(Phase.VALIDATE, path, (SwitchCase.matching("a"),))
    goal = list(goals_of([switch], CREATE, {}))[1]
    assert (goal.reason, goal.assignments) == ("", ())


def test_a_filter_for_equality_is_an_item_with_that_value() -> None:
    path = "request.jobParams.items[?(@.kind=='a')].size"
    switch = Switch(Phase.VALIDATE, path, (SwitchCase.matching(3),))
    goal = list(goals_of([switch], CREATE, {}))[1]
    assert asked(goal, CREATE).params == {"items": [{"kind": "a", "size": 3}]}


def test_a_variable_of_the_environment_is_what_it_is() -> None:
    cases = (SwitchCase((Log(),), regex="/^no/"), SwitchCase.matching("south", Log()))
    switch = Switch(Phase.VALIDATE, "env.FACILITY", cases)
    goals = named(list(goals_of([switch], CREATE, {"FACILITY": "north"})))
    assert goals["switch-1-regex-1"].reason == ""
    assert goals["switch-1-match-2"].reason == "env.FACILITY is 'north' in this environment"


def test_conditions_on_an_object_and_inside_it_are_met_together() -> None:
    """As in large configurations: a schema of the lifecycle, and a switch on a value in it."""
    lifecycle = {"type": "object", "properties": {"storageLocation": {"enum": ["", "A", "B"]}}}
    actions: list[Action] = [
        Validate(datasets={"datasetlifecycle.archivable": {"const": True}}),
        Validate(datasets={"datasetlifecycle": lifecycle}),
        Switch(
            Phase.PERFORM,
            "datasets[*].datasetlifecycle.storageLocation",
            (SwitchCase.matching("B", Log()), SwitchCase((Log(),))),
        ),
    ]
    goals = named(list(goals_of(actions, CREATE, {})))
    archivable, location = (
        f"datasetlifecycle.{name}" for name in ("archivable", "storageLocation")
    )
    assert asked(goals["switch-3-match-1"], CREATE).datasets == {archivable: True, location: "B"}
    assert asked(goals["switch-3-default-2"], CREATE).datasets == {archivable: True, location: ""}
    wrong = asked(goals["datasets-datasetlifecycle-wrong"], CREATE).datasets
    assert wrong[location] not in lifecycle["properties"]["storageLocation"]["enum"]  # type: ignore[index]


def test_what_the_backend_refuses_by_itself_is_said() -> None:
    goals = named(
        list(goals_of([Validate(datasets={"isPublished": {"type": "boolean"}})], CREATE, {}))
    )
    reason = goals["datasets-isPublished-wrong"].reason
    assert reason == (
        "the harness found no value of isPublished that would do and that the backend accepts"
    )


DATES = {
    "creationTime": {"type": "object"},
    "datasetlifecycle.dateOfPublishing": {},
    "datasetlifecycle": {"required": ["publishedOn"]},
}


def test_dates_that_every_dataset_has_are_not_chosen() -> None:
    goals = named(list(goals_of([Validate(datasets=DATES)], CREATE, {})))
    needs = asked(goals["as-configured"], CREATE)
    assert (needs.lists, needs.datasets) == (True, {})
    assert goals["datasets-creationTime-wrong"].reason == (
        "creationTime of a dataset is what the backend makes it"
    )


def test_a_date_that_a_request_chooses() -> None:
    actions = [Validate(datasets={"endTime": {"type": "object"}})]
    goals = named(list(goals_of(actions, CREATE, {})))
    assert asked(goals["as-configured"], CREATE).datasets == {"endTime": A_DATE}
    assert "is a date" in goals["datasets-endTime-wrong"].reason


def test_a_switch_on_a_date() -> None:
    cases = (SwitchCase.matching(None, Log()), SwitchCase((Log(),)))
    goals = named(list(goals_of([Switch(Phase.ALL, "datasets[*].endTime", cases)], CREATE, {})))
    # Without one the path selects nothing, which null matches; no value is assigned for that.
    assert asked(goals["switch-1-default-2"], CREATE).datasets == {"endTime": A_DATE}


@pytest.mark.parametrize(
    ("case", "count"),
    [(SwitchCase.matching(0, Log()), 0), (SwitchCase.matching(2, Log()), 2)],
)
def test_the_number_of_datasets(case: SwitchCase, count: int) -> None:
    goals = named(list(goals_of([Switch(Phase.ALL, "datasets.length", (case,))], CREATE, {})))
    needs = asked(goals["switch-1-match-1"], CREATE)
    assert (needs.count, needs.lists) == (count, count > 0)


def test_three_datasets_are_more_than_a_plan_lists() -> None:
    case = SwitchCase.matching(3, Log())
    goals = named(list(goals_of([Switch(Phase.ALL, "datasets.length", (case,))], CREATE, {})))
    assert "two datasets at most" in goals["switch-1-match-1"].reason


def test_every_property_of_an_object() -> None:
    units = {"scientificMetadata.*.unit": {"enum": ["keV"]}}
    goals = named(list(goals_of([Validate(datasets=units)], CREATE, {})))
    assert asked(goals["as-configured"], CREATE).datasets == {
        "scientificMetadata.harness.unit": "keV"
    }


def test_what_the_backend_asks_of_a_part_is_added() -> None:
    names = {"techniques[0].name": {"enum": ["MX", "SSX"]}}
    goals = named(list(goals_of([Validate(datasets=names)], CREATE, {})))
    (technique,) = asked(goals["as-configured"], CREATE).datasets["techniques"]
    assert technique["name"] == "MX"
    assert technique["pid"]


@pytest.mark.parametrize("path", ["$", "jobParams.*~"])
def test_a_path_that_no_value_is_chosen_for_restricts_no_other_goal(path: str) -> None:
    wanted = {path: {}, "jobParams.mode": {"const": "fast"}}
    goals = named(list(goals_of([Validate(request=wanted)], CREATE, {})))
    assert asked(goals["as-configured"], CREATE).params == {"mode": "fast"}
    assert goals["as-configured"].unchosen
    assert goals[f"request-{path}-wrong"].reason


def test_the_message_of_an_update() -> None:
    wanted = {"statusMessage": {"type": "string", "maxLength": 12}}
    goals = named(list(goals_of([Validate(request=wanted)], UPDATE, {})))
    assert len(asked(goals["as-configured"], UPDATE).message or "") in range(1, 13)
    assert len(asked(goals["request-statusMessage-wrong"], UPDATE).message or "") == 13


def test_values_that_a_schema_excludes_are_wrong_ones() -> None:
    wanted = {"statusCode": {"type": "string", "not": {"enum": ["jobSubmitted"]}}}
    goals = named(list(goals_of([Validate(request=wanted)], UPDATE, {})))
    assert asked(goals["request-statusCode-wrong"], UPDATE).status == "jobSubmitted"


def test_a_schema_that_contains_itself_has_a_value() -> None:
    step = {"type": "object", "required": ["n"], "properties": {"n": {"type": "string"}}}
    step["properties"] = {
        "n": {"type": "string"},
        "kids": {"type": "array", "items": {"$ref": "#/definitions/step"}},
    }
    schema = {
        "type": "object",
        "required": ["s"],
        "definitions": {"step": step},
        "properties": {"s": {"$ref": "#/definitions/step"}},
    }
    goals = named(list(goals_of([Validate({"jobParams": schema})], CREATE, {})))
    assert asked(goals["as-configured"], CREATE).params == {"s": {"n": "harness", "kids": []}}


def test_the_job_of_an_update_has_to_pass_the_create() -> None:
    created = [Validate({"jobParams.priority": {"type": "integer", "minimum": 5}})]
    cases = (SwitchCase.matching(7, Log()), SwitchCase.matching(3, Log()), SwitchCase((Log(),)))
    switch = Switch(Phase.PERFORM, "job.jobParams.priority", cases)
    goals = named(list(goals_of([switch], UPDATE, {}, created)))
    assert asked(goals["switch-1-match-1"], UPDATE).params == {"priority": 7}
    assert goals["switch-1-match-2"].reason
    other = asked(goals["switch-1-default-3"], UPDATE).params["priority"]
    assert isinstance(other, int)
    assert other >= 5
    assert other != 7


FAILED = "request.jobResultObject.targets[?(@.state == 'FAILED')].state"
LARGE = "datasets[?(@.size > 1000)].pid"


def test_a_filter_that_takes_a_value_and_one_that_takes_none() -> None:
    cases = (SwitchCase.matching("FAILED", Log()), SwitchCase((Log(),)))
    goals = named(list(goals_of([Switch(Phase.PERFORM, FAILED, cases)], UPDATE, {})))
    (failed,) = asked(goals["switch-1-match-1"], UPDATE).result["targets"]
    assert failed["state"] == "FAILED"
    (other,) = asked(goals["switch-1-default-2"], UPDATE).result["targets"]
    assert other["state"] != "FAILED"


def test_a_filter_by_a_number() -> None:
    cases = (SwitchCase((Log(),), schema={"type": "string"}), SwitchCase((Log(),)))
    goals = named(list(goals_of([Switch(Phase.ALL, LARGE, cases)], CREATE, {})))
    assert asked(goals["switch-1-schema-1"], CREATE).datasets["size"] > 1000
    assert asked(goals["switch-1-default-2"], CREATE).datasets["size"] <= 1000


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        ({"minimum": 2, "maximum": 4}, ["harness", "harness"]),
        ({"const": 0}, []),
    ],
)
def test_the_length_of_a_list(wanted: dict[str, int], value: list[str]) -> None:
    asking = {"jobParams.items": {"type": "array", "items": {"type": "string"}}}
    actions = [Validate(request={**asking, "jobParams.items.length": wanted})]
    goals = named(list(goals_of(actions, CREATE, {})))
    assert asked(goals["as-configured"], CREATE).params == {"items": value}
    wrong = asked(goals["request-jobParams.items.length-wrong"], CREATE).params["items"]
    assert len(wrong) != len(value)


def test_a_path_into_a_list_and_its_length() -> None:
    wanted = {
        "jobParams.items[*].name": {"type": "string"},
        "jobParams.items.length": {"const": 3},
    }
    goals = named(list(goals_of([Validate(request=wanted)], CREATE, {})))
    assert asked(goals["as-configured"], CREATE).params == {"items": [{"name": "harness"}] * 3}


@pytest.mark.parametrize("path", ["jobParams.items[-1:].name", "jobParams.items[0, 1].name"])
def test_a_slice_or_a_union_is_the_only_item(path: str) -> None:
    goals = named(list(goals_of([Validate(request={path: {"const": "a"}})], CREATE, {})))
    assert asked(goals["as-configured"], CREATE).params == {"items": [{"name": "a"}]}


def test_a_path_that_looks_everywhere_is_not_read_as_a_field() -> None:
    goals = named(list(goals_of([Validate(request={"$..email": {"const": "a"}})], CREATE, {})))
    assert "looks everywhere" in goals["as-configured"].unchosen


def test_a_value_that_is_equal_only_loosely() -> None:
    cases = (SwitchCase.matching("0", Log()), SwitchCase.matching(False, Log()))
    goals = named(list(goals_of([Switch(Phase.ALL, "request.jobParams.n", cases)], CREATE, {})))
    assert asked(goals["switch-1-match-2"], CREATE).params == {"n": ""}


def test_an_empty_status() -> None:
    cases = (SwitchCase.matching("", Log()),)
    goals = named(list(goals_of([Switch(Phase.ALL, "request.statusCode", cases)], UPDATE, {})))
    assert asked(goals["switch-1-match-1"], UPDATE).status == ""


def test_no_time_where_a_switch_asks_for_none() -> None:
    cases = (SwitchCase.matching(None, Log()), SwitchCase((Log(),)))
    goals = named(list(goals_of([Switch(Phase.ALL, "datasets[*].endTime", cases)], CREATE, {})))
    needs = asked(goals["switch-1-match-1"], CREATE)
    assert (needs.lists, needs.datasets) == (True, {})


@pytest.mark.parametrize(
    "path",
    ["request.jobParams.items.length", "datasets[*].endTime", "datasets[?(@.size > 1)].pid"],
)
def test_a_case_that_cannot_be_decided_is_said_and_does_not_end_the_plan(path: str) -> None:
    case = SwitchCase((Log(),), schema={"$ref": "elsewhere.json"})
    goals = named(list(goals_of([Switch(Phase.ALL, path, (case,))], CREATE, {})))
    assert "refers to another one elsewhere" in goals["switch-1-schema-1"].reason
