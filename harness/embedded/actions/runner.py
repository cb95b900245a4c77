"""Running the actions of one operation: all validate before storing, each perform after.

Reads sections 7.1 and 7.3. Errors that are no HTTP failures are swallowed while validating and
become a 400 while performing. On create a ``validate`` action rejects later than others (S39).
"""

from collections.abc import Sequence

from harness.embedded.actions import Action, Context
from harness.embedded.failures import Failure, rejection
from harness.embedded.templates import TemplateFailure

__all__ = ["perform_all", "validate_all"]


async def validate_all(actions: Sequence[Action], context: Context) -> None:
    """Let every action validate; raise the rejection that comes first."""
    early: list[Failure] = []
    late: list[Failure] = []
    for action in actions:
        try:
            await action.validate(context)
        except Failure as failure:
            is_late = context.operation == "create" and action.kind == "validate"
            (late if is_late else early).append(failure)
        except TemplateFailure:
            continue
    rejections = [*early, *late]
    if rejections:
        raise rejections[0]


async def perform_all(actions: Sequence[Action], context: Context) -> None:
    """Let the actions perform one after another; the first failure stops the rest."""
    for action in actions:
        try:
            await action.perform(context)
        except TemplateFailure as failure:
            raise rejection(
                f"Invalid job input. Job '{context.job_type}' unable to perform action"
                f" '{action.kind}' due to Error: {failure}"
            ) from None
