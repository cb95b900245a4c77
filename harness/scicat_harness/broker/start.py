"""Starting the broker a run asks for."""

from __future__ import annotations

from pathlib import Path

from scicat_harness.broker.broker import Broker
from scicat_harness.broker.embedded_broker import EmbeddedBroker
from scicat_harness.broker.given import GivenBroker
from scicat_harness.broker.rabbitmq import PrivateNode
from scicat_harness.deploy.children import Children

__all__ = ["start_broker"]


def start_broker(choice: str, folder: Path, children: Children) -> Broker:
    """A broker that answers: ``embedded``, ``rabbitmq``, or the one at an ``amqp://`` address.

    Logs go into ``folder``; processes belong to ``children``. Raises UsageFault or
    EnvironmentFault.
    """
    match choice:
        case "embedded":
            return EmbeddedBroker(folder, children)
        case "rabbitmq":
            return PrivateNode(folder, children)
        case _:
            return GivenBroker(choice, folder, children)
