"""Assertions on values that a scenario reads by itself; a difference fails the check."""

from __future__ import annotations

from scicat_harness.judge.failure import CheckFailed, LogWindow

__all__ = ["must_equal", "must_not_be_logged"]


def must_equal(found: object, wanted: object, what: str) -> None:
    """Raise CheckFailed unless the value is as wanted; ``what`` names it in the message.

    must_equal(statuses, [200, 200], "the statuses of both updates")
    """
    if found != wanted:
        raise CheckFailed(f"{what} is {found!r} instead of {wanted!r}")


def must_not_be_logged(log: LogWindow, pattern: str, *, until: str, what: str) -> None:
    """Raise CheckFailed if a line of the pattern comes before a later one, which must come.

    ``until`` is the pattern of a line that a request after the judged one causes: without it nobody
    knows whether the log is complete. A backend whose log cannot be read passes.
    """
    if not log.starts:
        return
    if log.find(until) is None:
        raise CheckFailed(f"the log has no line like {until}, which a later request causes")
    must_equal(log.find(pattern, 0.0) is None, True, what)
