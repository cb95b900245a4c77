"""Faults: errors of a client, for which the broker closes the channel or the connection.

Reply codes and texts are those of RabbitMQ 3.10; clients show them to their users.
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
    """An error with the reply code and text that the client gets."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class ChannelFault(Fault):
    """An error that closes the channel."""


class ConnectionFault(Fault):
    """An error that closes the connection."""


def access_refused(reason: str) -> ChannelFault:
    """Return 403 for an operation that a queue or exchange does not permit."""
    return ChannelFault(403, f"ACCESS_REFUSED - {reason}")


def not_found(kind: str, name: str) -> ChannelFault:
    """Return 404 for a queue or exchange that does not exist."""
    return ChannelFault(404, f"NOT_FOUND - no {kind} '{name}' in vhost '/'")


def resource_locked(queue: str) -> ChannelFault:
    """Return 405 for an exclusive queue of another connection, or one declared otherwise."""
    return ChannelFault(
        405,
        f"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{queue}' in vhost '/'."
        " It could be originally declared on another connection or the exclusive property value "
        "does not match that of the original declaration.",
    )


def precondition_failed(reason: str) -> ChannelFault:
    """Return 406 for a queue or exchange that has other attributes or is in use."""
    return ChannelFault(406, f"PRECONDITION_FAILED - {reason}")


def unexpected_frame(reason: str) -> ConnectionFault:
    """Return 505 for a frame that is not allowed at this point."""
    return ConnectionFault(505, f"UNEXPECTED_FRAME - {reason}")


def not_allowed(reason: str) -> ConnectionFault:
    """Return 530 for a request that no client may make."""
    return ConnectionFault(530, f"NOT_ALLOWED - {reason}")


def not_implemented(what: str) -> ConnectionFault:
    """Return 540 for a part of the protocol that the embedded broker does not have.

    It is refused, not ignored, so that a difference to RabbitMQ is seen.
    """
    return ConnectionFault(540, f"NOT_IMPLEMENTED - {what}")
