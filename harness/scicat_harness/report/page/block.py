"""Blocks: the pieces a case is shown in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["DetailBlock", "Look"]

_LONGEST = 12_000


class Look(StrEnum):
    """How a block is shown."""

    TEXT = "text"
    MAIL = "mail"
    """A document of somebody else's, in a frame that may do nothing."""


@dataclass(frozen=True, slots=True)
class DetailBlock:
    """A titled text. It may hold anything: what shows it escapes it."""

    title: str
    text: str
    look: Look = Look.TEXT

    @property
    def cut(self) -> str:
        """The text, short enough for a page."""
        more = len(self.text) - _LONGEST
        if more <= 0:
            return self.text
        return f"{self.text[:_LONGEST]}\n... ({more} more characters in the report folder)"
