"""Texts: a template for the backend beside what it must render to, written by hand.

Nothing here renders templates: a second engine would share the mistakes of the first. The meaning
is literal text with ``$name`` for what only a run knows, such as ``$token`` or ``$id``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Template

__all__ = ["FORGED", "Quirk", "Text", "fill", "pattern_of", "plain"]

FORGED = "\n[Nest] 1  - 01/01/2026, 1:00:00 AM     LOG [LogJobAction] "
"""What makes the rest of a logged text look like a line of its own."""


class Quirk(StrEnum):
    """Why a text comes out otherwise than the documentation lets one expect."""

    DOUBLE_ENCODED = "double-encoded"
    JOB_HIDDEN = "job-hidden"
    HTML_IN_HEADER = "html-in-header"
    ENTITIES_IN_URL = "entities-in-url"
    ENTITIES_IN_RECIPIENT = "entities-in-recipient"
    SMUGGLED_RECIPIENT = "smuggled-recipient"
    ENTITIES_IN_CALL = "entities-in-call"
    VALUE_AS_MARKUP = "value-as-markup"
    MANGLED_HOST = "mangled-host"
    DEFAULT_OPTIONS = "default-options"
    DROPPED_KEYS = "dropped-keys"
    FORGED_LINE = "forged-line"


@dataclass(frozen=True, slots=True)
class Text:
    """A template and its meaning; ``fails`` is the error it raises instead of rendering.

    ``fails`` is a pattern, such as ``Error: Missing helper: "nosuch"``. ``promised`` is the
    meaning by the documentation where a ``quirk`` makes it come out otherwise, or fail.
    """

    template: str
    means: str = ""
    fails: str | None = None
    promised: str | None = None
    quirk: Quirk | None = None
    unjudged: str = ""
    """Why nobody can say what it comes to, for templates that are not ours; "" where one can."""


def plain(text: str) -> Text:
    """A text without templates, which means itself."""
    return Text(text, text.replace("$", "$$"))


def fill(meaning: str, values: Mapping[str, str]) -> str:
    """A meaning with the run's values filled in; a missing one is a KeyError."""
    return Template(meaning).substitute(values)


def pattern_of(meaning: str) -> str:
    """The pattern that a filled meaning matches literally; names stay to be filled in."""
    return re.sub(r"\\\$(\w+)", r"$\1", re.escape(meaning))
