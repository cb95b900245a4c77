"""Rules of the perform phase that only older releases have; they come before all others.

Before v4.25.0 errors that are no HTTP errors are swallowed, before v4.26.0 ``ignoreErrors`` of a
call covers the remote status alone. Source: specification: actions.failures; backend pull requests
2271 and 2281.
"""

from __future__ import annotations

from scicat_harness.model.action import BrokerBehaviour, Rabbitmq, Url
from scicat_harness.model.release import CALL_ERRORS_IGNORED, PERFORM_ERRORS_REPORTED, ReleaseRange
from scicat_harness.oracle.action_result import ActionResult, ActRule
from scicat_harness.oracle.calling import (
    address_fails,
    broken_text,
    call_fails,
    call_refused,
    called_in_vain,
    line_fails,
    terse_refusal,
    unreachable,
)
from scicat_harness.oracle.rule import Reading

__all__ = ["EARLIER", "IGNORED"]

# Notable: the failure decides the outcome, although there is no reply.
IGNORED = ActionResult(notable=True)
"""The result of a failure without consequences: no effect, no error, the next action runs."""

EARLIER: tuple[ActRule, ...] = (
    # Templates first, because a broken one prevents the call and the mail altogether.
    ActRule(
        "actions.perform.swallowed",
        "an error that is no HTTP error is swallowed: the next action runs",
        "observed v4.20.2",
        lambda f: line_fails(f) or f.broken is not None or address_fails(f),
        lambda _: IGNORED,
        ReleaseRange(until=PERFORM_ERRORS_REPORTED),
        Reading.OBSERVED,
    ),
    ActRule(
        "actions.perform.url.swallowed",
        "a call without an answer changes nothing: the next action runs",
        "observed v4.20.2",
        call_fails,
        called_in_vain,
        ReleaseRange(until=PERFORM_ERRORS_REPORTED),
        Reading.OBSERVED,
    ),
    ActRule(
        "actions.perform.rabbitmq.swallowed",
        "once the broker has closed its connection, a backend loses every message without an error",
        "observed v4.20.2",
        lambda f: isinstance(f.action, Rabbitmq) and f.action.broker is BrokerBehaviour.CLOSED,
        lambda _: IGNORED,
        ReleaseRange(until=PERFORM_ERRORS_REPORTED),
        Reading.OBSERVED,
    ),
    # Reached by v4.25.x only: before, the rules above swallow the error in any case.
    ActRule(
        "actions.perform.url.broken-not-ignored",
        "ignoreErrors covers the remote status alone: a template that fails fails the action",
        "observed v4.25.1",
        lambda f: isinstance(f.action, Url) and f.broken is not None and f.ignores_errors,
        broken_text,
        ReleaseRange(until=CALL_ERRORS_IGNORED),
        Reading.OBSERVED,
    ),
    ActRule(
        "actions.perform.url.unreachable-not-ignored",
        "ignoreErrors covers the remote status alone: a call without an answer fails",
        "observed v4.25.1",
        lambda f: call_fails(f) and f.ignores_errors,
        unreachable,
        ReleaseRange(until=CALL_ERRORS_IGNORED),
        Reading.OBSERVED,
    ),
    # Before v4.25.0 the text is ``Got response: BODY`` (specification: action.url).
    ActRule(
        "actions.perform.url.refused-tersely",
        "a remote refusal is handed to the client with its status, though the job is stored",
        "observed v4.20.2",
        call_refused,
        terse_refusal,
        ReleaseRange(until=PERFORM_ERRORS_REPORTED),
        Reading.OBSERVED,
    ),
)
