"""Work: what a judgement may cost, counted in steps so that every run counts the same.

Schemas and patterns come from configurations. Some would keep a judge busy for ever, by intent or
by mistake; such a case is not judged, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["TooMuch", "bounded", "spend"]


class TooMuch(Exception):
    """Something takes more steps, or more room, than it may; the text says what in one line."""


class _Meter:
    def __init__(self, left: int, what: str, around: _Meter | None) -> None:
        self.left = left
        self.around = around
        self._reason = f"{what} takes more than {left:,} steps"

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise TooMuch(self._reason)
        if self.around is not None:
            self.around.spend(steps)


_METER: ContextVar[_Meter | None] = ContextVar("meter", default=None)


@contextmanager
def bounded(most: int, what: str) -> Iterator[None]:
    """Within this, TooMuch is raised after so many steps; they count for what is around, too."""
    token = _METER.set(_Meter(most, what, _METER.get()))
    try:
        yield
    except RecursionError:
        raise TooMuch(f"{what} is nested too deeply") from None
    finally:
        _METER.reset(token)


def spend(steps: int = 1) -> None:
    """Count steps."""
    meter = _METER.get()
    if meter is not None:
        meter.spend(steps)
