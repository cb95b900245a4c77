"""The part of a plan that the facility file allows on a running instance.

The identities are people of the file, and only listed job types are triggered (docs/facility.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scicat_harness.errors import UsageFault
from scicat_harness.facility.file import Instance
from scicat_harness.facility.site import Cast
from scicat_harness.model.action import unfolded
from scicat_harness.model.identity import Identity
from scicat_harness.model.jobtype import JobType

__all__ = ["not_allowed", "owner_and_sharer"]


def owner_and_sharer(people: Sequence[Identity], janitor: str, path: Path) -> Cast:
    """Return a cast from the people of an instance.

    The first one in a group, apart from the janitor, owns everything; the group of the next one
    has access. Raises UsageFault if there is none; ``path`` is the facility file.
    """
    # The janitor has rights of its own, which would hide that a plain user lacks them.
    plain = [each for each in people if each.groups and each.name != janitor]
    if not plain:
        raise UsageFault(
            f"{path}: instance.people: only the janitor is in a group; add somebody else who is"
        )
    others = [each.groups[0] for each in plain[1:] if each.groups[0] not in plain[0].groups]
    return Cast(plain[0], sharers=others[0]) if others else Cast(plain[0])


def not_allowed(
    types: Sequence[JobType], instance: Instance, path: Path
) -> Iterator[tuple[str, str]]:
    """Yield the job types that must not be triggered, each with the reason.

    One whose actions reach other systems must be listed under ``may_reach``, too.
    """
    for each in types:
        # A log action stays in the backend; one of a plugin may do anything.
        outward = sorted(
            {action.kind for action in unfolded(each.actions) if action.reaches_others}
        )
        if each.name not in instance.job_types:
            yield each.name, f"not among instance.job_types of {path.name}"
        elif outward and each.name not in instance.may_reach:
            yield (
                each.name,
                f"its {', '.join(outward)} actions reach others; name it in instance.may_reach of "
                f"{path.name} if they may",
            )
