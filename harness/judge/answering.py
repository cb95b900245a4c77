"""Getting a reply, or finding out whose fault it is that there is none."""

from __future__ import annotations

from collections.abc import Callable

from harness.client.transcript import Exchange
from harness.client.transport import ConnectionEnded
from harness.judge.failure import FATAL, LogWindow, failure_text
from harness.judge.outcome import CheckFailed
from harness.model.identity import Identity
from harness.oracle.predict import Prediction

__all__ = ["answered"]


def answered(
    identity: Identity, prediction: Prediction, log: LogWindow, send: Callable[[], Exchange]
) -> Exchange:
    """The reply; a backend that is expected to end may break the connection instead.

    Raises CheckFailed when an uncaught error of its own ended the backend, as its log shows;
    ConnectionEnded when the connection broke for another reason.
    """
    try:
        return send()
    except ConnectionEnded as ended:
        if prediction.dies:
            return ended.exchange
        if log.find(FATAL) is None:
            raise
        problems = ["the backend ended by an uncaught error while it answered"]
        story = failure_text(identity, ended.exchange, prediction, problems, log)
        raise CheckFailed(story) from None
