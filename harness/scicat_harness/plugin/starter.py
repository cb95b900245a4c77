"""Backends beside those of the run: started with its services, for one check or for several."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

import pytest

from scicat_harness.config.startup import ServiceAddresses
from scicat_harness.deploy.deployment import Backend, Reconfigurable
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.model.site import Site
from scicat_harness.plugin.backends import make_deployment
from scicat_harness.plugin.leftovers import REMOVERS, Declared, names_of
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.own_services import OwnServices
from scicat_harness.probe.prepared import PreparedBackend, prepare_backend
from scicat_harness.probe.sentinel import prepare_effects
from scicat_harness.processes.sockets import refusing_socket
from scicat_harness.state.leftovers import Leftovers
from scicat_harness.state.runs import WorkFolder

__all__ = ["BackendStarter", "MailBackend", "SharedBackends", "shared_backends"]


class BackendStarter:
    """Starts backends with the services of a run, and makes them ready for checks.

    They end with what ``services.stack`` holds. Raises ``NotVerifiable`` where the run cannot start
    backends.
    """

    def __init__(self, services: OwnServices, options: Options) -> None:
        self._services = services
        self._options = options
        self._deployment: Reconfigurable | None = None

    @property
    def deployment(self) -> Reconfigurable:
        """The deployment of these backends, made at first use."""
        if self._deployment is None:
            given = self._services.given
            options = replace(self._options, mongo_uri=given["mongo_uri"])
            deployment = make_deployment(
                options, self._services.folder, self._services.run, given["shared"]
            )
            assert isinstance(deployment, Reconfigurable)
            self._services.stack.callback(deployment.close)
            self._deployment = deployment
        return self._deployment

    def start(self, site: Site, addresses: ServiceAddresses) -> tuple[Backend, PreparedBackend]:
        """Start a backend for a site; return it, and what a check needs to use it."""
        self._declares(site)
        backend = self.deployment.start(site, addresses)
        prepared = prepare_backend(backend, site, JANITOR, self._services.run)
        if site.sentinel:
            prepared = replace(prepared, sinks=self._services.sinks.to_json())
            prepare_effects(prepared, site, JANITOR, self._services.sinks)
        return backend, prepared

    def _declares(self, site: Site) -> None:
        """Remove what a site declares on a broker that we did not start, in the end.

        It is listed as a leftover first, in case that end is not reached.
        """
        if not site.messages or not self._services.given["given"]:
            return
        run = self._services.run
        Declared(self._services.our_broker, Leftovers(self._services.folder), run).note(site)
        names = names_of(site, run)
        # Through the sinks: they consume these queues, and a queue that somebody else deletes
        # counts as a lost channel.
        self._services.stack.callback(
            self._services.sinks.amqp.delete,
            f"{run}.",
            queues=names.queues,
            exchanges=[each for each in names.exchanges if each.startswith(f"{run}.")],
        )


@dataclass(frozen=True, slots=True)
class MailBackend:
    """A backend whose mail server each check replaces; without one, ``port`` refuses."""

    backend: Backend
    prepared: PreparedBackend
    addresses: ServiceAddresses
    port: int
    starter: BackendStarter


class SharedBackends:
    """Backends that several checks of this process use, one check after the other.

    A start takes seconds. A backend connects to its mail server for each mail, so checks of mail
    servers that fail in different ways need only one.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._stack = ExitStack()
        self._starter: tuple[OwnServices, BackendStarter] | None = None
        self._with_mail: dict[str, MailBackend] = {}

    def with_mail_server(self, site: Site) -> MailBackend | None:
        """Return the backend of a site, started at first use; None if it cannot be shared.

        The sinks must listen at a port that this process holds, so they must run on this machine.
        """
        services, starter = self._started()
        if services.host.bind is None:
            return None
        found = self._with_mail.get(site.name)
        # A failed check may have ended it, which must not fail the next one.
        if found is None or starter.deployment.has_ended(found.backend, 0.0):
            held = refusing_socket(services.host.bind, shared=True)
            self._stack.callback(held.close)
            port = held.getsockname()[1]
            addresses = services.addresses(mail_server=port)
            backend, prepared = starter.start(site, addresses)
            found = MailBackend(backend, prepared, addresses, port, starter)
            self._with_mail[site.name] = found
        return found

    def _started(self) -> tuple[OwnServices, BackendStarter]:
        if self._starter is None:
            # For the run's own name: the end of the run removes what this process could not.
            run = OwnServices.name_of(self._config)
            folder = self._stack.enter_context(WorkFolder(run, REMOVERS))
            services = OwnServices(self._config, folder, self._stack)
            self._starter = services, BackendStarter(services, Options.of(self._config))
        return self._starter

    def close(self) -> None:
        """End them."""
        self._stack.close()


@pytest.fixture(scope="session")
def shared_backends(request: pytest.FixtureRequest) -> Iterator[SharedBackends]:
    """Yield the backends that checks of this process share; they end with it."""
    with closing(SharedBackends(request.config)) as shared:
        yield shared
