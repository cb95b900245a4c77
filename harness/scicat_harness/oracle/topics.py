"""Topics: which binding of a topic exchange takes which routing key.

Source: AMQP 0-9-1, "The Topic Exchange Type": words between dots; ``*`` stands for one word, ``#``
for any number of them. A job action binds its queue with the very key it publishes with, so a key
with wildcards is both.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["is_routed"]


def is_routed(key: str, binding: str) -> bool:
    """Whether a message with this routing key goes where this binding leads."""
    return _matches(key.split("."), binding.split("."))


def _matches(words: Sequence[str], wanted: Sequence[str]) -> bool:
    if not wanted:
        return not words
    if wanted[0] == "#":
        return any(_matches(words[taken:], wanted[1:]) for taken in range(len(words) + 1))
    return bool(words) and wanted[0] in ("*", words[0]) and _matches(words[1:], wanted[1:])
