"""The phases of the actions of one operation: validate before the job is stored, perform after.

See specification: actions.phases, actions.failures. An error that is no HTTP error is swallowed
while validating and becomes 400 while performing. All actions validate side by side, and the reply
is the earliest refusal, which is not always that of the first action in the list.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

from scicat_harness.embedded.actions import ActionHandler, Context
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import HttpFailure, Thrown, rejection

__all__ = ["despite_denial", "despite_refusal", "perform_all", "perform_each", "validate_all"]

# The event loop holds its tasks weakly; without this one could vanish before it ends.
_UNAWAITED: set[asyncio.Task[None]] = set()


async def validate_all(actions: Sequence[ActionHandler], context: Context, defect: Defects) -> None:
    """Let all actions validate; raise the earliest refusal.

    Raises HttpFailure: of several refusals the one with the smallest delay.
    """
    refusals: list[HttpFailure] = []
    # One after the other, so that log lines keep the listed order; an action behind one that
    # refuses still validates, as it does in the real backend.
    for action in actions:
        try:
            await action.validate(context)
        except HttpFailure as failure:
            refusals.append(failure)
        except Thrown as thrown:
            if defect("actions.broken-guard-refuses"):
                raise rejection(thrown.shown) from None
    if refusals:
        raise min(refusals, key=lambda failure: failure.delay)


async def perform_all(actions: Sequence[ActionHandler], context: Context, defect: Defects) -> None:
    """Let the actions of an operation perform in order; the first failure stops the rest.

    Raises HttpFailure; what the actions before the failure did is not undone.
    """
    if context.operation == "update" and defect("actions.update-performs-nothing"):
        return
    ordered = reversed(actions) if defect("actions.order-reversed") else actions
    if defect("actions.perform-not-awaited"):
        task = asyncio.create_task(_unobserved(ordered, context, defect))
        _UNAWAITED.add(task)
        task.add_done_callback(_UNAWAITED.discard)
        return
    await perform_each(ordered, context, defect)


async def _unobserved(actions: Iterable[ActionHandler], context: Context, defect: Defects) -> None:
    with suppress(HttpFailure):
        await perform_each(actions, context, defect)


async def perform_each(actions: Iterable[ActionHandler], context: Context, defect: Defects) -> None:
    """Let actions perform in order; used for the actions inside a switch, too.

    Raises HttpFailure. Thrown becomes 400 ``Invalid job input. Job 'TYPE' unable to perform
    action 'ACTION' due to NAME: TEXT``.
    """
    first: HttpFailure | None = None
    for action in actions:
        try:
            await action.perform(context)
        except Thrown as thrown:
            failure = rejection(
                f"Invalid job input. Job '{context.job_type}' unable to perform action"
                f" '{action.kind}' due to {thrown.shown}"
            )
        except HttpFailure as http:
            failure = http
        else:
            continue
        if not defect("actions.later-run-after-failure"):
            raise failure
        first = first or failure
    if first is not None:
        raise first


def despite_denial(actions: Sequence[ActionHandler], defect: Defects) -> list[ActionHandler]:
    """Return the actions that the selected defect performs for a request that is denied."""
    wanted = {
        "rabbitmq": defect("actions.rabbitmq.despite-denial"),
        "email": defect("actions.email.despite-denial"),
        "url": defect("actions.url.despite-denial"),
        "log": defect("actions.log.despite-denial"),
    }
    return [action for action in actions if wanted.get(action.kind)]


def despite_refusal(actions: Sequence[ActionHandler], defect: Defects) -> list[ActionHandler]:
    """Return the actions that the selected defect performs despite the refusal of an action."""
    wanted = {
        "rabbitmq": defect("actions.rabbitmq.despite-refusal"),
        "email": defect("actions.email.despite-refusal"),
        "url": defect("actions.url.despite-refusal"),
    }
    return [action for action in actions if wanted.get(action.kind)]
