"""Check contexts of a process: one per site, opened when the first check needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scicat_harness.errors import HarnessError
from scicat_harness.facility.facility import load_facility
from scicat_harness.fixtures.folders import folder_of
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.sites import janitor_of, named_site
from scicat_harness.judge.channels import line_of
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.start import StartCheck
from scicat_harness.judge.sweep import sweep
from scicat_harness.judge.trial import Trial
from scicat_harness.plugin.options import Options
from scicat_harness.probe.prepared import PreparedBackend, open_client

__all__ = ["EPOCH", "PREPARED", "TRIAL", "CheckContexts", "epoch_of"]

TRIAL = pytest.StashKey[Trial | StartCheck]()
EPOCH = pytest.StashKey[str]()
"""The suffix of worker names. Runs against one kept setup differ in it, and so do their
correlations."""
PREPARED = pytest.StashKey[dict[str, PreparedBackend]]()
"""The prepared backends of the run by site; only in the controller. Workers get plain data."""


class CheckContexts:
    """Opens check contexts by site, and closes them at the end of the session.

    ``late`` are sentences about effects that arrived after their barrier, ``swept`` about jobs that
    are not stored as they were left, ``unaudited`` the reasons why one of both could not be looked
    for. All are filled when the session finishes.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._open: dict[str, CheckContext] = {}
        self.late: list[str] = []
        self.swept: list[str] = []
        self.unaudited: list[str] = []

    def opened(self) -> Iterator[CheckContext]:
        """Yield the contexts that checks of this process have used."""
        yield from self._open.values()

    @property
    def requests(self) -> int:
        """The number of requests that this process has sent."""
        return sum(context.client.transport.sent for context in self._open.values())

    @pytest.fixture
    def trial(self, request: pytest.FixtureRequest) -> Trial:
        """Return the trial of one check, which makes requests and judges their outcomes.

        The site is that of the marker ``site``, else that of the case, else that of the folder.
        """
        case = getattr(request.node, "callspec", None)
        params: Mapping[str, Any] = case.params if case is not None else {}
        context = self._context(_site_of(request, params))
        at_once = request.node.get_closest_marker("at_once") is not None
        trial = Trial(context, request.node.nodeid, at_once=at_once)
        request.node.stash[TRIAL] = trial
        return trial

    def pytest_sessionfinish(self) -> None:
        """Audit late effects and stored jobs, send the results to the controller, close clients."""
        # Here and not at exit, since xdist transfers workeroutput right after this hook.
        self.late = self._late_effects()
        self.swept = self._swept_jobs()
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["scicat_requests"] = self.requests
            output["scicat_late"] = self.late
            output["scicat_swept"] = self.swept
            output["scicat_unmarked"] = self.unmarked
            output["scicat_unaudited"] = self.unaudited
        for context in self._open.values():
            context.client.transport.close()

    def _late_effects(self) -> list[str]:
        """Return effects that arrived after the barrier which they had to precede."""
        late: list[str] = []
        for context in self._open.values():
            # Without a watch nobody sees the effects of that backend.
            if context.watch is None:
                continue
            try:
                arrivals = context.watch.late(max(Options.of(self._config).audit, _QUIET))
            except HarnessError as error:
                self.unaudited.append(str(error))
                continue
            late += [f"{line_of(each)} of {each.correlation}" for each in arrivals]
            context.watch.sinks.close()
        return late

    @property
    def unmarked(self) -> list[str]:
        """The ids of jobs that checks of this process made without the marks of the run."""
        return [each for context in self._open.values() for each in context.unmarked]

    def _swept_jobs(self) -> list[str]:
        """Return what is wrong with the jobs of this process, backend by backend."""
        swept: list[str] = []
        for context in self._open.values():
            # A backend that this run does not have, or that checks have ended, cannot be asked.
            if not context.sent:
                continue
            try:
                swept += sweep(context)
            except HarnessError as error:
                self.unaudited.append(str(error))
        return swept

    def _context(self, name: str) -> CheckContext:
        if name not in self._open:
            self._open[name] = self._make_context(name)
        return self._open[name]

    def _make_context(self, name: str) -> CheckContext:
        prepared_backends = self._prepared_backends()
        options = Options.of(self._config)
        site = named_site(name, options.release, options.facility)
        prepared = prepared_backends.get(name)
        if prepared is None:
            # This run has no backend for the site. Every identity is marked as missing, so that
            # each of its checks is not verifiable, by name.
            prepared = PreparedBackend(
                "", "", False, None, {}, dict.fromkeys(site.identities, _NO_SATELLITE)
            )
        worker = getattr(self._config, "workerinput", {}).get("workerid", "main")
        context = CheckContext(
            prepared=prepared,
            site=site,
            client=open_client(prepared),
            janitor=janitor_of(site),
            release=options.release,
            reading=options.expect,
            ledger=LEDGER.without(self._config.option.without_entry or ()),
            worker=worker + epoch_of(self._config),
        )
        # Probes of plugins see the effects of actions that the harness itself does not know.
        if context.watch is not None and options.facility is not None and not site.marked:
            context.watch.add_probes(load_facility(options.facility, options.release).probes.used)
        return context

    def _prepared_backends(self) -> dict[str, PreparedBackend]:
        if PREPARED in self._config.stash:
            return self._config.stash[PREPARED]
        sent = getattr(self._config, "workerinput", {}).get("scicat_backends")
        if sent is None:
            raise RuntimeError("a scenario runs, but no deployment was started for it")
        return {name: PreparedBackend.from_json(data) for name, data in sent.items()}


_QUIET = 0.3
"""Seconds without an effect at the end of every run; ``--audit`` waits longer."""
_NO_SATELLITE = "needs a backend started with another job configuration"


def _site_of(request: pytest.FixtureRequest, params: Mapping[str, Any]) -> str:
    marker = request.node.get_closest_marker("site")
    if marker is not None:
        name: str = marker.args[0]
        return name
    folder = folder_of(request.path)
    return getattr(params.get("case"), "site", folder.sites[0] if folder is not None else SITE.name)


def epoch_of(config: pytest.Config) -> str:
    """Return the suffix of worker names of this run, in the controller or in a worker."""
    if EPOCH in config.stash:
        return config.stash[EPOCH]
    found: str = getattr(config, "workerinput", {}).get("scicat_epoch", "")
    return found
