"""Assertions on values that a scenario reads by itself; a difference fails the check."""

from __future__ import annotations

from scicat_harness.errors import EnvironmentFault
from scicat_harness.judge.check import NotVerifiable
from scicat_harness.judge.failure import CheckFailed, LogWindow

__all__ = ["must_equal", "must_not_be_logged"]


def must_equal(found: object, wanted: object, what: str) -> None:
    """Raise CheckFailed unless the value is as wanted; ``what`` names it in the message.

    must_equal(statuses, [200, 200], "the statuses of both updates")
    """
    if found != wanted:
        raise CheckFailed(f"{what} is {found!r} instead of {wanted!r}")


def must_not_be_logged(log: LogWindow, pattern: str, *, until: str, what: str) -> None:
    """Raise CheckFailed if a line of the pattern comes before a later one.

    ``until`` is the pattern of a line that a request after the judged one causes: without it nobody
    knows whether the log is complete. Raises NotVerifiable where the log cannot be read, and
    EnvironmentFault if the later line does not come.
    """
    if not log.starts:
        raise NotVerifiable("needs the log of the backend")
    if log.find(until) is None:
        raise EnvironmentFault(f"the log has no line with {until}, which a later request causes")
    must_equal(log.has(pattern), False, what)
