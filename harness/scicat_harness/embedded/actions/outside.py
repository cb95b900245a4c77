"""What actions reach outside the backend: the mail server's settings and the broker."""

from dataclasses import dataclass, field

from scicat_harness.embedded.broker import BrokerClient
from scicat_harness.embedded.services import BrokerSettings, MailSettings

__all__ = ["Outside"]


@dataclass(slots=True)
class Outside:
    """Known while actions are built; the broker is connected to once they all are."""

    mail: MailSettings = field(default_factory=MailSettings)
    broker_address: BrokerSettings | None = None
    broker: BrokerClient | None = None

    @property
    def has_broker(self) -> bool:
        """Whether RabbitMQ is enabled."""
        return self.broker is not None or self.broker_address is not None
