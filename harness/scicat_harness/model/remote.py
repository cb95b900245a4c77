"""The other side of an action: how a mail server, a called URL or a broker behaves.

A scenario arranges it, and the oracle predicts from it.

Source: specification: actions.failures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["NO_ANSWER", "BrokerBehaviour", "Hop", "MailServer", "Target"]


class MailServer(StrEnum):
    """The reaction of the mail server to a mail."""

    ACCEPTS = "accepts"
    REFUSES = "refuses"
    """The mail is not taken: no server, all recipients refused, or an error on the way."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A further request that a redirect causes; ``path`` has the query, too.

    ``headers`` are the names of the configured headers that it still has, ``body`` is True if it
    has the body of the call. Example: ``Hop("/redirect/0/x", headers=("X-Site",))``.
    """

    path: str
    method: str = "GET"
    headers: tuple[str, ...] = ()
    body: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The response of a called URL: a status and body, or ``failure`` where none comes.

    Example: ``Target(503, "busy")`` refuses, :data:`NO_ANSWER` cannot be reached.
    """

    status: int = 200
    body: str = r"[\s\S]*"
    """Pattern of the body."""
    failure: str | None = None
    """Pattern of the error that the backend reports when there is no response."""
    reached: bool = True
    """False if the request does not arrive."""
    hops: tuple[Hop, ...] = ()
    """The further requests that redirects cause, in order."""

    @property
    def succeeds(self) -> bool:
        """True if the backend takes the response for a success."""
        # Redirects have been followed by then (``hops``), so only 2xx counts.
        return self.failure is None and 200 <= self.status < 300


NO_ANSWER = Target(failure="TypeError: fetch failed", reached=False)
"""A URL without a listener; the text is that of Node's fetch."""


class BrokerBehaviour(StrEnum):
    """The state of the broker when a message is published."""

    TAKES = "takes"
    CLOSED = "closed"
    """The connection was closed earlier, in order."""
    CUT = "cut"
    """The connection broke earlier, without the AMQP closing handshake."""
    CONFLICT = "conflict"
    """Queue or exchange exist with other properties than the action declares."""
