"""Exchanges: which queues a message goes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = ["KINDS", "AmqpExchange", "QueueBinding", "topic_matches"]

KINDS = ("direct", "fanout", "topic")


@dataclass(frozen=True, slots=True)
class QueueBinding:
    """A queue by name, and the key it is bound with; ``arguments`` only tell bindings apart."""

    queue: str
    key: str
    arguments: str


@dataclass(slots=True)
class AmqpExchange:
    """A named exchange with its bindings, in the order in which they were made."""

    name: str
    kind: str
    durable: bool
    auto_delete: bool
    internal: bool
    bindings: dict[QueueBinding, None] = field(default_factory=dict)

    def route(self, key: str) -> Iterator[str]:
        """The names of the queues for a routing key, each once."""
        found = (each.queue for each in self.bindings if self._takes(each.key, key))
        return iter(dict.fromkeys(found))

    def _takes(self, bound: str, key: str) -> bool:
        match self.kind:
            case "fanout":
                return True
            case "topic":
                return topic_matches(bound, key)
            case _:
                return bound == key


@lru_cache(maxsize=4096)
def topic_matches(pattern: str, key: str) -> bool:
    """Whether a topic pattern takes a routing key: ``*`` is one word, ``#`` any number."""
    words = _words(key)
    ends = {0}
    for part in _words(pattern):
        ends = _step(part, words, ends)
    return len(words) in ends


def _step(part: str, words: Sequence[str], ends: set[int]) -> set[int]:
    if part == "#":
        return set(range(min(ends), len(words) + 1)) if ends else ends
    return {at + 1 for at in ends if at < len(words) and part in ("*", words[at])}


def _words(text: str) -> list[str]:
    return text.split(".") if text else []
