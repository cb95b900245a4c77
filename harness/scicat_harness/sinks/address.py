"""The addresses of sinks, for a job configuration and for a client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Listener", "SinksAddress"]


@dataclass(frozen=True, slots=True)
class Listener:
    """One open listener; ``kind`` is ``smtp`` or ``url``."""

    name: str
    kind: str
    host: str
    port: int
    certificate: str | None = None
    """The certificate of the authority to trust, as PEM, where it offers STARTTLS."""

    @property
    def url(self) -> str:
        """The base URL of a URL sink, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Listener:
        """Return the listener that ``to_json`` made the data of."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class SinksAddress:
    """The addresses of running sinks, which can be passed to another process as plain data.

    In JSON they are the line that the sinks print at their start::

        {"control": "http://127.0.0.1:40001", "smtp": {"host": ..., "port": ...}, "url": ...}
    """

    control: str
    """Base URL of the control API."""
    smtp_host: str
    smtp_port: int
    url: str
    """Base URL of the URL sink, without a slash at the end."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, in the form that the sinks print."""
        smtp = {"host": self.smtp_host, "port": self.smtp_port}
        return {"control": self.control, "smtp": smtp, "url": self.url}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SinksAddress:
        """Return the address that ``to_json`` made the data of."""
        smtp = data["smtp"]
        return cls(data["control"], smtp["host"], smtp["port"], data["url"])
