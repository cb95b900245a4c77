"""Expected effects of an operation: mails, URL calls, messages and log lines.

A channel is a kind of effect. The expectation of an effect is a mapping of the keys that must
match; other keys are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scicat_harness.model.text import Text

__all__ = ["STORED", "Channel", "Effect", "StoredJobMarker"]


class Channel(StrEnum):
    """The kind of an effect."""

    EMAIL = "email"
    URL = "url"
    AMQP = "amqp"
    LOG = "log"
    OTHER = "other"
    """An effect of a plugin's action type, which only its probe can observe."""


class StoredJobMarker:
    """Placeholder for the job document as it is stored after the operation.

    The oracle does not know ids and times of a run, so it cannot write the document down.
    """

    # Part of the text of an expected effect.
    def __repr__(self) -> str:
        return "the stored job"


STORED = StoredJobMarker()


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect that must occur exactly once; ``rule`` is the id of the rule that requires it.

    Keys by channel: email ``to`` (list), ``subject``, ``from``, ``reply_to``, ``html``; url
    ``method``, ``path`` (with the query, as on the wire), ``headers`` (those that are required),
    ``body``; amqp ``source`` (the exchange, or a queue that got a copy), ``exchange``, ``key``,
    ``properties`` (all of them), ``json``; log ``text``, ``context``;
    other ``kind`` (the action type), and the keys that its probe predicts.
    """

    channel: Channel
    content: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""

    def __str__(self) -> str:
        shown = ", ".join(f"{key} {_meaning(value)}" for key, value in self.content.items())
        return f"{self.channel}: {shown} (by {self.rule})"


def _meaning(value: object) -> str:
    """Return a part of the content in words: the meaning of a text, not its template."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_meaning(each)}" for key, each in value.items()) + "}"
    return repr(value.means if isinstance(value, Text) else value)
