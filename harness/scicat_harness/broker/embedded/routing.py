"""Exchanges: they route messages to queues by their bindings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

__all__ = ["KINDS", "AmqpExchange", "QueueBinding", "topic_matches"]

KINDS = ("direct", "fanout", "topic")


@dataclass(frozen=True, slots=True)
class QueueBinding:
    """A binding of a queue, by name, with a key; ``arguments`` only make bindings different."""

    queue: str
    key: str
    arguments: str


@dataclass(slots=True)
class AmqpExchange:
    """A named exchange with its bindings, in the order in which they were made.

    ``kind`` is one of ``KINDS``. ``bindings`` is a dict with None as values: an ordered set.
    """

    name: str
    kind: str
    durable: bool
    auto_delete: bool
    internal: bool
    bindings: dict[QueueBinding, None] = field(default_factory=dict)

    def route(self, key: str) -> Iterator[str]:
        """Return the names of the queues for a routing key.

        Each comes once, also if several of its bindings match.
        """
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
    """Return whether a topic pattern matches a routing key (AMQP 0-9-1, 3.1.3.3).

    Words are separated by dots; ``*`` matches one word, ``#`` any number of words::

        >>> topic_matches("jobs.#", "jobs"), topic_matches("jobs.*", "jobs")
        (True, False)
    """
    # ``ends`` are the numbers of words that the pattern so far can match. A set, because
    # backtracking takes very long for a pattern with several #.
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
