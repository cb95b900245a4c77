"""The fixture ``own_services``: services that fail on request, for the backends of one check."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.closer import closer_from_json
from scicat_harness.broker.control import ProxyControl
from scicat_harness.broker.proxies import Proxies
from scicat_harness.config.startup import ServiceAddresses
from scicat_harness.deploy.host import Host
from scicat_harness.errors import DeadlineExceeded
from scicat_harness.fixtures.effects.services import Server
from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.trial import NotVerifiable
from scicat_harness.model.effect import Channel
from scicat_harness.plugin.leftovers import REMOVERS
from scicat_harness.plugin.lifecycle import SERVICES
from scicat_harness.plugin.services import sink_for
from scicat_harness.processes.children import Children
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.client import Sinks
from scicat_harness.state.runs import WorkFolder, new_run_name

__all__ = ["OwnServices", "own_services"]

# Seconds.
_CLOSING = 10.0
_STEP = 0.02


class OwnServices:
    """Sinks and broker of the run, with mail servers and proxies that fail on request.

    ``folder`` is a work folder of the check; what ``stack`` holds ends with the check. A run that
    cannot start backends has no services: every use raises ``NotVerifiable``. Example::

        def test_cut(own_services: OwnServices, own_backends: OwnBackends) -> None:
            proxy = own_services.proxy()
            trial = own_backends.start(SITE, broker=proxy)
            proxy.cut()
    """

    def __init__(self, config: pytest.Config, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self._services = _services(config)
        self._sinks: Sinks | None = None
        self._proxies: Proxies | None = None
        self._mail_server = ""

    @staticmethod
    def name_of(config: pytest.Config) -> str:
        """Return the name of the run, or a new one where it has no services."""
        services = _services(config)
        return services["run"] if services is not None else new_run_name()

    @property
    def given(self) -> Mapping[str, Any]:
        """The services of the run, as the plugin hands them to its workers."""
        if self._services is None:
            raise NotVerifiable("needs backends and sinks of its own, which this run cannot start")
        return self._services

    @property
    def run(self) -> str:
        """The name of the run."""
        name: str = self.given["run"]
        return name

    @property
    def broker(self) -> BrokerAddress:
        """The broker of the run, as backends reach it."""
        return BrokerAddress(*self.given["inside"])

    @property
    def no_broker(self) -> BrokerAddress:
        """The address of a broker that is not there: a port that refuses connections."""
        return self._broker_at(self.given["closed"])

    def _broker_at(self, port: int) -> BrokerAddress:
        return self.our_broker.at(port, self.host.seen)

    @property
    def our_broker(self) -> BrokerAddress:
        """The broker of the run, as this machine reaches it."""
        return BrokerAddress(*self.given["broker"])

    @property
    def host(self) -> Host:
        """Where the sinks listen, and how backends reach them."""
        return Host(*self.given["host"])

    @property
    def sinks(self) -> Sinks:
        """The sinks of the run."""
        if self._sinks is None:
            address = SinksAddress.from_json(self.given["sinks"])
            self._sinks = self.stack.enter_context(Sinks(address))
        return self._sinks

    def addresses(
        self, mail_server: int | None = None, broker_port: int | None = None
    ) -> ServiceAddresses:
        """Return the service addresses of the run, or with ports that replace some of them."""
        address = self.sinks.address
        host = self.host
        broker = self.broker if broker_port is None else self._broker_at(broker_port)
        return ServiceAddresses(
            run=self.run,
            sink=sink_for(address, host),
            mail_servers={"smtp": mail_server or address.smtp_port},
            broker=broker.environment(),
            closed=self.given["closed"],
            host=host.seen,
        )

    def start_mail_server(self, server: Server, at: int | None = None) -> int:
        """Start a mail server that behaves as described, and return its port.

        ``at`` is a port that this process holds with a ``refusing_socket(shared=True)``.
        """
        if server.closed:
            closed: int = self.given["closed"]
            return at or closed
        listening = self.sinks.listening(
            "smtp", require=server.require, behaviour=server.behaviour, port=at
        )
        listener = self.stack.enter_context(listening)
        self._mail_server = listener.name
        return listener.port

    def must_have_tried_to_mail(self) -> None:
        """Raise ``CheckFailed`` unless a backend tried to send a mail through its own mail server.

        Otherwise a backend that does not send mails at all would pass a check of failing servers.
        """
        # A refused connection leaves no trace at a sink, so a closed server has no name here.
        if not self._mail_server:
            return
        if not self.sinks.stray(channel=Channel.EMAIL, source=self._mail_server):
            raise CheckFailed("the backend did not try to send a mail through the failing server")

    def proxy(self) -> ProxyControl:
        """Start a proxy to the broker that can be made to fail.

        Raises ``NotVerifiable`` if backends cannot reach this machine (``--sinks inside``).
        """
        bind = self.host.bind
        if bind is None:
            raise NotVerifiable("needs backends that can reach this machine")
        if self._proxies is None:
            children = Children()
            self.stack.callback(children.close)
            self._proxies = Proxies(self.our_broker, self.folder / "proxies", children, bind)
        return self._proxies.open_proxy()

    def close_connections(self, proxy: ProxyControl) -> None:
        """Let the broker close the connections through a proxy, and wait until they are closed.

        The broker closes them by the AMQP handshake, unlike a proxy, which cuts them. Raises
        ``NotVerifiable`` if the broker has no command for it, ``DeadlineExceeded`` after 10 s.
        """
        closer = closer_from_json(self.given["connections"])
        if closer is None:
            raise NotVerifiable("needs a broker that lets its connections be closed")
        # By the ports of our end: other connections of the run must stay open.
        closer.close_connections(ports=proxy.target_ports())
        give_up = time.monotonic() + _CLOSING
        while proxy.target_ports():
            if time.monotonic() >= give_up:
                raise DeadlineExceeded(
                    f"the broker did not close its connections within {_CLOSING:g} s"
                )
            Event().wait(_STEP)


@pytest.fixture
def own_services(request: pytest.FixtureRequest) -> Iterator[OwnServices]:
    """Yield the services of a check; end them, and remove what it made, after it."""
    run = OwnServices.name_of(request.config)
    # The work folder has the name of the run, so the end of the run tries again to remove what
    # this check cannot, and reports what remains.
    with WorkFolder(run, REMOVERS) as folder, ExitStack() as stack:
        yield OwnServices(request.config, folder, stack)


def _services(config: pytest.Config) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = config.stash.get(SERVICES, None)
    if found is None:
        found = getattr(config, "workerinput", {}).get("scicat_services")
    return found
