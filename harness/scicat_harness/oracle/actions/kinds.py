"""The rules of all action types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scicat_harness.model.action import (
    Action,
    Email,
    Error,
    Foreign,
    Log,
    Rabbitmq,
    Switch,
    Url,
    Validate,
)
from scicat_harness.oracle.actions.email import EMAIL
from scicat_harness.oracle.actions.error import ERROR
from scicat_harness.oracle.actions.log import LOG
from scicat_harness.oracle.actions.plugin import PLUGIN
from scicat_harness.oracle.actions.rabbitmq import RABBITMQ
from scicat_harness.oracle.actions.result import ActionRules
from scicat_harness.oracle.actions.switch import SWITCH
from scicat_harness.oracle.actions.url import URL
from scicat_harness.oracle.actions.validate import VALIDATE

__all__ = ["ACTION_TABLES", "rules_of"]

_RULES: Mapping[type[Action], ActionRules[Any]] = {
    Log: LOG,
    Validate: VALIDATE,
    Error: ERROR,
    Email: EMAIL,
    Url: URL,
    Rabbitmq: RABBITMQ,
    Switch: SWITCH,
    Foreign: PLUGIN,
}

# A switch has one table for both phases.
ACTION_TABLES = tuple(
    dict.fromkeys(table for each in _RULES.values() for table in (each.validating, each.performing))
)
"""The rule tables of all action types, each once."""


def rules_of(action: Action) -> ActionRules[Any]:
    """Return the rules of the type of an action."""
    return _RULES[type(action)]
