"""Mail server and broker as the environment names them.

See specification: environment.services, start.errors.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootFailure

__all__ = ["BrokerSettings", "MailSettings"]

_MS365_VARIABLES = ("MS365_TENANT_ID", "MS365_CLIENT_ID", "MS365_CLIENT_SECRET")
_DEFAULT_SMTP_PORT = 587


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where mails go, and from whom they come."""

    host: str = "localhost"
    port: int = _DEFAULT_SMTP_PORT
    secure: bool = False
    sender: str = ""
    reply_to: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "MailSettings":
        """The settings of an environment; raises BootFailure for what cannot be sent through."""
        kind = (environ.get("EMAIL_TYPE") or "smtp").lower()
        if kind not in ("smtp", "ms365"):
            raise BootFailure(
                f"Error: Invalid EMAIL_TYPE: {environ['EMAIL_TYPE']}."
                ' Expect on of "smtp" or "ms365"'
            )
        if kind == "ms365":
            for name in _MS365_VARIABLES:
                if not environ.get(name):
                    raise BootFailure(f"Error: Missing {name}")
            raise BootFailure("Error: the embedded backend sends no mail through ms365")
        port = environ.get("SMTP_PORT") or ""
        return cls(
            host=environ.get("SMTP_HOST") or "localhost",
            port=int(port) if port.isdecimal() else _DEFAULT_SMTP_PORT,
            secure=environ.get("SMTP_SECURE") == "yes",
            sender=environ.get("EMAIL_FROM") or environ.get("SMTP_MESSAGE_FROM") or "",
            reply_to=environ.get("EMAIL_REPLYTO") or "",
        )


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Where RabbitMQ listens, and who we are there."""

    hostname: str
    port: int
    username: str
    password: str

    @classmethod
    def read(cls, environ: Mapping[str, str], defect: Defects) -> "BrokerSettings | None":
        """The address in an environment, None unless enabled; raises BootFailure."""
        accepted = {"yes"}
        if defect("startup.rabbitmq-enabled-by-true"):
            accepted.add("true")
        if environ.get("RABBITMQ_ENABLED") not in accepted:
            return None
        values = {}
        for name in ("hostname", "port", "username", "password"):
            values[name] = environ.get(f"RABBITMQ_{name.upper()}") or ""
            if not values[name]:
                raise BootFailure(
                    f"Error: RabbitMQ is enabled but missing the config variable {name}."
                )
        if not values["port"].isdecimal():
            raise BootFailure("Error: Cannot connect to RabbitMQ [cause]: the port is no number")
        return cls(values["hostname"], int(values["port"]), values["username"], values["password"])
