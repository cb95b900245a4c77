"""Matchers for what a scenario reads by itself: a difference is a failed check, with its values."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.failure import CheckFailed

__all__ = ["must_answer", "must_contain", "must_equal"]


def must_equal(found: object, wanted: object, what: str) -> None:
    """``what`` is as wanted, or the check failed."""
    if found != wanted:
        raise CheckFailed(f"{what} is {found!r} instead of {wanted!r}")


def must_contain(found: Collection[object], wanted: Collection[object], what: str) -> None:
    """Everything wanted is among what was found, or the check failed."""
    missing = [each for each in wanted if each not in found]
    if missing:
        raise CheckFailed(f"{what} has {sorted(map(str, found))}, not {sorted(map(str, missing))}")


def must_answer(reply: Exchange, status: int, what: str) -> Any:
    """The document of a reply with this status, or the check failed."""
    if reply.status != status:
        raise CheckFailed(f"{what}: the reply is {reply.summary()} instead of status {status}")
    return reply.json
