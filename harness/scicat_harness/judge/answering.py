"""Getting a reply, or finding out whose fault it is that there is none."""

from __future__ import annotations

from collections.abc import Callable

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import ConnectionEnded
from scicat_harness.judge.failure import FATAL, CheckFailed, LogWindow, story_of
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.identity import Identity

__all__ = ["answered"]

_LOST = (
    r"ECONNREFUSED|ECONNRESET|EPIPE|CONNECTION.FORCED|Unexpected close|Heartbeat timeout|"
    r"MongoNetwork|MongoServerSelection|MongoTopologyClosed"
)
"""What a backend says that ends because its broker or database went away: not its own doing."""
_LAST_WORDS = 1.0
"""Seconds until the last lines of a backend are in its log."""


def answered(
    identity: Identity,
    expectation: Expectation | None,
    log: LogWindow,
    send: Callable[[], Exchange],
) -> Exchange:
    """The reply; a backend that is expected to end may break the connection instead.

    Raises CheckFailed when an uncaught error of its own ended the backend, as its log shows;
    ConnectionEnded when the connection broke for another reason.
    """
    try:
        return send()
    except ConnectionEnded as ended:
        if expectation is not None and expectation.dies:
            return ended.exchange
        # Where nobody listens, the backend had ended before it was asked.
        refused = "refused" in ended.exchange.text.lower()
        if refused or log.find(FATAL, _LAST_WORDS) is None or log.find(_LOST, 0.0) is not None:
            raise
        crashed = [Difference("crash")]
        story = story_of(identity, ended.exchange, expectation, crashed, log)
        raise CheckFailed(story) from None
