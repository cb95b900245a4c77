"""Stories: the failure text of a check, taken apart again (judge.failure wrote it)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Part", "parts_of"]

_NAMES = "expected|effect|observed|differs|timeline|received|body|backend log|curl|replay"
_BEGIN = re.compile(rf"^  ({_NAMES})\b ?(\(\d+ lines\))?\s*(.*)$")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a story; ``name`` is "" for what stands before the first name."""

    name: str
    text: str


def parts_of(story: str) -> list[Part]:
    """The pieces in order, nothing left out; neighbours of one name are one piece."""
    parts: list[Part] = []
    for name, lines in _pieces(story):
        text = "\n".join(lines).strip("\n")
        if parts and parts[-1].name == name:
            parts[-1] = Part(name, f"{parts[-1].text}\n{text}")
        elif text:
            parts.append(Part(name, text))
    return parts


def _pieces(story: str) -> Iterator[tuple[str, list[str]]]:
    name, lines = "", list[str]()
    for line in story.splitlines():
        found = _BEGIN.match(line)
        if found is None:
            lines.append(_outdented(line) if name else line)
            continue
        yield name, lines
        name, lines = found[1], [found[3]] if found[3] else []
    yield name, lines


def _outdented(line: str) -> str:
    """Without the indentation that says to which name a line belongs."""
    return re.sub(r"^ {4}(?: {8})?", "", line)
