"""Texts: a template for the backend, with the text that it must render to, written by hand.

This package renders no templates: a second template engine could share the mistakes of the first.
The meaning of a text is literal, with ``$name`` for values that only a run knows, such as
``$token`` or ``$id``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from string import Template

__all__ = [
    "FORGED",
    "Quirk",
    "Text",
    "date_text",
    "fill",
    "literal_pattern",
    "pattern_of",
    "plain",
    "without_surrogates",
]

FORGED = "\n[Nest] 1  - 01/01/2026, 1:00:00 AM     LOG [LogJobAction] "
"""A line break and the head of a log entry: what follows it looks like an entry of its own."""
_ESCAPED_NAME = re.compile(r"\\\$(?:\w+|\\\{\w+\\\})")


class Quirk(StrEnum):
    """The reason why a text renders differently from the documentation.

    ``oracle.actions.quirks`` has both sentences for each, the observed and the documented one.
    """

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
    JOB_PARTLY_SHOWN = "job-partly-shown"
    DROPPED_KEYS = "dropped-keys"
    FORGED_LINE = "forged-line"


@dataclass(frozen=True, slots=True)
class Text:
    """A template and its meaning; ``fails`` is the error it raises instead of rendering.

    ``fails`` is a pattern, such as ``Error: Missing helper: "nosuch"``. ``promised`` is the
    documented meaning, if a ``quirk`` makes the text render differently or fail. ``$$`` stands for
    a dollar sign. Example: ``Text("Job {{job.id}}", "Job $id")``.
    """

    template: str
    means: str = ""
    fails: str | None = None
    promised: str | None = None
    quirk: Quirk | None = None
    unjudged: str = ""
    """The reason why the meaning of a template of a facility is unknown; "" if it is known."""


def plain(text: str) -> Text:
    """Return the text whose template and meaning are both ``text``, without placeholders."""
    # The meaning is filled by string.Template, which reads $$ as a dollar sign.
    return Text(text, text.replace("$", "$$"))


def without_surrogates(text: str) -> str:
    r"""Return a text that UTF-8 can encode: half a surrogate pair becomes an escape, ``\\ud800``.

    JSON may have such halves, files and the messages between processes may not.
    """
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")


def date_text(iso: str) -> str:
    """Return a time as JavaScript writes a date in UTC, from its ISO 8601 form.

    date_text("2024-07-02T09:00:00.000Z")
    # "Tue Jul 02 2024 09:00:00 GMT+0000 (Coordinated Universal Time)"
    """
    moment = datetime.fromisoformat(iso).astimezone(UTC)
    return f"{moment:%a %b %d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)"


def fill(meaning: str, values: Mapping[str, str]) -> str:
    """Return a meaning with the values of the run filled in.

    ``fill("Job $id", {"id": "7"})`` is ``"Job 7"``. Raises KeyError for a name without a value.
    """
    return Template(meaning).substitute(values)


def literal_pattern(text: str) -> str:
    """Return the pattern that matches a text in which a dollar sign is no name.

    ``literal_pattern("$.a")`` is ``"\\$\\.a"``.
    """
    # Doubled, pattern_of keeps a dollar sign as it is.
    return pattern_of(text.replace("$", "$$")).replace(r"\$\$", r"\$")


def pattern_of(meaning: str) -> str:
    """Return the pattern that matches a meaning literally once its names are filled in.

    ``pattern_of("a.b $id")`` is ``"a\\.b\\ $id"``.
    """
    # ``re.escape`` escapes the dollar sign and the braces of a name, too; that is undone here.
    return _ESCAPED_NAME.sub(lambda name: name[0].replace("\\", ""), re.escape(meaning))
