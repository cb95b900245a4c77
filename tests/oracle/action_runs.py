"""Runs of actions by the oracle, for its tests."""

from __future__ import annotations

from typing import Any

from scicat_harness.model.action import (
    Action,
    Email,
    Error,
    Log,
    Rabbitmq,
    Switch,
    SwitchCase,
    Url,
    Validate,
)
from scicat_harness.model.option import Phase
from scicat_harness.model.release import CURRENT
from scicat_harness.model.remote import Target
from scicat_harness.model.request import Operation
from scicat_harness.model.text import Text, plain
from scicat_harness.oracle.actions.context import ActionContext
from scicat_harness.oracle.actions.run import ActionRun, run_actions
from scicat_harness.oracle.rule import Reading, View

OBSERVED, DOCUMENTED = (View(CURRENT, reading) for reading in Reading)
BROKEN = Text("{{nosuch 1}}", fails="Error: no such helper")
SAYS = Log(validate=plain("checking"), perform=plain("doing"))
REFUSES = Error(plain("not today"), 418)
UNSATISFIED = Validate(request={"jobParams.word": {"const": "other"}})
MAIL = Email(plain("a@x.example"), plain("subject"), plain("body"))
CALL = Url(plain("/done"))
MESSAGE = Rabbitmq("exchange", "queue", "key")
REMOTE_FAILURE = Url(plain("/status/503/"), target=Target(503, "busy"))
DEFAULT = SwitchCase((SAYS,))


def context(
    operation: Operation = Operation.CREATE, *, turn: int = 0, **params: Any
) -> ActionContext:
    """An operation whose request has these parameters."""
    request = {"type": "archive", "jobParams": {"word": "this", "some": [1, 1], **params}}
    job = {"statusCode": "jobSubmitted"} if operation is Operation.UPDATE else None
    return ActionContext(operation, "archive", request, job, (), (MESSAGE,), turn)


def played(*actions: Action, view: View = OBSERVED, at: ActionContext | None = None) -> ActionRun:
    """What comes of these actions."""
    return run_actions(
        actions, at or context(), view, lambda before: before.stored({"type": "archive"})
    )


def seen(made: ActionRun) -> list[str]:
    """The channels of the effects, in order, or the texts of lines."""
    return [
        str(each.content["text"]) if each.channel == "log" else str(each.channel)
        for each in made.effects
    ]


def reply_of(made: ActionRun) -> tuple[int, str | None] | None:
    """Status and message pattern of the reply, None for success."""
    return None if made.reply is None else (made.reply.status, made.reply.message)


def choosing(
    *cases: SwitchCase, path: str = "request.jobParams.word", phase: Phase = Phase.ALL
) -> Switch:
    """A switch over a parameter of the request."""
    return Switch(phase, path, cases)
