"""Where the sinks are: what a configuration and a client need to know of them."""

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
    """The authority to trust, as PEM, where it offers STARTTLS."""

    @property
    def url(self) -> str:
        """As the beginning of a URL, for a URL sink."""
        return f"http://{self.host}:{self.port}"

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Listener:
        """From plain data."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class SinksAddress:
    """Running sinks as plain data that can be handed to another process."""

    control: str
    """Base URL of the control API."""
    smtp_host: str
    smtp_port: int
    url: str
    """Base URL of the URL sink, without a slash at the end."""

    def to_json(self) -> dict[str, Any]:
        """As plain data, the same as the sinks announce."""
        smtp = {"host": self.smtp_host, "port": self.smtp_port}
        return {"control": self.control, "smtp": smtp, "url": self.url}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SinksAddress:
        """From plain data."""
        smtp = data["smtp"]
        return cls(data["control"], smtp["host"], smtp["port"], data["url"])
