"""One deployment per run: the controller starts it, passes it to workers as data, and ends it.

Only the controller owns processes. A worker gets prepared backends (addresses, tokens, pids) as
plain data and opens connections of its own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.outcomes import Exit

from scicat_harness.broker.broker import Inspectable
from scicat_harness.broker.closer import closer_from_json
from scicat_harness.errors import HarnessError, SciCatDiffers
from scicat_harness.fixtures.effects.sites import own_sites
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.sites import janitor_of, named_site
from scicat_harness.judge.loglines import unknown_lines
from scicat_harness.judge.sweep import sweep_backend
from scicat_harness.model.topology import topology_of, unexplained
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View
from scicat_harness.paths import SCENARIOS
from scicat_harness.plugin.contexts import EPOCH, PREPARED
from scicat_harness.plugin.kept import Kept
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.selected import Selected
from scicat_harness.plugin.setup import Setup
from scicat_harness.plugin.signals import Budget, Held, holding_signals
from scicat_harness.probe.prepared import PreparedBackend
from scicat_harness.processes.running import ERRORS
from scicat_harness.secrets import redact
from scicat_harness.sinks.client import Sinks
from scicat_harness.state.runs import new_run_name

if TYPE_CHECKING:
    from scicat_harness.plugin.recorder import Recorder

__all__ = ["SERVICES", "Controller", "choose_report_dir"]

_RUN = pytest.StashKey[str]()
SERVICES = pytest.StashKey[Mapping[str, Any]]()
"""Addresses of sinks and broker as plain data, for backends that a worker starts."""


class _Ended(Exit):
    """Ends the session with a message."""


# pytest prints "CLASS: MESSAGE" for it, and every message of the command begins like this.
_Ended.__name__ = "scicat-harness"


class Controller:
    """Starts the deployment before workers start, and ends it with the session.

    Registered where there is no ``workerinput``: in the xdist controller, or in the only process.
    """

    def __init__(self, config: pytest.Config, recorder: Recorder) -> None:
        self._config = config
        self._recorder = recorder
        self._setup: Setup | Kept | None = None
        self._prepared_backends: dict[str, PreparedBackend] = {}
        self._began = 0.0
        self._worker_requests = 0
        self._late: list[str] = []
        self._swept: list[str] = []
        self._unmarked: list[str] = []
        self._begun_at = 0.0
        self._unaudited: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Start the setup, unless the session runs no scenario.

        Ends the session with the exit code of the error if the setup cannot be started.
        """
        # tryfirst, since xdist starts its workers in the same hook.
        if self._config.option.collectonly or not _asks_for_scenarios(session.config):
            return
        try:
            self._start(Options.of(self._config))
        except HarnessError as error:
            left, findings = self._end()
            lines = [str(error), *findings, *(f"left behind: {each}" for each in left)]
            raise _Ended(redact("\n".join(lines)), returncode=error.exit_code) from None
        except BaseException:
            self._end()
            raise

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Pass the prepared backends to a worker."""
        node.workerinput["scicat_backends"] = {
            name: prepared.to_json() for name, prepared in self._prepared_backends.items()
        }
        node.workerinput["scicat_epoch"] = self._config.stash.get(EPOCH, "")
        if SERVICES in self._config.stash:
            node.workerinput["scicat_services"] = self._config.stash[SERVICES]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Add the numbers and findings of a worker to those of the run."""
        del error
        # A worker that crashed has no output.
        output = getattr(node, "workeroutput", None) or {}
        self._worker_requests += output.get("scicat_requests", 0)
        self._late += output.get("scicat_late", [])
        self._swept += output.get("scicat_swept", [])
        self._unmarked += output.get("scicat_unmarked", [])
        self._unaudited += output.get("scicat_unaudited", [])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End the setup and finish the reports.

        trylast, so that all workers are down and their findings are known. A signal during this
        hook is held back; a second one interrupts it.
        """
        if not self._prepared_backends:
            return
        seconds = time.monotonic() - self._began
        with holding_signals() as held:
            # Logs first, since the end of the setup removes its folder.
            try:
                self._keep_logs()
            except OSError as error:
                self._recorder.note_unwritten(error)
            # Before the setup ends, and with it the backends.
            swept, unaudited = self._sweep()
            self._recorder.noticed += self._in_logs()
            left, findings = self._end(held)
            for finding in findings:
                self._recorder.note_removal(finding)
            contexts = self._config.pluginmanager.get_plugin("scicat-contexts")
            requests = self._worker_requests + (contexts.requests if contexts is not None else 0)
            if contexts is not None:
                self._late += contexts.late
                self._swept += contexts.swept
                self._unaudited += contexts.unaudited
            self._recorder.note_late(self._late)
            self._recorder.note_swept([*self._swept, *swept])
            self._recorder.note_unaudited([*self._unaudited, *unaudited])
            if held.came:
                self._recorder.pytest_keyboard_interrupt()
            self._recorder.finish(session, seconds=seconds, requests=requests, left_behind=left)
        if held.came:
            # With this status, the command ends itself if its output is not read (cli.ending).
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        self._prepared_backends = {}

    def pytest_unconfigure(self) -> None:
        """End the setup if the session did not get to ``pytest_sessionfinish``."""
        self._end()

    def _start(self, options: Options) -> None:
        self._began, self._begun_at = time.monotonic(), time.time()
        run = self._config.stash[_RUN]
        self._recorder.claim(options, run)
        oracle = Oracle(SITE, View(options.release, options.expect))
        paths = _selected_paths(self._config) or _scenario_paths(self._config)
        kept = options.kept
        hook = self._config.hook
        hook.pytest_scicat_judging(what=_judged(options))
        setup = (
            Kept.of(kept)
            if kept is not None
            else Setup(options, run, paths, lambda name: hook.pytest_scicat_stage(stage=name))
        )
        self._setup = setup
        try:
            self._prepared_backends = dict(setup.start())
        except SciCatDiffers as error:
            # The first sentinel failed: a difference, so the run gets a report with one check.
            self._recorder.start(options, run, oracle.rule_ids(), setup)
            self._recorder.note_start(str(error), time.monotonic() - self._began)
            raise
        self._config.stash[PREPARED] = self._prepared_backends
        if setup.services is not None:
            self._config.stash[SERVICES] = setup.services
        self._config.stash[EPOCH] = setup.epoch
        self._recorder.start(options, run, oracle.rule_ids(), setup)

    def _sweep(self) -> tuple[list[str], list[str]]:
        """Return what no request explains in the backends of this run, and why one was not asked.

        After an interrupt nothing is asked: requests may have been under way.
        """
        contexts = self._config.pluginmanager.get_plugin("scicat-contexts")
        unmarked = {*self._unmarked, *(contexts.unmarked if contexts is not None else ())}
        found: list[str] = []
        unaudited: list[str] = []
        options = Options.of(self._config)
        for name, prepared in self._prepared_backends.items():
            if not prepared.owned or self._recorder.is_interrupted:
                continue
            janitor = janitor_of(named_site(name, options.release, options.facility))
            try:
                found += sweep_backend(prepared, janitor, unmarked, self._begun_at)
            except HarnessError as error:
                unaudited.append(str(error))
        try:
            found += self._in_broker()
        except HarnessError as error:
            unaudited.append(str(error))
        return found, unaudited

    def _in_logs(self) -> list[str]:
        """Return the log lines of unknown forms of the backends that this run started."""
        return [
            f"backend {name}: {each}"
            for name, prepared in self._prepared_backends.items()
            if prepared.owned and prepared.log is not None and prepared.log.exists()
            for each in unknown_lines(prepared.log)
        ]

    def _in_broker(self) -> list[str]:
        """Return what nothing explains in the broker, if the run can look into it."""
        services = self._config.stash.get(SERVICES, None)
        seen: object = self._setup.broker if isinstance(self._setup, Setup) else None
        if services is not None and services["connections"] is not None:
            seen = closer_from_json(services["connections"])
        if services is None or not isinstance(seen, Inspectable) or self._recorder.is_interrupted:
            return []
        options = Options.of(self._config)
        sites = [
            named_site(name, options.release, options.facility) for name in self._prepared_backends
        ]
        with Sinks.from_json(services["sinks"]) as sinks:
            ours = sinks.amqp.own()
        expected = topology_of([*sites, *own_sites().values()], services["run"])
        return list(unexplained(seen.topology(), expected, ours or ""))

    def _keep_logs(self) -> None:
        """Copy the logs of the backends and the journal into the report folder, without secrets."""
        report_dir = self._recorder.report_dir
        if report_dir is None:
            return
        logs = {
            f"backend-{name}.log": prepared.log
            for name, prepared in self._prepared_backends.items()
        }
        for name, prepared in self._prepared_backends.items():
            if prepared.log is not None:
                logs[f"backend-{name}{ERRORS}"] = prepared.log.with_suffix(ERRORS)
        if self._setup is not None:
            logs["journal.jsonl"] = self._setup.journal
        for name, path in logs.items():
            if path is None or not path.exists():
                continue
            # A log may contain any bytes.
            with path.open(encoding="utf-8", errors="replace") as lines:
                kept = "".join(redact(line) for line in lines)
            (report_dir / name).write_text(kept, encoding="utf-8")

    def _end(self, held: Held | None = None) -> tuple[list[str], list[str]]:
        """End the setup; return leftovers, and differences found while removing objects.

        After an interrupt, removing objects from a backend of the user is limited to ten seconds.
        The list of what remains is kept for ``scicat-harness clean``.
        """
        if self._setup is None:
            return [], []
        setup, self._setup = self._setup, None
        budget = Budget(held, begun=self._recorder.is_interrupted)
        left = setup.close(budget.is_spent)
        return left, setup.findings


def choose_report_dir(config: pytest.Config) -> None:
    """Choose the name of the run and, without ``--report-dir``, its report folder."""
    if config.option.collectonly or not _asks_for_scenarios(config):
        return
    config.stash[_RUN] = new_run_name()
    if config.option.report_dir is None:
        config.option.report_dir = str(Path("reports") / config.stash[_RUN])


def _asks_for_scenarios(config: pytest.Config) -> bool:
    """Return whether an argument of this session can select scenarios."""
    return bool(_scenario_paths(config))


def _scenario_paths(config: pytest.Config) -> list[Path]:
    """Return the arguments that are the folder of scenarios, in it, or above it."""
    found = []
    for argument in config.args:
        path = Path(str(config.invocation_params.dir), argument.split("::")[0]).resolve()
        if path == SCENARIOS or SCENARIOS in path.parents or path in SCENARIOS.parents:
            found.append(path)
    return found


def _selected_paths(config: pytest.Config) -> list[Path]:
    """Return the files of the checks that ``--cases`` or ``--failed`` selects."""
    selected: Selected | None = config.pluginmanager.get_plugin("scicat-selected")
    return selected.paths if selected is not None else []


def _judged(options: Options) -> str:
    """Return what a run judges, such as ``../backend as v5.2.1 (process), profile standard``."""
    if options.kept is not None:
        return f"the setup {options.kept}, profile {options.profile}"
    image = f", {options.backend_image}" if options.backend_image else ""
    defect = f", with the defect {options.defect}" if options.defect else ""
    judged = f"{options.backend_dir} as " if options.backend_dir is not None else ""
    release = f"{judged}{options.release}"
    return f"{release} ({options.deployment}{image}{defect}), profile {options.profile}"
