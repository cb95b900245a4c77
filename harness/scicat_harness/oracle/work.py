"""Work: bounds on the cost of a judgement, in counted steps.

Schemas, patterns and paths come from configurations. Some would take almost for ever, by intent or
by mistake; such a case is not judged, and its reason says so. Steps are counted instead of seconds,
so that every run draws the line at the same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["TooMuch", "bounded", "spend"]


class TooMuch(Exception):
    """Something takes more steps or more space than allowed; the text is one line."""


class _Meter:
    def __init__(self, left: int, what: str, outer: _Meter | None) -> None:
        self.left = left
        self.outer = outer
        self._reason = f"{what} takes more than {left:,} steps"

    def spend(self, steps: int) -> None:
        # The inner bound first: its message is the more precise one.
        self.left -= steps
        if self.left < 0:
            raise TooMuch(self._reason)
        if self.outer is not None:
            self.outer.spend(steps)


# A context variable instead of a parameter: validators of libraries call back in between.
_METER: ContextVar[_Meter | None] = ContextVar("meter", default=None)


@contextmanager
def bounded(most: int, what: str) -> Iterator[None]:
    """Return a context in which TooMuch is raised after ``most`` steps.

    ``what`` is the subject of the message: "a pattern takes more than 50,000 steps". Steps count
    for enclosing contexts, too. A RecursionError inside becomes TooMuch.
    """
    token = _METER.set(_Meter(most, what, _METER.get()))
    try:
        yield
    except RecursionError:
        raise TooMuch(f"{what} is nested too deeply") from None
    finally:
        _METER.reset(token)


def spend(steps: int = 1) -> None:
    """Count steps; raise TooMuch if a bound is exceeded. Without a bound nothing is counted."""
    meter = _METER.get()
    if meter is not None:
        meter.spend(steps)
