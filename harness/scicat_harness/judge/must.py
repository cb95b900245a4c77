"""Assertions on values that a scenario reads by itself; a difference fails the check."""

from __future__ import annotations

from scicat_harness.judge.failure import CheckFailed

__all__ = ["must_equal"]


def must_equal(found: object, wanted: object, what: str) -> None:
    """Raise CheckFailed unless the value is as wanted; ``what`` names it in the message.

    must_equal(statuses, [200, 200], "the statuses of both updates")
    """
    if found != wanted:
        raise CheckFailed(f"{what} is {found!r} instead of {wanted!r}")
