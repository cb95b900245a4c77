"""Start the broker that ``--broker`` names."""

from __future__ import annotations

from pathlib import Path

from scicat_harness.broker.broker import Broker
from scicat_harness.broker.embedded_broker import EmbeddedBroker
from scicat_harness.broker.given import GivenBroker
from scicat_harness.broker.rabbitmq import PrivateNode
from scicat_harness.processes.children import Children

__all__ = ["start_broker"]


def start_broker(choice: str, folder: Path, children: Children) -> Broker:
    """Start a broker and return it once it can be used.

    ``choice`` is ``embedded``, ``rabbitmq`` or an ``amqp://`` address. Logs go into ``folder``;
    processes belong to ``children``. Raises UsageFault for an address that cannot be used,
    EnvironmentFault when the broker does not start or answer.
    """
    match choice:
        case "embedded":
            return EmbeddedBroker(folder, children)
        case "rabbitmq":
            return PrivateNode(folder, children)
        case _:
            return GivenBroker(choice, folder, children)
