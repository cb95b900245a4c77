"""The fixture ``own_backends``: backends of a check's own, for checks that would disturb others.

A check that needs other settings, another broker, a restart or the end of a backend starts one for
itself, in the process that runs the check. Every request is settled at once, and the backends end
with the check, except those that checks of mail servers share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from zlib import crc32

import pytest

from scicat_harness.broker.control import ProxyControl
from scicat_harness.config.startup import ServiceAddresses
from scicat_harness.deploy.deployment import Attempt, Backend, StartFiles
from scicat_harness.fixtures.effects.services import Existing, Server, declare
from scicat_harness.fixtures.effects.sites import own_sites
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.startup.case import StartCase
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.start import StartCheck
from scicat_harness.judge.trial import NotVerifiable, Trial
from scicat_harness.model.action import Rabbitmq
from scicat_harness.model.site import Site
from scicat_harness.plugin.contexts import TRIAL, epoch_of
from scicat_harness.plugin.loading import Load, load
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.own_services import OwnServices
from scicat_harness.plugin.starter import BackendStarter, SharedBackends, shared_backends
from scicat_harness.probe.prepared import PreparedBackend, open_client

__all__ = ["OwnBackends", "load", "own_backends", "shared_backends"]


class OwnBackends:
    """Starts backends for one check, with the services of the run unless a start says otherwise.

    Example::

        def test_restart(own_backends: OwnBackends) -> None:
            first = own_backends.start(SITE)
            own_backends.end(first)
            second = own_backends.start(SITE)
    """

    def __init__(
        self,
        request: pytest.FixtureRequest,
        services: OwnServices,
        shared: SharedBackends,
        load: Load,
    ) -> None:
        self._node = request.node
        self._load = load
        self._services = services
        self._folder = services.folder
        self._stack = services.stack
        self._options = Options.of(request.config)
        self._shared = shared
        self._starter = BackendStarter(services, self._options)
        self._backends: dict[str, Backend] = {}
        self._starters: dict[str, BackendStarter] = {}
        self._addresses: dict[str, ServiceAddresses] = {}
        self._numbers = count()
        self._epoch = epoch_of(request.config)
        self._start_check = StartCheck(
            request.node.nodeid, self._options.release, self._options.expect
        )
        # Until a trial takes its place, so that a check that starts nothing has a record as well.
        self._node.stash[TRIAL] = self._start_check

    def start(
        self,
        site: Site | str,
        *,
        mail_server: Server | None = None,
        broker: ProxyControl | None = None,
        existing: Sequence[Existing] = (),
    ) -> Trial:
        """Start a backend for a site, and return a trial on it that settles every request at once.

        ``mail_server`` takes the place of the usual one, ``broker`` is a ``proxy`` to the usual
        one, and what is ``existing`` is declared on it first. Checks that differ by their mail
        server alone share a backend where they can. A site of rows is given by its name.
        Sites with the same ``data`` share it one after the other, so a restart is a second start.
        Raises ``NotVerifiable`` if this run cannot start backends.
        """
        if isinstance(site, str):
            site = own_sites()[site]
        if existing:
            published = (each for type_ in site.job_types.values() for each in type_.actions)
            messages = [each for each in published if isinstance(each, Rabbitmq)]
            declare(self._services.sinks.amqp, self._services.run, existing, messages)
        # A second mail server of this check would listen at the same port.
        alone = broker is None and not existing and not self._backends
        if mail_server is not None and alone:
            shared = self._shared.with_mail_server(site)
            if shared is not None:
                self._services.start_mail_server(mail_server, at=shared.port)
                found = shared.backend, shared.prepared
                return self._used(shared.starter, *found, shared.addresses, site)
        services = self._services.addresses(
            self._services.start_mail_server(mail_server) if mail_server is not None else None,
            broker.port if broker is not None else None,
        )
        return self._start(site, services)

    def _start(self, site: Site, services: ServiceAddresses) -> Trial:
        backend, prepared = self._starter.start(site, services)
        return self._used(self._starter, backend, prepared, services, site)

    def _used(
        self,
        starter: BackendStarter,
        backend: Backend,
        prepared: PreparedBackend,
        services: ServiceAddresses,
        site: Site,
    ) -> Trial:
        self._starters[prepared.base_url] = starter
        self._backends[prepared.base_url] = backend
        self._addresses[prepared.base_url] = services
        return self._trial(prepared, site)

    def revive(self, trial: Trial) -> Trial:
        """Start a new backend over the data of one that must have ended by itself.

        The requests of the ended backend are settled through the new one. Raises ``CheckFailed``
        if the old backend still runs, or with every story that settling finds.
        """
        if not self.has_ended(trial):
            raise CheckFailed("the backend still runs, though it should have ended")
        revived = self._start(trial.context.site, self._addresses[trial.context.prepared.base_url])
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
        url = trial.context.prepared.base_url
        self._starters[url].deployment.end(self._backends[url])

    def has_ended(self, trial: Trial, deadline: float = 10.0) -> bool:
        """Return whether the backend of a trial ends by itself within ``deadline`` seconds."""
        url = trial.context.prepared.base_url
        return self._starters[url].deployment.has_ended(self._backends[url], deadline)

    def judge(self, case: StartCase) -> None:
        """Start a backend as a case says, and judge how that ends. Raises ``CheckFailed``.

        Raises ``NotVerifiable`` for a case about other releases.
        """
        if self._options.release not in case.releases:
            raise NotVerifiable(
                f"{case.name} is for releases {case.releases}, this is {self._options.release}"
            )
        start = case.with_broker(self._services.broker) if case.broker is not None else case.start
        attempt = self._attempt(start, whole=case.whole)
        judged = (
            self._start_check.must_start if case.ending.healthy else self._start_check.must_fail
        )
        judged(start, attempt, *case.ending.printed, known=case.known)

    def must_start(self, start: StartFiles, *printed: str) -> None:
        """Load the job configuration of these files: it is taken, and each pattern is printed.

        By a start of the backend where its loader cannot be asked alone, and in the full profile.
        Raises ``CheckFailed``.
        """
        self._start_check.must_start(start, self._attempt(start, whole=False), *printed)

    def must_not_start(self, start: StartFiles, *printed: str) -> None:
        """Start a backend with these files: it ends with exit code 1, and prints each pattern.

        Raises ``CheckFailed``.
        """
        self._start_check.must_fail(start, self._attempt(start, whole=True), *printed)

    def _attempt(self, start: StartFiles, *, whole: bool) -> Attempt:
        """Try to start a backend with these files; return its exit code and output.

        ``whole`` False: only its configuration matters, so the loader of the backend is asked in
        place of a start, where that can be done. The full profile does both.
        """
        loaded = None if whole else self._load(start, self._folder / "loaded")
        if loaded is not None and self._options.profile is not Profile.FULL:
            return loaded
        return replace(self._starter.deployment.attempt(start), loaded=loaded)


@pytest.fixture
def own_backends(
    request: pytest.FixtureRequest,
    own_services: OwnServices,
    shared_backends: SharedBackends,
    load: Load,
) -> OwnBackends:
    """Return the backends of a check, which end with its services."""
    return OwnBackends(request, own_services, shared_backends, load)
