"""Every action type is known everywhere: docs/adding-an-action.md lists the places."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import BaseModel

from scicat_harness.embedded.actions.registry import _ACCEPTS
from scicat_harness.facility.reading import read_types
from scicat_harness.fixtures.effects import forms
from scicat_harness.lint.checks.keys import _OPTIONS
from scicat_harness.lint.checks.switches import _ACTS_IN
from scicat_harness.lint.release import ACTIONS
from scicat_harness.lint.starting.options import _GUARDS
from scicat_harness.model.action import Action, Foreign
from scicat_harness.oracle.actions.kinds import _RULES

KINDS = {str(each.kind) for each in get_args(Action) if each is not Foreign}
FORMS = {
    kind
    for form in vars(forms).values()
    if isinstance(form, type) and issubclass(form, BaseModel) and "action_type" in form.model_fields
    for kind in get_args(form.model_fields["action_type"].annotation)
}
_STRICT = {"log", "switch"}
"""Types whose unknown keys end the start, which another rule reports."""
_IN_BOTH = {"log", "switch"}
PLACES = {
    "the oracle": {str(getattr(each, "kind", "")) for each in _RULES if each is not Foreign},
    "the embedded backend": set(_ACCEPTS),
    "lint, action types": set(ACTIONS),
    "lint, options": set(_GUARDS),
    "lint, keys that are ignored": {*_OPTIONS, *_STRICT},
    "lint, phases in which a type acts": {*_ACTS_IN, *_IN_BOTH},
    "rows of scenarios": FORMS,
}


@pytest.mark.parametrize("place", PLACES)
def test_a_place_knows_every_action_type(place: str) -> None:
    assert PLACES[place] == KINDS


OPTIONS: dict[str, dict[str, Any]] = {
    "log": {},
    "email": {"to": "a@b.example", "subject": "s", "bodyTemplateFile": "mail.html"},
    "url": {"url": "http://a.example"},
    "rabbitmq": {"exchange": "e", "queue": "q", "key": "k"},
    "validate": {},
    "error": {"message": "no"},
    "switch": {"phase": "all", "property": "job.type", "cases": []},
}


def test_a_facility_may_have_every_action_type() -> None:
    actions = [{"actionType": kind, **options} for kind, options in OPTIONS.items()]
    job = {"jobType": "a", "create": {"auth": "#all", "actions": actions}, "update": {}}
    found = read_types({"configVersion": "1", "jobs": [job]}, "c.yaml", lambda *_: "")
    assert found.unknown == {}
    assert {each.kind for each in found.job_types[0].on_create} == KINDS
