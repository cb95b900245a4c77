"""Addresses of brokers with their credentials; the password is never shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

from scicat_harness.errors import UsageFault
from scicat_harness.model.address import split_address, without_credentials
from scicat_harness.secrets import hide

__all__ = ["BrokerAddress", "parse_url"]

_PORT = 5672
_GUEST = "guest"
_FORM = "give amqp://USER:PASSWORD@HOST:PORT"


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Host, port, user and password of a broker, for its virtual host ``/``.

    ``str`` of it and its representation have no password; ``url`` does.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        """Mask the password in all later texts."""
        # "guest" is public, and a word that reports may contain for other reasons.
        if self.password != _GUEST:
            hide(self.password)

    def __str__(self) -> str:
        return f"{self._shown_host}:{self.port}"

    @property
    def url(self) -> str:
        """The AMQP URL with the password: for clients, never for a report."""
        user, password = quote(self.user, safe=""), quote(self.password, safe="")
        return f"amqp://{user}:{password}@{self}/%2F"

    def at(self, port: int, host: str = "127.0.0.1") -> BrokerAddress:
        """Return the address of the same broker through a proxy at ``host`` and ``port``."""
        return replace(self, host=host, port=port)

    def environment(self) -> dict[str, str]:
        """Return the variables by which a backend uses it (specification: environment.services)."""
        return {
            "RABBITMQ_ENABLED": "yes",
            "RABBITMQ_HOSTNAME": self.host,
            "RABBITMQ_PORT": str(self.port),
            "RABBITMQ_USERNAME": self.user,
            "RABBITMQ_PASSWORD": self.password,
        }

    @property
    def _shown_host(self) -> str:
        # An IPv6 address needs brackets before a port.
        return f"[{self.host}]" if ":" in self.host else self.host


def parse_url(url: str) -> BrokerAddress:
    """Parse ``amqp://user:password@host:port``; defaults are user guest and port 5672.

    Raises UsageFault for other forms, and for TLS and virtual hosts, for which SciCat backends
    have no setting.
    """
    parts = split_address(url, "--broker", _FORM)
    host, port = parts.hostname, parts.port
    if parts.scheme == "amqps":
        raise UsageFault(
            f"--broker amqps://{host}: SciCat backends speak plain amqp only, they have no "
            f"setting for TLS; {_FORM}"
        )
    if parts.scheme != "amqp" or not host:
        raise UsageFault(
            f"--broker {without_credentials(url)!r}: neither 'embedded' nor 'rabbitmq' nor the "
            f"address of a broker; {_FORM}"
        )
    # No path is the default virtual host, too.
    vhost = unquote(parts.path[1:]) or "/"
    if vhost != "/":
        raise UsageFault(
            f"--broker amqp://{host}: virtual host {vhost!r}: SciCat backends use '/' only, they "
            f"have no setting for another; {_FORM}"
        )
    user, password = unquote(parts.username or _GUEST), unquote(parts.password or _GUEST)
    return BrokerAddress(host, port or _PORT, user, password)
