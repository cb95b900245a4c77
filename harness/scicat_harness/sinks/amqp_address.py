"""The address of a broker and errors of pika, as the collector uses and shows them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pika

from scicat_harness.errors import UsageFault

__all__ = ["DEADLINE", "error_text", "parameters_of", "shown_address"]

DEADLINE = 10.0
"""Seconds for an answer of a broker."""


def parameters_of(url: str) -> pika.URLParameters:
    """Return the parameters of a connection; raise UsageFault for an address that cannot be."""
    try:
        parameters = pika.URLParameters(url)
    except (ValueError, TypeError, IndexError) as error:
        raise UsageFault(f"AMQP address {shown_address(url)!r} cannot be used: {error}") from None
    parameters.connection_attempts = 1
    parameters.socket_timeout = DEADLINE
    parameters.blocked_connection_timeout = DEADLINE
    return parameters


def shown_address(url: str) -> str:
    """Return an address without user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def error_text(error: Exception) -> str:
    """Return the text of an error of pika."""
    # Several exceptions of pika have no text.
    return str(error) or repr(error)
