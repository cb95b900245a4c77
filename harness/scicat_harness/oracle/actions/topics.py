"""Topics: the routing of a message by a topic exchange.

Source: AMQP 0-9-1, "The Topic Exchange Type": words between dots; ``*`` stands for one word, ``#``
for any number of them. A rabbitmq action uses one key to bind its queue and to publish
(specification: action.rabbitmq), so a key with wildcards is both binding and routing key.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["is_routed"]


def is_routed(key: str, binding: str) -> bool:
    """Return whether a message with this routing key is routed to a queue with this binding.

    ``is_routed("jobs.archive.new", "jobs.#")`` is True, with ``jobs.*`` it is False.
    """
    return _matches(key.split("."), binding.split("."))


def _matches(words: Sequence[str], wanted: Sequence[str]) -> bool:
    if not wanted:
        return not words
    if wanted[0] == "#":
        # # stands for no word as well, so all lengths from 0 on are tried.
        return any(_matches(words[taken:], wanted[1:]) for taken in range(len(words) + 1))
    return bool(words) and wanted[0] in ("*", words[0]) and _matches(words[1:], wanted[1:])
