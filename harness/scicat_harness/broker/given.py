"""A broker that runs already; nothing of it is ours to end."""

from __future__ import annotations

from pathlib import Path

from scicat_harness.broker.address import BrokerAddress, parse_url
from scicat_harness.broker.probe import LoginRefused, NotUsable, use
from scicat_harness.broker.proxies import Proxies
from scicat_harness.deploy.children import Children
from scicat_harness.errors import EnvironmentFault, UsageFault

__all__ = ["GivenBroker"]


class GivenBroker(Proxies):
    """The broker at an ``amqp://`` address, after checking that it can be used."""

    name = "given"

    def __init__(self, url: str, folder: Path, children: Children) -> None:
        address = parse_url(url)
        _check(address)
        super().__init__(address, folder, children)

    def connections_json(self) -> None:
        """Nobody lets us see its connections."""


def _check(address: BrokerAddress) -> None:
    try:
        use(address)
    except LoginRefused as error:
        raise UsageFault(
            f"--broker amqp://{address}: refuses user {address.user!r} ({error}); correct user or "
            "password, or give the user access to the virtual host '/'"
        ) from None
    except NotUsable as error:
        raise EnvironmentFault(
            f"--broker amqp://{address}: no broker can be used there ({error}); start one, correct "
            "the address, or use --broker embedded"
        ) from None
