"""Options of actions: the phases in which they count, and the texts that are templates.

Source: specification: actions.phases; documentation page jobconfig.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from scicat_harness.model.text import Text

__all__ = ["FileOf", "Phase", "Template", "entry_of", "sources"]

FileOf = Callable[[str], str]
"""Returns the name of the file that holds a mail body."""


class Phase(StrEnum):
    """The part of an operation in which an action runs; ``ALL`` is for switches only.

    ``validate`` runs before the job is stored or changed, ``perform`` after it (specification:
    actions.phases).
    """

    VALIDATE = "validate"
    PERFORM = "perform"
    ALL = "all"


class Template(NamedTuple):
    """A text that the backend renders: its place in words, such as ``mail, body``, and its phase.

    ``phase`` is VALIDATE or PERFORM.
    """

    place: str
    text: Text
    phase: Phase

    @property
    def source(self) -> str:
        """The template itself."""
        return self.text.template


def sources(**texts: Text | None) -> dict[str, Any]:
    """Return the templates of texts by the names of their options; None for an absent one."""
    return {name: None if text is None else text.template for name, text in texts.items()}


# Options have the names of v4.17.1 and later: before, the phase of a switch was ``scope`` and
# ``perform`` of log was ``performJob``. The oldest observed release is v4.20.2.
def entry_of(kind: str, made: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action of a job configuration, without the options that are None."""
    # None means that the option is not configured; null in the file would be a value.
    present = {key: value for key, value in made.items() if value is not None}
    return {"actionType": kind, **present}
