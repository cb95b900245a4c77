"""Blocks: titled texts in the details of a case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["DetailBlock", "Look"]

_LONGEST = 12_000
"""Characters of a block; a page may have the details of a thousand checks."""


class Look(StrEnum):
    """The presentation of a block."""

    TEXT = "text"
    MAIL = "mail"
    """An HTML document of unknown origin, shown in a frame without any rights."""


@dataclass(frozen=True, slots=True)
class DetailBlock:
    """A titled text with any content; templates and script escape it."""

    title: str
    text: str
    look: Look = Look.TEXT

    @property
    def cut(self) -> str:
        """The text, cut to a length that a page can show."""
        more = len(self.text) - _LONGEST
        if more <= 0:
            return self.text
        return f"{self.text[:_LONGEST]}\n... ({more} more characters in the report folder)"
