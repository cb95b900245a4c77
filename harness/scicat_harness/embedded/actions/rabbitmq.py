"""The ``rabbitmq`` action: publish the stored job as one message.

See specification: action.rabbitmq. Exchange, queue and key are literal. Without a connection the
request fails although the job is stored.
"""

from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.embedded.actions import Context
from scicat_harness.embedded.actions.external import ExternalServices
from scicat_harness.embedded.beside.effects import published, routed
from scicat_harness.embedded.broker import BrokerGone, Publication
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import Thrown
from scicat_harness.embedded.handlebars.helpers import helpers
from scicat_harness.embedded.javascript import stringify
from scicat_harness.embedded.nestlog import NestLog
from scicat_harness.embedded.templates import Template

__all__ = ["RabbitAction"]

# The delivery mode of AMQP for messages that are lost when the broker restarts.
_TRANSIENT = 1


@dataclass(frozen=True, slots=True)
class RabbitAction:
    """A rabbitmq action; the body of its message is the v4 job as compact JSON."""

    log: NestLog
    defect: Defects
    external: ExternalServices
    exchange: str
    queue: str
    key: str
    kind: str = "rabbitmq"

    @classmethod
    def build(
        cls, options: dict[str, Any], log: NestLog, defect: Defects, external: ExternalServices
    ) -> "RabbitAction":
        """Return the action for accepted options."""
        return cls(log, defect, external, *(options[k] for k in ("exchange", "queue", "key")))

    @staticmethod
    def accepts(options: dict[str, Any]) -> bool:
        """Return whether the options are valid for a rabbitmq action."""
        return all(isinstance(options.get(name), str) for name in ("exchange", "queue", "key"))

    async def validate(self, context: Context) -> None:
        """Do nothing: the message is only published once the job is stored."""

    async def perform(self, context: Context) -> None:
        """Publish the job; raise Thrown if the connection is closed.

        Returns without a confirmation of the broker.
        """
        if self.defect("actions.rabbitmq.skipped"):
            return
        if context.operation == "update" and self.defect("actions.rabbitmq.create-only"):
            return
        self.log.log("RabbitMQJobAction", f"(Job {context.job_id}) Performing RabbitMQJobAction")
        delivery = self._sabotaged(
            context,
            Publication(
                queue=self.queue,
                exchange=self.exchange,
                # One key for both; they are two fields so that a defect can change one of them.
                binding_key=self.key,
                routing_key=self.key,
                # The v4 document, on v3 as well; half surrogate pairs pass as in replies.
                body=stringify(published(self.defect, context.job)).encode(
                    "utf-8", errors="surrogatepass"
                ),
            ),
        )
        times = 2 if self.defect("actions.rabbitmq.published-twice") else 1
        for message in routed(self.defect, delivery):
            for _ in range(times):
                await self._publish(message)

    async def _publish(self, delivery: Publication) -> None:
        broker = self.external.broker
        try:
            if broker is None:
                raise BrokerGone
            await broker.publish(delivery)
        except BrokerGone:
            # Since v4.25.0 an error; before, the reply is success (specification: action.rabbitmq).
            if self.defect("actions.rabbitmq.failure-ignored"):
                return
            raise Thrown(
                f"Could not connect to RabbitMQ queue {self.queue} with exchange"
                f" {self.exchange} and key {self.key}."
            ) from None

    def _sabotaged(self, context: Context, right: Publication) -> Publication:
        """Return the message as it is, or changed by the selected defect."""
        defect = self.defect
        if defect("actions.rabbitmq.exchange-wrong"):
            return replace(right, exchange=f"{right.exchange}.other")
        if defect("actions.rabbitmq.queue-wrong"):
            return replace(right, queue=f"{right.queue}.other")
        if defect("actions.rabbitmq.routing-key-wrong"):
            return replace(right, routing_key=f"{right.routing_key}.other")
        if defect("actions.rabbitmq.binding-key-wrong"):
            return replace(right, binding_key=f"{right.binding_key}.other")
        if defect("actions.rabbitmq.not-persistent"):
            return replace(right, delivery_mode=_TRANSIENT)
        if defect("actions.rabbitmq.queue-not-durable"):
            return replace(right, queue_durable=False)
        if defect("actions.rabbitmq.key-rendered"):
            key = Template(right.routing_key).render(context.values())
            return replace(right, routing_key=key, binding_key=key)
        return replace(right, body=self._body(context, right.body))

    def _body(self, context: Context, right: bytes) -> bytes:
        defect = self.defect
        if defect("actions.rabbitmq.body-is-request"):
            return stringify(context.request).encode()
        if defect("actions.rabbitmq.body-is-v3"):
            return stringify(helpers(defect)["job_v3"]([context.job], {})).encode()
        if defect("actions.rabbitmq.body-is-indented"):
            return stringify(context.job, indent=3).encode()
        if defect("actions.rabbitmq.previous-job") and context.previous is not None:
            return stringify(context.previous).encode()
        return right
