"""The terminal output of a run: a progress bar, then tables, counts and the report folder."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from _pytest._io import TerminalWriter
from rich.text import Text

from scicat_harness.cli.console import Console
from scicat_harness.cli.progress import RunProgress
from scicat_harness.cli.result import show_causes, show_counts, show_tables
from scicat_harness.errors import ExitCode, HarnessError
from scicat_harness.model.outcome import Verdict
from scicat_harness.plugin.recorder import Recorder
from scicat_harness.report.causes import Kind, causes
from scicat_harness.report.summary import Summary
from scicat_harness.secrets import redact

if TYPE_CHECKING:
    from scicat_harness.report.stored.run import RunReport

__all__ = ["Display", "broken"]

_SHOWN_FAILURES = 3
"""Causes of which the first failed check is shown whole."""
_KEPT_STORIES = 2000
# 0, 1 and 2: the recorder sets the exit code of the session to one of these when it has finished
# its reports. Any other code means that pytest itself failed.
_COMPLETE = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)


class Display:
    """A pytest plugin that replaces pytest's own terminal output.

    The hooks collect counts, errors and stories while pytest runs. ``conclude`` prints them and
    decides the exit code. ``progress`` shows a progress bar, for terminals only; elsewhere a line
    is printed every 30 seconds. With an earlier run, ``since``, the changes take the place of
    tables, failures and causes.
    """

    def __init__(self, console: Console, *, progress: bool, since: RunReport | None = None) -> None:
        self._console = console
        self._since = since
        self._progress = RunProgress(console, bar=progress)
        self._recorder: Recorder | None = None
        self._stories: dict[str, str] = {}
        self._errors: list[str] = []
        self._broke = False
        self._interrupted = False

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Silence pytest's terminal reporter and look up the recorder.

        Runs last, when the plugin of the harness has registered the recorder.
        """
        self._recorder = config.pluginmanager.get_plugin("scicat-recorder")
        terminal = config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            # Other plugins, xdist among them, write to the reporter: only its output is replaced.
            terminal._tw = TerminalWriter(file=StringIO())

    @pytest.hookimpl(optionalhook=True)
    def pytest_scicat_judging(self, what: str) -> None:
        """Say what is judged, before anything is started."""
        self._progress.start(what)

    @pytest.hookimpl(optionalhook=True)
    def pytest_scicat_stage(self, stage: str) -> None:
        """Show the stage of the start."""
        self._progress.stage(stage)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start the progress bar with the number of checks, in a run without workers."""
        if session.items:
            self._progress.checks(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Start the progress bar with the number of checks that a worker reports."""
        # Every worker collects the same list; the first counts.
        del node
        self._progress.checks(len(ids))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a collection error for ``conclude``."""
        if report.failed:
            self._errors.append(redact(str(report.longrepr)))

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember an error of the harness, which pytest writes to its silenced terminal."""
        self._broke = True
        self._errors.append(broken(excinfo.value))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember that the user interrupted the run."""
        # pytest.exit() also comes here, with a message that was printed already.
        self._interrupted = not isinstance(excinfo.value, pytest.exit.Exception)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Advance the progress bar and keep the stories of failures."""
        if report.when == "call":
            self._progress.check(report.nodeid, failed=report.failed)
        if report.failed and len(self._stories) < _KEPT_STORIES:
            self._stories.setdefault(report.nodeid, str(report.longrepr))

    def pytest_sessionfinish(self) -> None:
        """Show no more progress."""
        self._progress.stop()

    def conclude(self, status: int) -> int:
        """Print the result of the run and return its exit code.

        ``status`` is pytest's exit code. A run that did not get as far as its reports, or that
        has no checks, is an error of the environment (2) or of usage (3), never a pass.
        """
        # A session that could not be started has no end.
        self._progress.stop()
        for error in self._errors:
            self._console.print(Text(error), soft_wrap=True)
        recorder = self._recorder
        summary = recorder.summary if recorder is not None else Summary()
        if not summary.started:
            if self._interrupted:
                click.echo("scicat-harness: interrupted before the first check", err=True)
            # pytest's exit code for an internal error is 3, our code for wrong usage.
            return ExitCode.ENVIRONMENT_FAILED if self._broke else _without_summary(status)
        if recorder is not None and recorder.fault is not None:
            return self._without_reports(recorder.fault)
        if summary.checks == 0 and status == pytest.ExitCode.INTERRUPTED:
            self._console.print("ended before the first check")
            return ExitCode.ENVIRONMENT_FAILED
        if summary.checks == 0 and status == pytest.ExitCode.INTERNAL_ERROR:
            return ExitCode.ENVIRONMENT_FAILED
        if summary.checks == 0:
            self._console.print("no case matches; see 'scicat-harness list'")
            return ExitCode.WRONG_USAGE
        # A run is no "pass" if pytest ended in any other way, such as by an internal error.
        complete = summary.finished and status in _COMPLETE
        summary.broken = summary.broken or self._broke or not complete
        if self._since is not None and recorder is not None and recorder.report_dir is not None:
            self._show_changes(self._since, recorder.report_dir, summary)
        else:
            show_tables(self._console, summary)
            self._show_stories(summary)
            show_causes(self._console, summary.causes)
        show_counts(self._console, summary)
        if recorder is not None:
            if any(each.kind is Kind.OF_THE_RUN for each in summary.causes):
                how = f"scicat-harness attribute {recorder.report_dir} [OPTION OF run]..."
                self._console.print(Text(f"which check did it: {how}"), soft_wrap=True)
            page = f"{recorder.report_dir}/report.html" if recorder.report_dir else "none"
            self._console.print(Text(f"report: {page}"), soft_wrap=True)
        return summary.exit_code

    def _show_changes(self, since: RunReport, folder: Path, summary: Summary) -> None:
        """Print what changed, and what fails that one of both runs did not judge."""
        # Imported here: other runs compare nothing.
        from scicat_harness.cli.diff import show_difference
        from scicat_harness.report.diff.difference import difference
        from scicat_harness.report.diff.lines import counted
        from scicat_harness.report.stored.run import read_run

        show_difference(difference(since, read_run(folder)), self._console)
        judged = {name for name, each in since.records.items() if each.verdict != Verdict.UNKNOWN}
        missing = [
            each
            for each in summary.worst
            if each.verdict == Verdict.UNKNOWN or each.case not in judged
        ]
        both = sum(
            each.verdict == since.records[each.case].verdict == Verdict.FAILED
            for each in summary.worst
            if each.case in judged
        )
        self._show_unrecorded(summary)
        show_causes(self._console, causes(missing), "fails, and is not in this comparison:")
        self._console.print(f"\nfailed in both runs: {counted(both, 'check')}")

    def _show_stories(self, summary: Summary) -> None:
        """Print a failed check of each of the worst causes, and failures without a record."""
        examples = [each.example for each in summary.causes if each.kind is not Kind.OF_THE_RUN]
        shown = [name for name in examples if name in self._stories][:_SHOWN_FAILURES]
        self._show_unrecorded(summary)
        stories = [f"{name}\n{self._stories[name]}" for name in shown]
        for story in (*stories, *_apart_from_checks(summary)):
            self._console.print(Text(redact(f"\n{story}"), style="red"), soft_wrap=True)

    def _show_unrecorded(self, summary: Summary) -> None:
        """Print failures without a record, such as an error of a fixture."""
        recorded = {each.case for each in summary.worst}
        others = [name for name in self._stories if name not in recorded]
        for name in others[:_SHOWN_FAILURES]:
            story = Text(redact(f"\n{name}\n{self._stories[name]}"), style="red")
            self._console.print(story, soft_wrap=True)

    def _without_reports(self, fault: HarnessError) -> int:
        """Print failures and the fault, but no verdict: the run is not complete."""
        for name, story in [*self._stories.items()][:_SHOWN_FAILURES]:
            text = Text(redact(f"\n{name}\n{story}"), style="red")
            self._console.print(text, soft_wrap=True)
        self._console.print(Text(f"scicat-harness: {fault}", style="bold red"), soft_wrap=True)
        return fault.exit_code


def _apart_from_checks(summary: Summary) -> Iterator[str]:
    """Yield the failures that belong to no scenario: of the audit, the ledger and the removal."""
    found = [each for each in summary.worst if not each.case.startswith("scenarios/")]
    for record in found[:_SHOWN_FAILURES]:
        yield redact(f"{record.case}\n{record.reason}")
    if len(found) > _SHOWN_FAILURES:
        yield f"and {len(found) - _SHOWN_FAILURES} more of this kind, in summary.md"


def broken(error: BaseException) -> str:
    """Return a one-line message for an internal error, with the file and line that raised it.

    Secrets are removed from it.
    """
    last = traceback.extract_tb(error.__traceback__)[-1]
    # A UnicodeError quotes the text that it could not encode, which may contain a password in a
    # form that redact() does not recognise.
    shown = type(error).__name__ if isinstance(error, UnicodeError) else repr(error)
    return redact(f"scicat-harness: the run broke: {shown} at {last.filename}:{last.lineno}")


def _without_summary(status: int) -> int:
    """Return the exit code of a run that ended before its deployment was up.

    pytest or the plugin has printed the reason.
    """
    usage = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)
    if status in usage or status == ExitCode.WRONG_USAGE:
        return ExitCode.WRONG_USAGE
    return ExitCode.ENVIRONMENT_FAILED
