"""Sending a request, and finding the cause where no reply comes."""

from __future__ import annotations

from collections.abc import Callable

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import ConnectionEnded
from scicat_harness.judge.failure import FATAL, CheckFailed, LogWindow, story_of
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.identity import Identity

__all__ = ["answered"]

# Logged by a backend that ends because its broker or database is gone: the environment failed,
# not SciCat.
_LOST = (
    r"ECONNREFUSED|ECONNRESET|EPIPE|CONNECTION.FORCED|Unexpected close|Heartbeat timeout|"
    r"MongoNetwork|MongoServerSelection|MongoTopologyClosed"
)
# Seconds until the last lines of a backend are in its log.
_LOG_DELAY = 1.0


def answered(
    identity: Identity,
    expectation: Expectation | None,
    log: LogWindow,
    send: Callable[[], Exchange],
) -> Exchange:
    """Return the exchange of ``send``, also of a connection that was expected to break.

    Raises CheckFailed when an uncaught error of its own ended the backend, as its log shows;
    ConnectionEnded when the connection broke for another reason.
    """
    try:
        return send()
    except ConnectionEnded as ended:
        if expectation is not None and expectation.dies:
            return ended.exchange
        # Where nobody listens, the backend had ended before the request.
        refused = "refused" in ended.exchange.text.lower()
        # FATAL is the last line, so whatever names the cause is in the log by then.
        if refused or log.find(FATAL, _LOG_DELAY) is None or log.find(_LOST, 0.0) is not None:
            raise
        crashed = [Difference("crash")]
        story = story_of(identity, ended.exchange, expectation, crashed, log)
        raise CheckFailed(story) from None
