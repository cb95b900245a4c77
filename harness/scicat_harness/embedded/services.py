"""The settings of mail server and broker, read from the environment.

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
    """The mail server, and the default sender and reply address of mails."""

    host: str = "localhost"
    port: int = _DEFAULT_SMTP_PORT
    secure: bool = False
    sender: str = ""
    reply_to: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "MailSettings":
        """Return the mail settings of an environment.

        Raises BootFailure for an ``EMAIL_TYPE`` that does not exist, and for ``ms365``, which the
        embedded backend does not support.
        """
        kind = (environ.get("EMAIL_TYPE") or "smtp").lower()
        if kind not in ("smtp", "ms365"):
            # "on of" is the spelling of the real backend.
            raise BootFailure(
                f"Error: Invalid EMAIL_TYPE: {environ['EMAIL_TYPE']}."
                ' Expect on of "smtp" or "ms365"'
            )
        if kind == "ms365":
            # First the errors of the real backend, then our own limit.
            for name in _MS365_VARIABLES:
                if not environ.get(name):
                    raise BootFailure(f"Error: Missing {name}")
            raise BootFailure(
                "Error: the embedded backend does not support EMAIL_TYPE=ms365."
                " Set EMAIL_TYPE=smtp."
            )
        port = environ.get("SMTP_PORT") or ""
        return cls(
            # Not contacted at the start: a wrong server shows when a mail is sent.
            host=environ.get("SMTP_HOST") or "localhost",
            port=int(port) if port.isdecimal() else _DEFAULT_SMTP_PORT,
            secure=environ.get("SMTP_SECURE") == "yes",
            sender=environ.get("EMAIL_FROM") or environ.get("SMTP_MESSAGE_FROM") or "",
            reply_to=environ.get("EMAIL_REPLYTO") or "",
        )


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """The address of RabbitMQ and the login there."""

    hostname: str
    port: int
    username: str
    password: str

    @classmethod
    def read(cls, environ: Mapping[str, str], defect: Defects) -> "BrokerSettings | None":
        """Return the broker settings of an environment, None unless RabbitMQ is enabled.

        Only the exact word ``yes`` enables it. Raises BootFailure if it is enabled and a variable
        is missing, or the port is no number.
        """
        # Neither "true" nor "1" is enough (specification: environment.services).
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
