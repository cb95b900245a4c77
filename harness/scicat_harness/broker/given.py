"""A given broker: one that runs already, and that the run does not own."""

from __future__ import annotations

from pathlib import Path

from scicat_harness.broker.address import BrokerAddress, parse_url
from scicat_harness.broker.probe import LoginRefused, NotUsable, use
from scicat_harness.broker.proxies import Proxies
from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.processes.children import Children

__all__ = ["GivenBroker"]


class GivenBroker(Proxies):
    """The broker at an ``amqp://`` address.

    The constructor sends a message through it. Raises UsageFault for an address that backends
    cannot use and for a refused login, EnvironmentFault when no broker answers.
    """

    name = "given"

    def __init__(self, url: str, folder: Path, children: Children) -> None:
        address = parse_url(url)
        _check(address)
        super().__init__(address, folder, children)

    def connections_json(self) -> None:
        """Return None: AMQP has no method that shows or closes connections of others."""


def _check(address: BrokerAddress) -> None:
    # A refused login is an error of the options, everything else one of the environment.
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
