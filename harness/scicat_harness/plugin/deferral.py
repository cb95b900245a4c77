"""Deferred judgement: a check whose stored state is still to be asked for reports later.

What a batch of requests left behind is asked once for all of them (judge.settle). Until
then the pytest reports of its checks are held back; a finding turns the report of the very check
that caused it into a failure.
"""

from __future__ import annotations

import json
import shlex
import traceback
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from scicat_harness.errors import EnvironmentFault
from scicat_harness.judge.failure import CheckFailed, Story, StoryPart
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.start import StartCheck
from scicat_harness.judge.trial import NotVerifiable, Trial
from scicat_harness.model.outcome import Verdict
from scicat_harness.paths import PACKAGE, SCENARIO_ROOT, SCENARIOS
from scicat_harness.plugin.contexts import TRIAL, CheckContexts
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.recorder import RECORD, STORY
from scicat_harness.secrets import redact

__all__ = ["Deferral"]

_BATCH = 64
_MOST_UNKNOWN = 5


@dataclass(slots=True)
class _Held:
    item: pytest.Item
    trial: Trial | StartCheck
    reports: list[pytest.TestReport]


class Deferral:
    """Runs checks, holds back what is not settled, and reports everything in the end."""

    def __init__(self, config: pytest.Config, contexts: CheckContexts) -> None:
        self._config = config
        self._contexts = contexts
        self._held: list[_Held] = []
        self._unknown_in_a_row = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        """Run a check; other tests are left to pytest."""
        if not {"trial", "lab"}.intersection(getattr(item, "fixturenames", ())):
            return None
        if item.get_closest_marker("at_once") is not None:
            self.settle()
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        trial = item.stash.get(TRIAL, None)
        if trial is None or not trial.is_pending or any(each.failed for each in reports):
            self._report(item, trial, reports)
        else:
            self._held.append(_Held(item, trial, reports))
        if len(self._held) >= _BATCH:
            self.settle()
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """What cannot be verified here is skipped, by name."""
        try:
            return (yield)
        except NotVerifiable as reason:
            trial = item.stash.get(TRIAL, None)
            if trial is not None and trial.record is None:
                trial.overrule(_without_verdict(item, Verdict.NOT_VERIFIABLE, str(reason)))
            pytest.skip(f"not verifiable here: {reason}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A failed check tells its story instead of a traceback."""
        report = yield
        error = call.excinfo.value if call.excinfo is not None else None
        if error is not None and _is_the_replys_fault(item, error):
            story = _story_of(item, error)
            _note_failed(item, str(story))
            _tell([report], story.with_part("replay", _replay(item)))
        elif isinstance(error, EnvironmentFault):
            report.longrepr = f"environment: {error}"
            _note_unknown(item, str(error))
        elif report.failed:
            # A defect of the harness says nothing about SciCat, and must not look like a pass.
            _note_unknown(item, f"the harness failed: {error!r}")
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        """Settle what is left when the last check has run, also when a run is cut short."""
        try:
            return (yield)
        finally:
            self.settle()

    def settle(self) -> None:
        """Judge and report everything that is held back."""
        held, self._held = self._held, []
        stories: dict[str, list[Story]] = {}
        fault = ""
        try:
            for context in self._contexts.opened():
                for key, found in context.settlement.settle().items():
                    stories.setdefault(key, []).extend(found)
                context.pool.settled()
        except EnvironmentFault as error:
            fault = str(error)
        for each in held:
            if fault:
                each.trial.overrule(_unknown(each.item, fault))
                _fail(each.reports, Story((StoryPart.of("", f"environment: {fault}"),)))
            elif each.trial.key in stories:
                story = Story.joined(stories[each.trial.key])
                _fail(each.reports, story.with_part("replay", _replay(each.item)))
            self._report(each.item, each.trial, each.reports)

    def _report(
        self, item: pytest.Item, trial: Trial | StartCheck | None, reports: list[pytest.TestReport]
    ) -> None:
        record = trial.record if trial is not None else None
        self._give_up_on_a_dead_backend(item, record)
        for report in reports:
            if report.when != "call" and report.passed and trial is not None:
                continue  # says nothing, and costs a worker a message to the controller
            if report.when == "call" and record is not None:
                # Through JSON, because a worker can send nothing but plain types.
                setattr(report, RECORD, json.loads(json.dumps(record.to_json())))
            with _as_current(self._config, item):
                item.ihook.pytest_runtest_logreport(report=report)

    def _give_up_on_a_dead_backend(self, item: pytest.Item, record: CheckRecord | None) -> None:
        """Thousands of checks that each wait for their deadline would be as good as a hang."""
        unknown = record is not None and record.verdict == Verdict.UNKNOWN
        self._unknown_in_a_row = self._unknown_in_a_row + 1 if unknown else 0
        if self._unknown_in_a_row >= _MOST_UNKNOWN:
            item.session.shouldstop = f"{_MOST_UNKNOWN} checks in a row came to no verdict"


def _fail(reports: list[pytest.TestReport], story: Story) -> None:
    calls = [report for report in reports if report.when == "call"]
    for report in calls:
        report.outcome = "failed"
    _tell(calls, story)


def _tell(reports: list[pytest.TestReport], story: Story) -> None:
    for report in reports:
        report.longrepr = str(story)
        # In parts, too, so that no report has to take the text apart.
        setattr(report, STORY, story.to_json())


_OF_CHECKS = (SCENARIOS, PACKAGE / "judge")
_OURS = (SCENARIO_ROOT, PACKAGE)
_SURPRISES = (AssertionError, LookupError, TypeError, AttributeError, ValueError)


def _is_the_replys_fault(item: pytest.Item, error: BaseException) -> bool:
    """Whether a check failed, also by stumbling over a reply of another form than it can be.

    The code of scenarios and of the judge is known to pass on backends that do as specified. When
    it breaks on the reply of another one, that is a difference, and no defect of the harness.
    """
    if isinstance(error, CheckFailed):
        return True
    trial = item.stash.get(TRIAL, None)
    if not isinstance(error, _SURPRISES) or not isinstance(trial, Trial):
        return False
    return trial.context.client.transport.last is not None and _innermost_place(error) is not None


def _innermost_place(error: BaseException) -> traceback.FrameSummary | None:
    """Where in a check it was raised; None for code that judges nothing."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if any(Path(frame.filename).is_relative_to(each) for each in _OURS)
    ]
    place = Path(ours[-1].filename) if ours else Path()
    return ours[-1] if any(place.is_relative_to(each) for each in _OF_CHECKS) else None


def _story_of(item: pytest.Item, error: BaseException) -> Story:
    """The whole story of a failed check; a matcher tells no more than the difference."""
    trial = item.stash.get(TRIAL, None)
    last = trial.context.client.transport.last if isinstance(trial, Trial) else None
    text = str(error)
    if not isinstance(error, CheckFailed):
        place = _innermost_place(error)
        assert place is not None
        text = (
            f"the reply has another form than it can have: {type(error).__name__}: {error} at "
            f"{Path(place.filename).relative_to(SCENARIO_ROOT)}:{place.lineno}, {place.line}"
        )
    story = error.story if isinstance(error, CheckFailed) else Story((StoryPart.of("", text),))
    if last is None or len(story.parts) > 1:
        return story
    return Story(
        (
            StoryPart.of("", f"{last.method} {last.url} as {last.identity}"),
            StoryPart.of("differs", text),
            StoryPart.of("observed", last.summary()),
            StoryPart.of("curl", last.curl()),
        )
    )


def _note_failed(item: pytest.Item, story: str) -> None:
    """See that the record says so: a check may fail after its last outcome was as specified."""
    trial = item.stash.get(TRIAL, None)
    if trial is None or (trial.record is not None and trial.record.verdict == Verdict.FAILED):
        return
    record = trial.record or _without_verdict(item, Verdict.FAILED, "")
    trial.overrule(replace(record, verdict=Verdict.FAILED, ledger="", reason=redact(story)))


def _note_unknown(item: pytest.Item, reason: str) -> None:
    trial = item.stash.get(TRIAL, None)
    if trial is not None:
        trial.overrule(_unknown(item, reason))


def _unknown(item: pytest.Item, reason: str) -> CheckRecord:
    return _without_verdict(item, Verdict.UNKNOWN, reason)


def _without_verdict(item: pytest.Item, verdict: Verdict, reason: str) -> CheckRecord:
    return CheckRecord(item.nodeid, "", "", "", "", verdict, reason=reason)


def _replay(item: pytest.Item) -> str:
    options = Options.of(item.config).replay()
    return f"pytest {shlex.quote(item.nodeid)} -n0 {options}".rstrip()


class _as_current:  # noqa: N801 - reads as a statement
    """Lets an xdist worker send the report of a check that is no longer its current one.

    A worker insists that a report is about the item it is at (xdist/remote.py); its index is set
    to the item's for the moment.
    """

    def __init__(self, config: pytest.Config, item: pytest.Item) -> None:
        plugins = config.pluginmanager.get_plugins() if hasattr(config, "workerinput") else ()
        self._workers = [each for each in plugins if hasattr(each, "item_index")]
        self._item = item
        self._before: list[int] = []

    def __enter__(self) -> None:
        self._before = [each.item_index for each in self._workers]
        for worker in self._workers:
            worker.item_index = _index_of(self._item)

    def __exit__(self, *error: object) -> None:
        for worker, before in zip(self._workers, self._before, strict=True):
            worker.item_index = before


_INDEX = pytest.StashKey[dict[str, int]]()


def _index_of(item: pytest.Item) -> int:
    stash = item.session.stash
    if _INDEX not in stash:
        stash[_INDEX] = {each.nodeid: index for index, each in enumerate(item.session.items)}
    return stash[_INDEX][item.nodeid]
