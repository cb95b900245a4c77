"""The opening of a connection: the broker's abilities and limits, and the login of a client."""

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
# The defaults of RabbitMQ; a heartbeat is in seconds, a frame in bytes.
CHANNEL_MAX = 2047
FRAME_MAX = 131072
HEARTBEAT = 60
_REFUSED = (
    "ACCESS_REFUSED - Login was refused using authentication mechanism {}. "
    "For details see the broker logfile."
)


class Credentials:
    """User and password of the only account that may log in."""

    def __init__(self, user: str, password: str) -> None:
        # The form of the SASL mechanism PLAIN (RFC 4616), the only one here.
        self._expected = f"\0{user}\0{password}".encode()
        self.user = user

    def check(self, method: commands.Connection.StartOk) -> None:
        """Raise ConnectionFault 403 when the mechanism, the user or the password is wrong."""
        response: str | bytes = method.response
        given = response if isinstance(response, bytes) else response.encode()
        right = hmac.compare_digest(given, self._expected)
        if method.mechanism != "PLAIN" or not right:
            raise ConnectionFault(403, _REFUSED.format(method.mechanism))


def start() -> commands.Connection.Start:
    """Return ``connection.start`` with the abilities of this broker, as RabbitMQ names them."""
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
    """Return ``connection.tune`` with the limits of this broker."""
    return commands.Connection.Tune(CHANNEL_MAX, FRAME_MAX, HEARTBEAT)


def check_vhost(name: str) -> None:
    """Raise ConnectionFault 530 for any virtual host but ``/``."""
    if name != "/":
        raise not_allowed(f"vhost {name} not found")


def capability(properties: common.FieldTable, name: str) -> bool:
    """Return whether a client has announced this ability in its properties."""
    abilities = properties.get("capabilities")
    return isinstance(abilities, dict) and abilities.get(name) is True
