"""Actions: how they stand in a job configuration, and what is found inside of switches."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.model.action import (
    Action,
    Email,
    Error,
    Foreign,
    Log,
    Rabbitmq,
    Switch,
    SwitchCase,
    Url,
    Validate,
    bindings_of,
    unfolded,
)
from scicat_harness.model.option import Phase
from scicat_harness.model.remote import BrokerBehaviour, MailServer, Target
from scicat_harness.model.text import Text, plain

A, B = plain("{{a}}"), Text("{{b}}", "means")
MESSAGE = Rabbitmq("x", "q", "k", BrokerBehaviour.CONFLICT)
ROWS: list[tuple[Action, dict[str, Any]]] = [
    (Log(), {"actionType": "log"}),
    (
        Log(validate=A, perform=B, init="i"),
        {"actionType": "log", "init": "i", "validate": "{{a}}", "perform": "{{b}}"},
    ),
    (Log(perform=plain("")), {"actionType": "log", "perform": ""}),
    (
        Email(A, B, Text("body"), "me@x.example", False, MailServer.REFUSES),
        {
            "actionType": "email",
            "to": "{{a}}",
            "subject": "{{b}}",
            "bodyTemplateFile": "file of body",
            "from": "me@x.example",
            "ignoreErrors": False,
        },
    ),
    (Foreign("kafka", {"topic": "{{a}}"}), {"actionType": "kafka", "topic": "{{a}}"}),
    (Url(A), {"actionType": "url", "url": "{{a}}"}),
    (
        Url(A, "POST", {"X-B": B}, plain("body"), True, Target(500)),
        {
            "actionType": "url",
            "url": "{{a}}",
            "method": "POST",
            "headers": {"X-B": "{{b}}"},
            "body": "body",
            "ignoreErrors": True,
        },
    ),
    (MESSAGE, {"actionType": "rabbitmq", "exchange": "x", "queue": "q", "key": "k"}),
    (Validate(), {"actionType": "validate"}),
    (
        Validate({"a": {}}, {"b": {"type": "string"}}),
        {"actionType": "validate", "request": {"a": {}}, "datasets": {"b": {"type": "string"}}},
    ),
    (Error(A), {"actionType": "error", "message": "{{a}}"}),
    (Error(A, 418), {"actionType": "error", "message": "{{a}}", "status": 418}),
]


@pytest.mark.parametrize(("action", "expected"), ROWS)
def test_an_action_in_a_job_configuration(action: Action, expected: dict[str, Any]) -> None:
    assert action.entry(lambda body: f"file of {body}") == expected


CASES: list[tuple[SwitchCase, dict[str, Any]]] = [
    (SwitchCase.matching("a", Log()), {"match": "a"}),
    (SwitchCase.matching(None, Log()), {"match": None}),
    (SwitchCase.matching(False, Log()), {"match": False}),
    (SwitchCase((Log(),), regex="/a/"), {"regex": "/a/"}),
    (SwitchCase((Log(),), schema={}), {"schema": {}}),
    (SwitchCase((Log(),)), {}),
]


@pytest.mark.parametrize(("case", "expected"), CASES)
def test_a_case_in_a_job_configuration(case: SwitchCase, expected: dict[str, Any]) -> None:
    made = Switch(Phase.ALL, "a.b", (case,)).entry(str)
    assert made == {
        "actionType": "switch",
        "phase": "all",
        "property": "a.b",
        "cases": [{**expected, "actions": [{"actionType": "log"}]}],
    }


@pytest.mark.parametrize(("case", "expected"), CASES)
def test_only_a_case_without_a_condition_is_the_default(
    case: SwitchCase, expected: dict[str, Any]
) -> None:
    assert case.is_default is (not expected)


def test_what_is_inside_of_switches_is_found_in_order() -> None:
    inner = Switch(Phase.ALL, "b", (SwitchCase((MESSAGE,)),))
    outer = Switch(Phase.ALL, "a", (SwitchCase((inner, Error(A))), SwitchCase((Log(),))))
    assert unfolded([Log(init="i"), outer]) == [
        *(Log(init="i"), outer, inner, MESSAGE, Error(A), Log()),
    ]
    assert bindings_of([outer, MESSAGE]) == [MESSAGE, MESSAGE]


@pytest.mark.parametrize(
    ("target", "succeeds"),
    [
        (Target(), True),
        (Target(204), True),
        (Target(299), True),
        (Target(300), False),
        (Target(199), False),
        (Target(failure="x"), False),
    ],
)
def test_a_remote_succeeds_with_a_status_of_success(target: Target, succeeds: bool) -> None:
    assert target.succeeds is succeeds
