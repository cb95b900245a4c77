"""Running the actions of one operation: all validate before storing, each perform after.

See specification: actions.failures. Errors that are no HTTP failures are swallowed in validate and
become a 400 while performing. All actions validate at once: the first to refuse is told, which is
not always the first in the list (specification: actions.phases).
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

from scicat_harness.embedded.actions import ActionHandler, Context
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import HttpFailure, Thrown, rejection

__all__ = ["despite_denial", "despite_refusal", "perform_all", "perform_each", "validate_all"]

_UNAWAITED: set[asyncio.Task[None]] = set()


async def validate_all(actions: Sequence[ActionHandler], context: Context, defect: Defects) -> None:
    """Let every action validate; raise the rejection that comes first."""
    refusals: list[HttpFailure] = []
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
    """Let the actions perform one after another; the first failure stops the rest."""
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
    """Let actions perform one after another, inside a switch as well as outside."""
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
    """The actions that a broken backend performs for a request that it denies."""
    wanted = {
        "rabbitmq": defect("actions.rabbitmq.despite-denial"),
        "email": defect("actions.email.despite-denial"),
        "url": defect("actions.url.despite-denial"),
        "log": defect("actions.log.despite-denial"),
    }
    return [action for action in actions if wanted.get(action.kind)]


def despite_refusal(actions: Sequence[ActionHandler], defect: Defects) -> list[ActionHandler]:
    """The actions that a broken backend performs for a request that an action refuses."""
    wanted = {
        "rabbitmq": defect("actions.rabbitmq.despite-refusal"),
        "email": defect("actions.email.despite-refusal"),
        "url": defect("actions.url.despite-refusal"),
    }
    return [action for action in actions if wanted.get(action.kind)]
