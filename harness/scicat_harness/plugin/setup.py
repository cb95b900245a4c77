"""A setup: a deployment, its services, and backends that are prepared for the scenarios."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from scicat_harness.adapter import cut_requests
from scicat_harness.broker.broker import Broker
from scicat_harness.config.startup import NOWHERE
from scicat_harness.deploy.deployment import (
    Backend,
    BrokerOwner,
    Deployment,
    Described,
    Reconfigurable,
    SharedResources,
    SinksOwner,
)
from scicat_harness.errors import HarnessError
from scicat_harness.fixtures.axes import PROBE_JOBS
from scicat_harness.fixtures.cases import PROBE_TYPE
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.sites import janitor_of, named_site, sites_of_run
from scicat_harness.model.identity import Identity
from scicat_harness.model.site import Site
from scicat_harness.plugin.backends import make_deployment
from scicat_harness.plugin.leftovers import OBJECTS, REMOVERS
from scicat_harness.plugin.options import INSIDE, Options
from scicat_harness.plugin.services import Services
from scicat_harness.probe.prepared import PreparedBackend, furnish, log_in
from scicat_harness.probe.removal import remove_made
from scicat_harness.probe.sentinel import prepare_effects
from scicat_harness.sinks.client import Sinks
from scicat_harness.state.runs import RunFolder, remove_abandoned

__all__ = ["Setup"]

_Made = TypeVar("_Made")


class Setup:
    """A deployment with services and prepared backends, for one run or kept for several.

    ``paths`` are the scenarios of the run, which decide what sites are started. ``at_stage`` is
    called with the name of each stage that begins. ``about`` lists the subjects that can be
    observed (``Deviation.about``). ``services`` is plain data with which another process starts
    backends of its own, None where effects cannot be seen. ``close`` must be called even if
    ``start`` raises; it is idempotent.
    """

    epoch = ""

    def __init__(
        self,
        options: Options,
        run: str,
        paths: Sequence[Path],
        at_stage: Callable[[str], object] = lambda _name: None,
    ) -> None:
        self._options = options
        self._at_stage = at_stage
        self._run = run
        self._folder = RunFolder(run)
        self._services: Services | None = None
        self._deployment: Deployment | None = None
        self._paths = paths
        self.took: dict[str, float] = {}
        """Seconds by stage of the start. Parallel work within a stage counts once."""
        self.about: list[str] = []
        self.services: Mapping[str, Any] | None = None
        self.judged: Mapping[str, str] = {}
        """Name and digest of the image of the backends, if there is one (``Described``)."""
        self.findings: list[str] = []
        """Differences that were found while objects were removed from a backend."""
        self._prepared_backends: dict[str, PreparedBackend] = {}
        self._left: list[str] = []

    @property
    def folder(self) -> Path:
        """The run folder, locked while this process lives."""
        return self._folder.path

    @property
    def journal(self) -> Path | None:
        """The file to which the sinks write every effect."""
        return self._services.journal if self._services is not None else None

    @property
    def broker(self) -> Broker | None:
        """The broker of the run, or None if it needs none."""
        return self._services.broker if self._services is not None else None

    def start(self) -> Mapping[str, PreparedBackend]:
        """Start everything, and return the prepared backends by name of the site.

        Raises ``EnvironmentFault``, ``UsageFault``, or ``SciCatDiffers`` if a backend fails the
        first sentinel. ``close`` then ends what is running.
        """
        folder = self._folder.path
        # Leftovers of killed runs first: they may hold ports, memory and names. A run against a
        # backend of the user starts nothing here, so it removes nothing here either.
        if self._options.deployment != "external":
            with self._prepared("leftovers of earlier runs"):
                self._left += [f"by an earlier run: {each}" for each in remove_abandoned(REMOVERS)]
        with self._prepared("deployment"):
            deployment = make_deployment(self._options, folder, self._run)
        self._deployment = deployment
        further = isinstance(deployment, Reconfigurable)
        sites = sites_of_run(
            self._paths,
            self._options.profile,
            self._options.release,
            further=further,
            facility=self._options.facility,
        )
        backends = self._start_backends(deployment, sites)
        if self._services is not None:
            self.about.append("effects")
            if self._services.broker.connections_json() is not None:
                self.about.append("connections")
            if self._services.host.bind is not None:
                self.about.append("ways")
            if further:
                self.about.append("starts")
        if SITE.name in sites:
            self.about.append("authorization")
        if isinstance(deployment, Described):
            self.judged = deployment.about()
        with self._prepared("accounts, datasets, first sentinels"):
            prepared_backends = self._furnish_all(backends, sites)
        if self._services is not None:
            self.services = {
                **self._services.to_json(),
                "mongo_uri": getattr(deployment, "mongo_uri", None),
                "shared": deployment.to_json() if isinstance(deployment, SharedResources) else None,
            }
        return prepared_backends

    def _start_backends(
        self, deployment: Deployment, sites: Mapping[str, Site]
    ) -> dict[str, Backend]:
        """Start sinks and broker if a site has effects, and the backends of all sites."""
        # Only sites with a sentinel have effects that can be seen.
        watched = {name: site for name, site in sites.items() if site.sentinel}
        others = {name: site for name, site in sites.items() if name not in watched}
        if not watched:
            with self._prepared("backends"):
                return _start_all(deployment, others, None, deployment.close)
        if isinstance(deployment, BrokerOwner | SinksOwner):
            # Its services are beside its backends, and come first.
            watched, others = dict(sites), {}
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="others") as pool:
            # These need no services, so they start while the broker does. One that fails ends
            # nothing by itself: the error of another, which it had ended, would hide the cause.
            starting = pool.submit(_start_all, deployment, others, None, lambda: None)
            try:
                with self._prepared("sinks and broker"):
                    self._services = self._start_services(deployment)
                with self._prepared("backends"):
                    found = _start_all(deployment, watched, self._services, deployment.close)
                    return {**starting.result(), **found}
            except BaseException:
                # Threads cannot be interrupted; the starts of a closed deployment end.
                deployment.close()
                raise

    def _start_services(self, deployment: Deployment) -> Services:
        return Services.start(
            self._run,
            self._options.broker,
            self._folder.path,
            deployment,
            sinks_inside=self._options.sinks == INSIDE,
        )

    @contextmanager
    def _prepared(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        self._at_stage(name)
        yield
        self.took[name] = round(time.monotonic() - began, 3)

    def close(self, enough: Callable[[], bool] = lambda: False) -> list[str]:
        """End everything in the order of dependencies; return leftovers as sentences.

        ``enough`` returns True when the removal of objects from a backend of the user must stop.
        Leftovers of earlier runs are included. ``findings`` has the differences.
        """
        try:
            # Objects are removed through the backend, so before the deployment ends.
            for prepared, janitor in self._not_ours():
                removal = remove_made(prepared, janitor, enough)
                self._left += removal.left
                self.findings += removal.findings
            self._prepared_backends = {}
        finally:
            # Each of them is ended even if an earlier one cannot be; the last is called first.
            with ExitStack() as ending:
                ending.callback(self._close_folder)
                ending.callback(self._end, self._services)
                ending.callback(self._end, self._deployment)
                self._deployment = self._services = None
        # Folders of labs: what checks could not remove is tried again.
        self._left += remove_abandoned(REMOVERS, self._run, but=self._folder.path)
        left, self._left = self._left, []
        return left

    def _end(self, ending: Deployment | Services | None) -> None:
        if ending is None:
            return
        try:
            ending.close()
        except HarnessError as error:
            # Reported with the run, whose results stay.
            self._left.append(str(error))

    def _close_folder(self) -> None:
        self._left += self._folder.close(REMOVERS)

    def _not_ours(self) -> Iterator[tuple[PreparedBackend, Identity]]:
        """Yield the backends that we did not start, each with the janitor of its site."""
        for name, prepared in self._prepared_backends.items():
            if not prepared.owned:
                site = named_site(name, self._options.release, self._options.facility)
                yield prepared, janitor_of(site)

    def _furnish_all(
        self, backends: Mapping[str, Backend], sites: Mapping[str, Site]
    ) -> dict[str, PreparedBackend]:
        """Log in, and create datasets, probe jobs and first sentinels, for all sites in parallel.

        Only the union site gets probe jobs, which the checks of read and list need.
        """

        def furnished(site: Site) -> PreparedBackend:
            probes = (PROBE_TYPE, PROBE_JOBS) if site.name == SITE.name else None
            backend, janitor, services = backends[site.name], janitor_of(site), self._services
            made = None if backend.owned else self._listing(site.name, backend)
            prepared = log_in(backend, site, janitor, self._run, made)
            # Before furnish(): if it fails half-way, close() knows the backend and its list.
            self._prepared_backends[site.name] = prepared
            prepared = furnish(prepared, site, janitor, probes)
            if services is None or not site.sentinel:
                return prepared
            prepared = replace(prepared, sinks=services.sinks.to_json())
            with Sinks(services.sinks) as sinks:
                prepare_effects(prepared, site, janitor, sinks)
            return prepared

        self._prepared_backends = dict(_side_by_side(furnished, sites, cut_requests))
        return self._prepared_backends

    def _listing(self, site: str, backend: Backend) -> Path:
        """Return the file that lists our objects in a backend of the user, noted as a leftover."""
        path = self._folder.path / f"made-{site}.jsonl"
        self._folder.leftovers.note(OBJECTS, url=backend.base_url, run=self._run, made=str(path))
        return path


def _start_all(
    deployment: Deployment,
    sites: Mapping[str, Site],
    services: Services | None,
    give_up: Callable[[], object],
) -> dict[str, Backend]:
    """Start a backend for each site in parallel; call ``give_up`` if one fails, or on Ctrl-C."""
    addresses = services.addresses() if services is not None else NOWHERE

    def start(site: Site) -> Backend:
        if services is not None:
            services.declared.note(site)
        return deployment.start(site, addresses)

    return _side_by_side(start, sites, give_up)


def _side_by_side(
    do: Callable[[Site], _Made], sites: Mapping[str, Site], give_up: Callable[[], object]
) -> dict[str, _Made]:
    """Call ``do`` for each site in a thread, and return the results by name of the site.

    If one call raises, ``give_up`` must end the others, since threads cannot be interrupted.
    """
    pool = ThreadPoolExecutor(max_workers=max(1, len(sites)), thread_name_prefix="start")
    try:
        under_way = {name: pool.submit(do, site) for name, site in sites.items()}
        return {name: each.result() for name, each in under_way.items()}
    except BaseException:
        give_up()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
