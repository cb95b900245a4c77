"""The services that actions use: the mail server and the broker."""

from dataclasses import dataclass, field

from scicat_harness.embedded.broker import BrokerClient
from scicat_harness.embedded.services import BrokerSettings, MailSettings

__all__ = ["ExternalServices"]


@dataclass(slots=True)
class ExternalServices:
    """The settings of the mail server, and the broker.

    Actions are built with this object before the broker is connected; ``broker`` is set once the
    whole configuration is valid.
    """

    mail: MailSettings = field(default_factory=MailSettings)
    broker_address: BrokerSettings | None = None
    broker: BrokerClient | None = None

    @property
    def has_broker(self) -> bool:
        """True if RabbitMQ is enabled, connected or not."""
        return self.broker is not None or self.broker_address is not None
