"""Desks: where checks are judged, one per backend, opened when first needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scicat_harness.errors import HarnessError
from scicat_harness.facility.facility import load_facility
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.sites import janitor_of, named_site
from scicat_harness.judge.channels import line_of
from scicat_harness.judge.desk import CheckContext
from scicat_harness.judge.start import StartCheck
from scicat_harness.judge.trial import Trial
from scicat_harness.plugin.options import Options
from scicat_harness.probe.stage import PreparedBackend, open_client

__all__ = ["EPOCH", "STAGES", "TRIAL", "CheckContexts", "epoch_of"]

TRIAL = pytest.StashKey[Trial | StartCheck]()
EPOCH = pytest.StashKey[str]()
"""Ends the names of workers, so that no two runs against one setup use the same correlations."""
STAGES = pytest.StashKey[dict[str, PreparedBackend]]()
"""The backends of the run; in a worker they come as plain data instead."""


class CheckContexts:
    """The desks of this process, opened when first needed."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._open: dict[str, CheckContext] = {}
        self.late: list[str] = []
        self.unaudited: list[str] = []

    def opened(self) -> Iterator[CheckContext]:
        """Those that have been used."""
        yield from self._open.values()

    @property
    def requests(self) -> int:
        """Requests sent by this process."""
        return sum(desk.client.transport.sent for desk in self._open.values())

    @pytest.fixture
    def trial(self, request: pytest.FixtureRequest) -> Trial:
        """The verbs and judgements of one check."""
        case = getattr(request.node, "callspec", None)
        params: Mapping[str, Any] = case.params if case is not None else {}
        desk = self._desk(_site_of(request, params))
        at_once = request.node.get_closest_marker("at_once") is not None
        trial = Trial(desk, request.node.nodeid, at_once=at_once)
        request.node.stash[TRIAL] = trial
        return trial

    def pytest_sessionfinish(self) -> None:
        """Tell the controller what a worker sent and saw too late, and close connections."""
        self.late = self._late_effects()
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["scicat_requests"] = self.requests
            output["scicat_late"] = self.late
            output["scicat_unaudited"] = self.unaudited
        for desk in self._open.values():
            desk.client.transport.close()

    def _late_effects(self) -> list[str]:
        """Effects that came after the barrier that should have been behind them."""
        late: list[str] = []
        for desk in self._open.values():
            if desk.watch is None:
                continue
            try:
                arrivals = desk.watch.late(Options.of(self._config).audit)
            except HarnessError as error:
                self.unaudited.append(str(error))
                continue
            late += [f"{line_of(each)} of {each.correlation}" for each in arrivals]
            desk.watch.sinks.close()
        return late

    def _desk(self, name: str) -> CheckContext:
        if name not in self._open:
            self._open[name] = self._make_desk(name)
        return self._open[name]

    def _make_desk(self, name: str) -> CheckContext:
        stages = self._stages()
        options = Options.of(self._config)
        site = named_site(name, options.release, options.facility)
        stage = stages.get(name)
        if stage is None:
            # No such backend in this run; every check on it is not verifiable.
            stage = PreparedBackend(
                "", "", False, None, {}, dict.fromkeys(site.identities, _NO_SATELLITE)
            )
        worker = getattr(self._config, "workerinput", {}).get("workerid", "main")
        desk = CheckContext(
            stage=stage,
            site=site,
            client=open_client(stage),
            janitor=janitor_of(site),
            release=options.release,
            reading=options.expect,
            ledger=LEDGER,
            worker=worker + epoch_of(self._config),
        )
        if desk.watch is not None and options.facility is not None and not site.marked:
            desk.watch.sources = load_facility(options.facility, options.release).probes.used
        return desk

    def _stages(self) -> dict[str, PreparedBackend]:
        if STAGES in self._config.stash:
            return self._config.stash[STAGES]
        sent = getattr(self._config, "workerinput", {}).get("scicat_stages")
        if sent is None:
            raise RuntimeError("a scenario runs, but no deployment was started for it")
        return {name: PreparedBackend.from_json(data) for name, data in sent.items()}


_NO_SATELLITE = "needs a backend started with another job configuration"


def _site_of(request: pytest.FixtureRequest, params: Mapping[str, Any]) -> str:
    marker = request.node.get_closest_marker("site")
    if marker is not None:
        name: str = marker.args[0]
        return name
    return getattr(params.get("case"), "site", SITE.name)


def epoch_of(config: pytest.Config) -> str:
    """What ends the names of workers of this run."""
    if EPOCH in config.stash:
        return config.stash[EPOCH]
    found: str = getattr(config, "workerinput", {}).get("scicat_epoch", "")
    return found
