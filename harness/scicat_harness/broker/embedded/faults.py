"""What a broker answers to a mistake: it closes the channel or the connection, with a reply code.

Codes and wording are those of RabbitMQ 3.10, which clients show to their users.
"""

from __future__ import annotations

__all__ = [
    "ChannelFault",
    "ConnectionFault",
    "Fault",
    "access_refused",
    "not_allowed",
    "not_found",
    "not_implemented",
    "precondition_failed",
    "resource_locked",
    "unexpected_frame",
]


class Fault(Exception):
    """A reply code and text of the protocol."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class ChannelFault(Fault):
    """Closes the channel."""


class ConnectionFault(Fault):
    """Closes the connection."""


def access_refused(reason: str) -> ChannelFault:
    """403: the thing is there, but not for this."""
    return ChannelFault(403, f"ACCESS_REFUSED - {reason}")


def not_found(kind: str, name: str) -> ChannelFault:
    """404: no such queue or exchange."""
    return ChannelFault(404, f"NOT_FOUND - no {kind} '{name}' in vhost '/'")


def resource_locked(queue: str) -> ChannelFault:
    """405: the queue is exclusive, or was not declared so."""
    return ChannelFault(
        405,
        f"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{queue}' in vhost '/'."
        " It could be originally declared on another connection or the exclusive property value "
        "does not match that of the original declaration.",
    )


def precondition_failed(reason: str) -> ChannelFault:
    """406: it is there with other attributes, or in use."""
    return ChannelFault(406, f"PRECONDITION_FAILED - {reason}")


def unexpected_frame(reason: str) -> ConnectionFault:
    """505: a frame that cannot come here."""
    return ConnectionFault(505, f"UNEXPECTED_FRAME - {reason}")


def not_allowed(reason: str) -> ConnectionFault:
    """530: what no client may ask for."""
    return ConnectionFault(530, f"NOT_ALLOWED - {reason}")


def not_implemented(what: str) -> ConnectionFault:
    """540: a part of the protocol this broker does not have."""
    return ConnectionFault(540, f"NOT_IMPLEMENTED - {what}")
