"""Something a backend stumbles over when it starts."""

from __future__ import annotations

from dataclasses import dataclass

from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.finding import Edit, Place

__all__ = ["StartupError"]


@dataclass(frozen=True, slots=True)
class StartupError:
    """The rule that is broken, the words the backend dies with, and why it does.

    ``exact`` is false where only a library that is missing here knows the words.
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
    """A place outside of the configuration."""
