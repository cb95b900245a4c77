"""The fixture ``lab``: backends of a check's own, for checks that would disturb others.

A check that needs other settings, another broker, a restart or the end of a backend starts one for
itself, in the process that runs the check. Every request is settled at once, and the backends end
with the check.
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
from scicat_harness.deploy.deployment import Attempt, Backend, Reconfigurable, StartFiles
from scicat_harness.deploy.host import Host
from scicat_harness.errors import DeadlineExceeded
from scicat_harness.fixtures.blueprints.failing_server import Server
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.profile import Profile
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
from scicat_harness.plugin.loading import Load, load
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.services import sink_for
from scicat_harness.probe.prepared import PreparedBackend, open_client, prepare_backend
from scicat_harness.probe.sentinel import prepare_effects
from scicat_harness.processes.children import Children
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.client import Sinks
from scicat_harness.state.leftovers import Leftovers
from scicat_harness.state.runs import WorkFolder, new_run_name

__all__ = ["Lab", "lab", "load"]


# Seconds.
_CLOSING = 10.0
_STEP = 0.02


class Lab:
    """Starts backends for one check, and services that fail on request.

    Sinks and broker are those of the run. ``start`` judges an attempt to start a backend. Example::

        def test_restart(lab: Lab) -> None:
            first = lab.trial(SITE)
            lab.end(first)
            second = lab.trial(SITE)
    """

    def __init__(
        self, request: pytest.FixtureRequest, folder: Path, stack: ExitStack, load: Load
    ) -> None:
        self._node = request.node
        self._load = load
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
        # Until a trial takes its place, so that a check that starts nothing has a record as well.
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
        """Return the broker's user at a port of this machine, as backends reach it."""
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
        """Raise ``NotVerifiable`` unless the release is one of ``releases``.

        ``what`` is the subject of the reason, such as "an action error".
        """
        if self.release not in releases:
            raise NotVerifiable(f"{what} is for releases {releases}, this is {self.release}")

    def addresses(
        self, *, mail_server: int | None = None, broker_port: int | None = None
    ) -> ServiceAddresses:
        """Return the service addresses of the run, or with ports that replace some of them.

        ``mail_server`` is the port of a ``mail_server()``, ``broker_port`` that of a ``proxy()``.
        """
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
        """Start a mail server that behaves as described, and return its port.

        A closed one is the port of the run that refuses connections.
        """
        if server.closed:
            closed: int = self._given()["closed"]
            return closed
        listening = self.sinks.listening("smtp", require=server.require, behaviour=server.behaviour)
        listener = self._stack.enter_context(listening)
        self._mail_server = listener.name
        return listener.port

    def must_have_tried(self, server: Server) -> None:
        """Raise ``CheckFailed`` unless the backend tried to send a mail through the server.

        Otherwise a backend that does not send mails at all would pass a check of failing servers.
        """
        # A refused connection leaves no trace at a sink.
        if server.closed:
            return
        if not self.sinks.stray(channel=Channel.EMAIL, source=self._mail_server):
            raise CheckFailed("the backend did not try to send a mail through the failing server")

    def proxy(self) -> ProxyControl:
        """Start a proxy to the broker that can be made to fail.

        Raises ``NotVerifiable`` if backends cannot reach this machine (``--sinks inside``).
        """
        bind = self._host.bind
        if bind is None:
            raise NotVerifiable("needs backends that can reach this machine")
        if self._proxies is None:
            children = Children()
            self._stack.callback(children.close)
            self._proxies = Proxies(self._our_broker, self._folder / "proxies", children, bind)
        return self._proxies.open_proxy()

    def close_connections(self, proxy: ProxyControl) -> None:
        """Let the broker close the connections through a proxy, and wait until they are closed.

        The broker closes them by the AMQP handshake, unlike a proxy, which cuts them. Raises
        ``NotVerifiable`` if the broker has no command for it, ``DeadlineExceeded`` after 10 s.
        """
        closer = closer_from_json(self._given()["connections"])
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

    def trial(self, site: Site, services: ServiceAddresses | None = None) -> Trial:
        """Start a backend for a site, and return a trial on it that settles every request at once.

        ``services`` default to those of the run. Sites with the same ``data`` share it one after
        the other, so a restart is a second trial. Raises ``NotVerifiable`` if this run cannot start
        backends.
        """
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
        """Remove what a site declares on a broker that we did not start, at the end of the check.

        It is listed as a leftover first, in case the check does not get that far.
        """
        if not site.messages or not self._given()["given"]:
            return
        Declared(self._our_broker, Leftovers(self._folder), self.run).note(site)
        names = names_of(site, self.run)
        # Through the sinks: they consume these queues, and a queue that somebody else deletes
        # counts as a lost channel.
        self._stack.callback(
            self.sinks.amqp.delete,
            f"{self.run}.",
            queues=names.queues,
            exchanges=[each for each in names.exchanges if each.startswith(f"{self.run}.")],
        )

    def revive(self, trial: Trial) -> Trial:
        """Start a new backend over the data of one that must have ended by itself.

        The requests of the ended backend are settled through the new one. Raises ``CheckFailed``
        if the old backend still runs, or with every story that settling finds.
        """
        if not self.has_ended(trial):
            raise CheckFailed("the backend still runs, though it should have ended")
        revived = self.trial(trial.context.site, self._addresses[trial.context.prepared.base_url])
        revived.take_over(trial)
        return revived

    def resume(self, trial: Trial, sentinel: str) -> Trial:
        """Return a trial on the same backend that uses another job type as sentinel."""
        return self._trial(trial.context.prepared, replace(trial.context.site, sentinel=sentinel))

    def _trial(self, prepared: PreparedBackend, site: Site) -> Trial:
        # The worker name is a part of every correlation, so it must differ between checks that run
        # in several processes. A checksum of the node id is short and needs no coordination.
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
        """Return whether the backend of a trial ends by itself within ``deadline`` seconds."""
        return self._starter().has_ended(self._backends[trial.context.prepared.base_url], deadline)

    def attempt(self, start: StartFiles, *, whole: bool = True) -> Attempt:
        """Try to start a backend with these files; return its exit code and output.

        ``whole`` False: only its configuration matters, so the loader of the backend is asked in
        place of a start, where that can be done. The full profile does both.
        """
        loaded = None if whole else self._load(start, self._folder / "loaded")
        if loaded is not None and self._options.profile is not Profile.FULL:
            return loaded
        return replace(self._starter().attempt(start), loaded=loaded)

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
        """Return the jobs that are stored for a request, as the janitor sees them."""
        context = trial.context
        return context.client.find_jobs(JANITOR, {"jobParams.correlation": correlation})


@pytest.fixture
def lab(request: pytest.FixtureRequest, load: Load) -> Iterator[Lab]:
    """Yield a lab; end its backends and remove what they made after the check."""
    services = _services(request.config)
    run = services["run"] if services is not None else new_run_name()
    # The work folder has the name of the run, so the end of the run tries again to remove what
    # this check cannot, and reports what remains.
    with WorkFolder(run, REMOVERS) as folder, ExitStack() as stack:
        yield Lab(request, folder, stack, load)


def _services(config: pytest.Config) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = config.stash.get(SERVICES, None)
    if found is None:
        found = getattr(config, "workerinput", {}).get("scicat_services")
    return found
