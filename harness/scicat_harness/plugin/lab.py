"""The lab: backends of a check's own, for what would disturb everybody else's.

A check that needs other settings, another broker, a restart or a death starts a backend for
itself, in the process it runs in. What it promises is settled at once, and its backends end with
it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any
from zlib import crc32

import pytest

from scicat_harness.broker.address import BrokerAddress
from scicat_harness.broker.closer import closer_from_json
from scicat_harness.broker.control import ProxyControl
from scicat_harness.broker.proxies import Proxies
from scicat_harness.config.startup import ServiceAddresses
from scicat_harness.deploy.children import Children
from scicat_harness.deploy.deployment import Attempt, Backend, Reconfigurable, StartFiles
from scicat_harness.deploy.host import Host
from scicat_harness.errors import DeadlineExceeded
from scicat_harness.fixtures.blueprints.failing_server import Server
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.start import StartCheck
from scicat_harness.judge.trial import NotVerifiable, Trial
from scicat_harness.model.effect import Channel
from scicat_harness.model.release import Release, ReleaseRange
from scicat_harness.model.site import Site
from scicat_harness.plugin.backends import make_deployment
from scicat_harness.plugin.contexts import TRIAL, epoch_of
from scicat_harness.plugin.leftovers import REMOVERS, Declared, names_of
from scicat_harness.plugin.lifecycle import SERVICES
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.services import sink_for
from scicat_harness.probe.prepared import PreparedBackend, open_client, prepare_backend
from scicat_harness.probe.sentinel import prepare_effects
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.client import Sinks
from scicat_harness.state.leftovers import Leftovers
from scicat_harness.state.runs import WorkFolder, new_run_name

__all__ = ["Lab", "lab"]


_CLOSING = 10.0
_STEP = 0.02


class Lab:
    """Starts backends for one check; ``sinks`` are those of the run."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path, stack: ExitStack) -> None:
        self._node = request.node
        self._folder = folder
        self._stack = stack
        self._options = Options.of(request.config)
        self._services = _services(request.config)
        self._deployment: Reconfigurable | None = None
        self._sinks: Sinks | None = None
        self._backends: dict[str, Backend] = {}
        self._addresses: dict[str, ServiceAddresses] = {}
        self._proxies: Proxies | None = None
        self._mail_server = ""
        self._numbers = count()
        self._epoch = epoch_of(request.config)
        self.start = StartCheck(request.node.nodeid, self._options.release, self._options.expect)
        """The judgement of an attempt to start."""
        self._node.stash[TRIAL] = self.start

    @property
    def run(self) -> str:
        """The name of the run."""
        name: str = self._given()["run"]
        return name

    @property
    def broker(self) -> BrokerAddress:
        """The broker of the run, as backends reach it."""
        return BrokerAddress(*self._given()["inside"])

    def broker_at(self, port: int) -> BrokerAddress:
        """The same user at a port of this machine, as backends reach it."""
        return self._our_broker.at(port, self._host.seen)

    @property
    def _our_broker(self) -> BrokerAddress:
        return BrokerAddress(*self._given()["broker"])

    @property
    def _host(self) -> Host:
        return Host(*self._given()["host"])

    @property
    def sinks(self) -> Sinks:
        """The sinks of the run."""
        if self._sinks is None:
            address = SinksAddress.from_json(self._given()["sinks"])
            self._sinks = self._stack.enter_context(Sinks(address))
        return self._sinks

    @property
    def release(self) -> Release:
        """The release that is judged."""
        return self._options.release

    def needs(self, releases: ReleaseRange, what: str) -> None:
        """Say that the release is not one of them; counted by name, never as passed."""
        if self.release not in releases:
            raise NotVerifiable(f"{what} is for releases {releases}, this is {self.release}")

    def addresses(
        self, *, mail_server: int | None = None, broker_port: int | None = None
    ) -> ServiceAddresses:
        """Those of the run, or with another mail server, or another way to the broker."""
        address = self.sinks.address
        host = self._host
        broker = self.broker if broker_port is None else self.broker_at(broker_port)
        return ServiceAddresses(
            run=self.run,
            sink=sink_for(address, host),
            mail_servers={"smtp": mail_server or address.smtp_port},
            broker=broker.environment(),
            closed=self._given()["closed"],
            host=host.seen,
        )

    def mail_server(self, server: Server) -> int:
        """The port of a mail server of the check's own."""
        if server.closed:
            closed: int = self._given()["closed"]
            return closed
        listening = self.sinks.listening("smtp", require=server.require, behaviour=server.behaviour)
        listener = self._stack.enter_context(listening)
        self._mail_server = listener.name
        return listener.port

    def must_have_tried(self, server: Server) -> None:
        """Somebody tried to send a mail through it, if that was possible."""
        if server.closed:
            return
        if not self.sinks.stray(channel=Channel.EMAIL, source=self._mail_server):
            raise CheckFailed("nobody tried to send a mail through the server of this check")

    def proxy(self) -> ProxyControl:
        """A way to the broker that can be made to fail."""
        bind = self._host.bind
        if bind is None:
            raise NotVerifiable("needs backends that can reach this machine")
        if self._proxies is None:
            children = Children()
            self._stack.callback(children.close)
            self._proxies = Proxies(self._our_broker, self._folder / "proxies", children, bind)
        return self._proxies.open_proxy()

    def close_connections(self, proxy: ProxyControl) -> None:
        """The broker closes, in order, what goes through a proxy; this is over on return."""
        closer = closer_from_json(self._given()["connections"])
        if closer is None:
            raise NotVerifiable("needs a broker that lets its connections be closed")
        closer.close_connections(ports=proxy.target_ports())
        give_up = time.monotonic() + _CLOSING
        while proxy.target_ports():
            if time.monotonic() >= give_up:
                raise DeadlineExceeded(f"connections were not closed within {_CLOSING:g} s")
            Event().wait(_STEP)

    def trial(self, site: Site, services: ServiceAddresses | None = None) -> Trial:
        """A trial on a new backend of this site; every outcome is settled at once."""
        services = services or self.addresses()
        self._declares(site)
        backend = self._starter().start(site, services)
        prepared = prepare_backend(backend, site, JANITOR, self.run)
        if site.sentinel:
            prepared = replace(prepared, sinks=self.sinks.to_json())
            prepare_effects(prepared, site, JANITOR, self.sinks)
        self._backends[prepared.base_url] = backend
        self._addresses[prepared.base_url] = services
        return self._trial(prepared, site)

    def _declares(self, site: Site) -> None:
        """On a broker that is not ours, what this site declares goes with the check."""
        if not site.messages or not self._given()["given"]:
            return
        Declared(self._our_broker, Leftovers(self._folder), self.run).note(site)
        names = names_of(site, self.run)
        # By the sinks, which read from these queues and must not take it for a loss.
        self._stack.callback(
            self.sinks.amqp.delete,
            f"{self.run}.",
            queues=names.queues,
            exchanges=[each for each in names.exchanges if each.startswith(f"{self.run}.")],
        )

    def revive(self, trial: Trial) -> Trial:
        """Start a backend over the data of one that must have ended by itself.

        What that one left is looked at through the new one; raises CheckFailed with every story.
        """
        if not self.has_ended(trial):
            raise CheckFailed("the backend lives on, though it should have ended")
        revived = self.trial(trial.context.site, self._addresses[trial.context.prepared.base_url])
        revived.take_over(trial)
        return revived

    def resume(self, trial: Trial, sentinel: str) -> Trial:
        """Go on with the same backend, and another job type as sentinel."""
        return self._trial(trial.context.prepared, replace(trial.context.site, sentinel=sentinel))

    def _trial(self, prepared: PreparedBackend, site: Site) -> Trial:
        number = next(self._numbers)
        context = CheckContext(
            prepared=prepared,
            site=site,
            client=open_client(prepared),
            janitor=JANITOR,
            release=self._options.release,
            reading=self._options.expect,
            ledger=LEDGER,
            worker=f"lab{crc32(self._node.nodeid.encode()):08x}x{number}{self._epoch}",
        )
        self._stack.callback(context.client.transport.close)
        trial = Trial(context, self._node.nodeid, at_once=True)
        self._node.stash[TRIAL] = trial
        return trial

    def end(self, trial: Trial) -> None:
        """End the backend of a trial; another one may be started over its data."""
        self._starter().end(self._backends[trial.context.prepared.base_url])

    def has_ended(self, trial: Trial, deadline: float = 10.0) -> bool:
        """Whether the backend of a trial ended by itself within so many seconds."""
        return self._starter().has_ended(self._backends[trial.context.prepared.base_url], deadline)

    def attempt(self, start: StartFiles) -> Attempt:
        """Try to start a backend with these files."""
        return self._starter().attempt(start)

    def _given(self) -> Mapping[str, Any]:
        if self._services is None:
            raise NotVerifiable("needs backends and sinks of its own, which this run cannot start")
        return self._services

    def _starter(self) -> Reconfigurable:
        if self._deployment is None:
            options = replace(self._options, mongo_uri=self._given()["mongo_uri"])
            deployment = make_deployment(options, self._folder, self.run, self._given()["shared"])
            assert isinstance(deployment, Reconfigurable)
            self._stack.callback(deployment.close)
            self._deployment = deployment
        return self._deployment

    def stored(self, trial: Trial, correlation: str) -> list[dict[str, Any]]:
        """The jobs that are stored for a request."""
        context = trial.context
        return context.client.find_jobs(JANITOR, {"jobParams.correlation": correlation})


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Backends of the check's own."""
    services = _services(request.config)
    run = services["run"] if services is not None else new_run_name()
    # What its end cannot remove is tried again, and named, at the end of the run.
    with WorkFolder(run, REMOVERS) as folder, ExitStack() as stack:
        yield Lab(request, folder, stack)


def _services(config: pytest.Config) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = config.stash.get(SERVICES, None)
    if found is None:
        found = getattr(config, "workerinput", {}).get("scicat_services")
    return found
