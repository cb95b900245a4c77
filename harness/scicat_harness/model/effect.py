"""Effects: what a job does outside the catalogue, as expected of an operation.

Channels are where an effect can be seen. What is expected of one is a mapping of the keys that
must match; keys that are not named are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scicat_harness.model.text import Text

__all__ = ["STORED", "Channel", "Effect", "StoredJobMarker"]


class Channel(StrEnum):
    """Where side effects land."""

    EMAIL = "email"
    URL = "url"
    AMQP = "amqp"
    LOG = "log"
    OTHER = "other"
    """Where only the probe of a plugin sees it."""


class StoredJobMarker:
    """Stands for the job document as it is stored when the operation is over."""

    def __repr__(self) -> str:
        return "the stored job"


STORED = StoredJobMarker()


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect that must be seen exactly once; ``rule`` is the id of the rule that wants it.

    Keys by channel: email ``to`` (list), ``subject``, ``from``, ``reply_to``, ``html``; url
    ``method``, ``path`` (with the query, as on the wire), ``headers`` (those that must be there),
    ``body``; amqp ``source`` (the exchange, or a queue that got its copy), ``exchange``, ``key``,
    ``properties`` (all of them), ``json``; log ``text``, ``context``;
    other ``kind`` (the action type), and what its probe predicts.
    """

    channel: Channel
    content: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""

    def __str__(self) -> str:
        shown = ", ".join(f"{key} {_meaning(value)}" for key, value in self.content.items())
        return f"{self.channel}: {shown} (by {self.rule})"


def _meaning(value: object) -> str:
    """What a part of the content must come to, without the template it is made by."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_meaning(each)}" for key, each in value.items()) + "}"
    return repr(value.means if isinstance(value, Text) else value)
