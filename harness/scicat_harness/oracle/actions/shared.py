"""Rules that several action types share.

Source: specification: actions.phases, actions.failures; observed v4.20.2.
"""

from __future__ import annotations

from typing import Any

from scicat_harness.model.action import Foreign
from scicat_harness.model.release import PERFORM_ERRORS_REPORTED, ReleaseRange
from scicat_harness.oracle.actions.result import (
    IGNORED,
    ActFacts,
    ActionResult,
    ActRule,
    failing,
)
from scicat_harness.oracle.rule import Reading, Rule

__all__ = ["BROKEN", "DONE", "IGNORED_FAILURE", "LATER", "SWALLOWED"]

_SOURCE = "specification: actions.phases"


def _done(facts: ActFacts[Any]) -> ActionResult:
    action = facts.action
    if not isinstance(action, Foreign):
        return ActionResult()
    return (
        failing(facts, action.fails) if action.fails is not None else ActionResult(action.effects)
    )


SWALLOWED: ActRule[Any] = Rule(
    "actions.perform.swallowed",
    "an error that is no HTTP error is swallowed: the next action runs",
    "observed v4.20.2",
    lambda f: f.fails is not None,
    lambda _: IGNORED,
    ReleaseRange(until=PERFORM_ERRORS_REPORTED),
    Reading.OBSERVED,
)
"""Before v4.25.0 a template that fails costs the effect of its action and nothing else."""

IGNORED_FAILURE: ActRule[Any] = Rule(
    "actions.perform.ignored",
    "ignoreErrors: a template that fails costs the effect and nothing else",
    "documentation: jobconfig.md",
    lambda f: f.fails is not None and f.action.ignore_errors,
    lambda _: IGNORED,
)

BROKEN: ActRule[Any] = Rule(
    "actions.perform.broken",
    "a template that fails fails the mail or call, though the job is stored",
    "observed v5.2.1",
    lambda f: f.fails is not None,
    lambda f: failing(f, f.fails or ""),
)

LATER: ActRule[Any] = Rule(
    "actions.validate.later",
    "mails, calls and messages have nothing to do before the job is stored",
    _SOURCE,
    lambda _: True,
    lambda _: ActionResult(),
)

DONE: ActRule[Any] = Rule(
    "actions.perform.done",
    "validate and error have nothing left to do; an action of a plugin does what its probe "
    "predicts",
    _SOURCE,
    lambda _: True,
    _done,
)
