"""The recorder: turns pytest's reports into events, and sets the exit status of the session."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from scicat_harness import __version__
from scicat_harness.config.jobconfig import config_version
from scicat_harness.errors import EnvironmentFault, ExitCode
from scicat_harness.facility.facility import Facility, load_facility
from scicat_harness.fixtures.reports import IDENTITY_NAMES, TABLES, all_reports, gone_entries
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import unobserved
from scicat_harness.plugin.accepting import RECORD, Accepting
from scicat_harness.plugin.kept import Kept
from scicat_harness.plugin.narrowing import OF_A_FACILITY, narrowing
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.setup import Setup
from scicat_harness.plugin.shard import Sharding
from scicat_harness.report.allure import fresh_results
from scicat_harness.report.events import EventStream
from scicat_harness.report.folder import EVENTS, ReportFolder, unwritten
from scicat_harness.report.summary import Summary

__all__ = ["STORY", "Recorder"]

STORY = "scicat_story"
"""Attribute with the parts of the story of a failed check: pairs of name and text."""

_AUDIT = "audit::effects-are-complete"
_SWEEP = "audit::state-is-as-it-was-left"
_USUAL = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)


class Recorder:
    """Records every check of a run, in the controller, which sees the reports of all workers.

    Reports are consumers of ``stream``. ``summary`` is one of them and decides the exit code.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.stream = EventStream()
        self.summary = Summary()
        self.report_dir: Path | None = None
        self.fault: EnvironmentFault | None = None
        """The reason why a report could not be written; such a run proves nothing."""
        self.accepting: Accepting | None = None
        """The differences that do not fail the run, if there is a file of them."""
        self.sharding: Sharding | None = None
        """The shard of a larger run that this run is, if it is one."""
        self.noticed: list[str] = []
        """Findings of low severity, as sentences."""
        self._folder: ReportFolder | None = None
        self._session: pytest.Session | None = None
        self._options: Options | None = None
        self._abnormal = False
        self._about: frozenset[str] = frozenset()
        self._collected = 0

    def claim(self, options: Options, run: str) -> None:
        """Lock the report folder and remove the reports of an earlier run in it.

        Called before anything is started. Raises ``EnvironmentFault`` if another run uses the
        folder, or if it cannot be written.
        """
        assert options.report_dir is not None
        self._folder = ReportFolder(options.report_dir, run)
        try:
            (self._folder.path / EVENTS).unlink(missing_ok=True)
            if os.path.lexists(self._folder.path / "allure-results"):
                fresh_results(self._folder.path / "allure-results")
        except OSError as error:
            raise unwritten(self._folder.path, error) from None

    def start(self, options: Options, run: str, rules: Iterable[str], setup: Setup | Kept) -> None:
        """Open the reports of a run, and emit the event ``started``."""
        self._about = frozenset(setup.about)
        self._options = options
        facility = load_facility(options.facility, options.release) if options.facility else None
        if self._folder is None:
            self.claim(options, run)
        assert self._folder is not None
        self.report_dir = self._folder.path
        try:
            self.stream.consumers += all_reports(self._folder, self.summary)
            self.stream.emit("started", self._started(run, rules, setup, facility))
        except OSError as error:
            raise unwritten(self.report_dir, error) from None

    def _started(
        self, run: str, rules: Iterable[str], setup: Setup | Kept, facility: Facility | None
    ) -> dict[str, Any]:
        options = self._options
        assert options is not None
        return {
            "run": run,
            "deployment": options.deployment,
            "backend_version": str(options.release),
            "unobserved": unobserved(options.release),
            "profile": str(options.profile),
            "expect": str(options.expect),
            "rules": sorted(rules),
            "took": setup.took,
            "harness": __version__,
            "configuration": config_version(SITE.job_types.values()),
            "identities": IDENTITY_NAMES,
            "tables": TABLES,
            "narrowed": narrowing(self._config, options),
            "shard": str(self.sharding.shard) if self.sharding is not None else None,
            "about": sorted(self._about),
            "defect": options.defect,
            **(facility.summary() if facility is not None else {}),
            **setup.judged,
        }

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remember the session, which ``note_unwritten`` may have to stop."""
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Emit the event of a finished check."""
        record = getattr(report, RECORD, None)
        if record is not None and report.when == "call":
            story = str(report.longrepr) if report.failed else ""
            self._emit_check(record, report.duration, story, getattr(report, STORY, ()))
        # A failed setup or teardown, such as that of a fixture: the check has no verdict.
        elif report.when != "call" and report.failed and "scenarios/" in report.nodeid:
            lost = CheckRecord(
                report.nodeid, "", "", "", "", Verdict.UNKNOWN, reason=str(report.longrepr)
            )
            self._emit_check(lost.to_json(), report.duration, str(report.longrepr))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the cases, in a run without workers."""
        self._collected = _scenarios_among(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Count the cases of a worker; every worker collects the same."""
        del node
        self._collected = _scenarios_among(ids)

    def pytest_keyboard_interrupt(self) -> None:
        """Note that the run is interrupted, and so not complete."""
        self._abnormal = True

    @property
    def is_interrupted(self) -> bool:
        """True if the run was interrupted."""
        return self._abnormal

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print in plain pytest that a report could not be written."""
        if self.fault is not None:
            terminalreporter.write_line(str(self.fault), red=True)

    def pytest_unconfigure(self) -> None:
        """Unlock the report folder, however the run ended."""
        if self._folder is not None:
            self._folder.release()

    def note_unwritten(self, error: OSError) -> None:
        """Stop the run, and all further writing, because a report cannot be written."""
        assert self.report_dir is not None
        self.fault = self.fault or unwritten(self.report_dir, error)
        # With workers, the loop of xdist's "dsession" runs instead of pytest's; both look at it.
        for loop in (self._session, self._config.pluginmanager.get_plugin("dsession")):
            if loop is not None:
                loop.shouldstop = str(self.fault)

    def note_start(self, reason: str, seconds: float) -> None:
        """Record a failed first sentinel, and finish the reports of a run without checks.

        All checks of effects rely on the sentinel, so the run ends before the first of them.
        """
        rule = "actions.perform.rabbitmq.publishes"
        self._note("effects::a-sentinel-arrives", "create", Verdict.FAILED, reason, rule)
        self._finished(seconds, requests=0, left_behind=[], interrupted=False)
        if self.fault is not None:
            raise self.fault

    def note_removal(self, finding: str) -> None:
        """Record a difference that was found while objects were removed from the backend."""
        self._note("removal::only-what-was-asked-for", "list", Verdict.FAILED, finding)

    def note_late(self, effects: Iterable[str]) -> None:
        """Record effects that SciCat sent after the barrier which they had to precede."""
        for effect in effects:
            reason = f"arrived after the barrier that it had to precede: {effect}"
            self._note(_AUDIT, "audit", Verdict.FAILED, reason)

    def note_swept(self, findings: Iterable[str]) -> None:
        """Record what was wrong with the stored jobs and datasets at the end of the run."""
        for finding in findings:
            self._note(_SWEEP, "audit", Verdict.FAILED, finding)

    def note_unaudited(self, reasons: Iterable[str]) -> None:
        """Record as unknown that late effects could not be looked for."""
        for reason in reasons:
            self._note(_AUDIT, "audit", Verdict.UNKNOWN, f"the audit failed: {reason}")

    def _note(
        self, case: str, operation: str, verdict: Verdict, reason: str, deciding: str = ""
    ) -> None:
        """Record a check of the run as a whole, which no scenario makes."""
        record = CheckRecord(case, operation, "", "", "", verdict, reason=reason, deciding=deciding)
        data = record.to_json()
        if self.accepting is not None:
            data = self.accepting.judged(data)
        self._emit_check(data, 0.0, reason)

    def finish(
        self, session: pytest.Session, *, seconds: float, requests: int, left_behind: list[str]
    ) -> None:
        """Check the ledger, finish the reports and set the exit status of the session.

        The ledger is checked only if every case of the profile ran.
        """
        assert self._options is not None
        left_out = self._left_out(session)
        if not left_out:
            self._check_ledger()
        if self.accepting is not None:
            # A facility's file of accepted differences is about its own configuration.
            complete = not set(left_out) - {OF_A_FACILITY}
            for name, sentence in self.accepting.wrong_entries(complete=complete):
                self._note(name, "accepted", Verdict.FAILED, sentence)
        interrupted = self._abnormal or session.exitstatus == pytest.ExitCode.INTERRUPTED
        self._finished(seconds, requests, left_behind, interrupted=interrupted)
        if self.fault is not None:
            session.exitstatus = int(ExitCode.ENVIRONMENT_FAILED)
        # An internal error of pytest, or a failed test of the project, keeps pytest's own status.
        elif session.exitstatus in _USUAL and not self._only_tests_failed(session):
            session.exitstatus = int(self.summary.exit_code)

    def _finished(
        self, seconds: float, requests: int, left_behind: list[str], *, interrupted: bool
    ) -> None:
        self._emit(
            "finished",
            {
                "seconds": seconds,
                "requests": requests,
                "left_behind": left_behind,
                "noticed": self.noticed,
                "interrupted": interrupted,
                "collected": self._collected,
                **self._of_shard(),
                "finished_at": time.time(),
            },
        )
        if self.fault is None and self._folder is not None:
            step = os.environ.get("GITHUB_STEP_SUMMARY")
            try:
                self._folder.publish(Path(step) if step else None)
            except OSError as error:
                self.note_unwritten(error)

    def _of_shard(self) -> dict[str, Any]:
        """Return what ``report --merge`` has to know about the end of a shard."""
        if self.sharding is None:
            return {}
        wrong = self.accepting.unused() if self.accepting is not None else ()
        return {"collection": self.sharding.collection, "unused": [*map(list, wrong)]}

    def _emit_check(
        self, record: dict[str, Any], seconds: float, story: str, parts: Sequence[Any] = ()
    ) -> None:
        data = {"record": record, "seconds": round(seconds, 4), "story": story}
        self._emit("check", {**data, "parts": list(parts)} if parts else data)

    def _emit(self, kind: str, data: dict[str, Any]) -> None:
        """Emit an event, unless an earlier one could not be written."""
        if self.fault is not None:
            return
        try:
            self.stream.emit(kind, data)
        except OSError as error:
            self.note_unwritten(error)

    def _only_tests_failed(self, session: pytest.Session) -> bool:
        """Return whether tests of the project failed in this session, and no check did."""
        return session.testsfailed > 0 and self.summary.exit_code == ExitCode.AS_SPECIFIED

    def _left_out(self, session: pytest.Session) -> list[str]:
        """Return why not every case ran; if all did, a deviation not seen is one that is gone."""
        assert self._options is not None
        cut_short = self._abnormal or session.shouldfail or session.shouldstop
        return narrowing(self._config, self._options) + ["cut short"] * bool(cut_short)

    def _check_ledger(self) -> None:
        assert self._options is not None
        # By the documentation alone, every known deviation is a failure, and none is matched.
        if self._options.expect != "observed":
            return
        seen = self.summary.ledger
        for name, reason in gone_entries(self._options.release, seen, self._about):
            self._note(name, "ledger", Verdict.FAILED, reason)


def _scenarios_among(ids: Iterable[str]) -> int:
    """Count the scenarios; the project's own tests may run in the same session."""
    return sum(each.startswith("scenarios/") for each in ids)
