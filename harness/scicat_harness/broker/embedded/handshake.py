"""The opening of a connection: what the broker says of itself, and what it takes from a client."""

from __future__ import annotations

import hmac

from pamqp import commands, common

from scicat_harness.broker.embedded.faults import ConnectionFault, not_allowed

__all__ = [
    "CHANNEL_MAX",
    "FRAME_MAX",
    "HEARTBEAT",
    "PROTOCOL",
    "Credentials",
    "capability",
    "check_vhost",
    "start",
    "tune",
]

PROTOCOL = b"AMQP\x00\x00\x09\x01"
CHANNEL_MAX = 2047
FRAME_MAX = 131072
HEARTBEAT = 60
_REFUSED = (
    "ACCESS_REFUSED - Login was refused using authentication mechanism {}. "
    "For details see the broker logfile."
)


class Credentials:
    """The one user that may log in."""

    def __init__(self, user: str, password: str) -> None:
        self._expected = f"\0{user}\0{password}".encode()
        self.user = user

    def check(self, method: commands.Connection.StartOk) -> None:
        """Raises ConnectionFault when mechanism, name or password are wrong."""
        response: str | bytes = method.response
        given = response if isinstance(response, bytes) else response.encode()
        right = hmac.compare_digest(given, self._expected)
        if method.mechanism != "PLAIN" or not right:
            raise ConnectionFault(403, _REFUSED.format(method.mechanism))


def start() -> commands.Connection.Start:
    """``connection.start``: abilities as RabbitMQ names them."""
    abilities: common.FieldTable = {
        "publisher_confirms": True,
        "basic.nack": True,
        "consumer_cancel_notify": True,
        "per_consumer_qos": True,
        "authentication_failure_close": True,
        "exchange_exchange_bindings": False,
        "connection.blocked": False,
    }
    properties: common.FieldTable = {
        "product": "scicat-harness",
        "capabilities": abilities,
    }
    return commands.Connection.Start(server_properties=properties)


def tune() -> commands.Connection.Tune:
    """``connection.tune``: the most we take."""
    return commands.Connection.Tune(CHANNEL_MAX, FRAME_MAX, HEARTBEAT)


def check_vhost(name: str) -> None:
    """Raises ConnectionFault for any but the one there is."""
    if name != "/":
        raise not_allowed(f"vhost {name} not found")


def capability(properties: common.FieldTable, name: str) -> bool:
    """Whether a client says that it can do this."""
    abilities = properties.get("capabilities")
    return isinstance(abilities, dict) and abilities.get(name) is True
