"""A startup error: the reason why a backend does not start with a job configuration."""

from __future__ import annotations

from dataclasses import dataclass

from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.finding import Edit, Place

__all__ = ["StartupError"]


@dataclass(frozen=True, slots=True)
class StartupError:
    """A predicted startup error.

    ``message`` is the one with which the backend ends, ``why`` the reason in our words. ``exact``
    is false if the message comes from a library that is missing here. ``key`` puts the place on
    the key of ``path`` instead of its value.
    """

    rule: str
    message: str
    why: str
    path: KeyPath = ()
    about: str = ""
    key: bool = False
    exact: bool = True
    fix: str = ""
    edits: tuple[Edit, ...] = ()
    place: Place | None = None
    """The place, if it is in another file than the job configuration."""
