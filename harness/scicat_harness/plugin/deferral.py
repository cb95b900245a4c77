"""Deferred reports: a check that is not settled yet reports after its batch has settled.

Stored jobs and effects are looked up once for a batch of checks (``judge.settle``). Until then the
pytest reports of these checks are held back. A difference turns the report of the check that caused
it into a failure.
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
from scicat_harness.plugin.accepting import RECORD
from scicat_harness.plugin.contexts import TRIAL, CheckContexts
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.recorder import STORY
from scicat_harness.secrets import redact

__all__ = ["Deferral"]

# One query per 64 checks makes it cheap to prove that a request left nothing.
_BATCH = 64
# Checks in a row without a verdict, after which a run gives up.
_MOST_UNKNOWN = 5


@dataclass(slots=True)
class _Held:
    item: pytest.Item
    trial: Trial | StartCheck
    reports: list[pytest.TestReport]


class Deferral:
    """Runs checks, holds back the reports of unsettled ones, and reports them after settling.

    A batch settles after 64 checks, before a check marked ``at_once``, and at the end of the run.
    """

    def __init__(self, config: pytest.Config, contexts: CheckContexts) -> None:
        self._config = config
        self._contexts = contexts
        self._held: list[_Held] = []
        self._unknown_in_a_row = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        """Run a check and report it, now or after its batch; leave other tests to pytest.

        Returns True for a check, which makes pytest call no other implementation.
        """
        if not {"trial", "own_backends"}.intersection(getattr(item, "fixturenames", ())):
            return None
        # Such a check settles after each step, and must not settle other checks with it.
        if item.get_closest_marker("at_once") is not None:
            self.settle()
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        # log=False: the reports are logged by _report().
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
        """Skip a check that this deployment cannot show, and record it as not verifiable."""
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
        """Replace the traceback of a failed check by its story.

        An error of the environment, or of the harness, makes the check unknown instead of failed.
        """
        report = yield
        error = call.excinfo.value if call.excinfo is not None else None
        if error is not None and _is_difference(item, error):
            story = _story_of(item, error)
            _note_failed(item, str(story))
            _set_story([report], story.with_part("replay", _replay(item)))
        elif isinstance(error, EnvironmentFault):
            report.longrepr = f"environment: {error}"
            _note_unknown(item, str(error))
        elif report.failed:
            # A defect of the harness is neither a failure of SciCat nor a pass.
            _note_unknown(item, f"the harness failed: {error!r}")
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        """Settle the last batch after the last check, also when the run is interrupted."""
        try:
            return (yield)
        finally:
            self.settle()

    def settle(self) -> None:
        """Settle the batch of every context, and report all checks that are held back.

        A check fails with every story that settling found for it. If settling itself fails, all
        checks of the batch are unknown.
        """
        # Taken first: reporting may raise, and no check may be reported twice.
        held, self._held = self._held, []
        stories: dict[str, list[Story]] = {}
        fault = ""
        try:
            for context in self._contexts.opened():
                for key, found in context.settlement.settle().items():
                    stories.setdefault(key, []).extend(found)
                # Stored jobs of the pool may be used by the next batch now.
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
                # Setup and teardown have no information, and each report of a worker is a message
                # to the controller.
                continue
            if report.when == "call" and record is not None:
                # Through JSON, since xdist sends plain types only, and str subclasses such as
                # the members of an enum are none.
                setattr(report, RECORD, json.loads(json.dumps(record.to_json())))
            with _as_current(self._config, item):
                item.ihook.pytest_runtest_logreport(report=report)

    def _give_up_on_a_dead_backend(self, item: pytest.Item, record: CheckRecord | None) -> None:
        """Stop the session after five unknown checks in a row.

        Thousands of checks that each wait for their deadline would take hours.
        """
        unknown = record is not None and record.verdict == Verdict.UNKNOWN
        self._unknown_in_a_row = self._unknown_in_a_row + 1 if unknown else 0
        if self._unknown_in_a_row >= _MOST_UNKNOWN:
            item.session.shouldstop = f"{_MOST_UNKNOWN} checks in a row have no verdict"


def _fail(reports: list[pytest.TestReport], story: Story) -> None:
    calls = [report for report in reports if report.when == "call"]
    for report in calls:
        report.outcome = "failed"
    _set_story(calls, story)


def _set_story(reports: list[pytest.TestReport], story: Story) -> None:
    for report in reports:
        report.longrepr = str(story)
        # In parts, too, so that no consumer of the events has to parse the text.
        setattr(report, STORY, story.to_json())


_OF_CHECKS = (SCENARIOS, PACKAGE / "judge")
_OURS = (SCENARIO_ROOT, PACKAGE)
# Errors that code raises when a parsed reply lacks a key or has another type than expected.
_SURPRISES = (AssertionError, LookupError, TypeError, AttributeError, ValueError)


def _is_difference(item: pytest.Item, error: BaseException) -> bool:
    """Return whether an error is a failed check, rather than a defect of the harness.

    Scenarios and the judge are known to pass on backends that do as specified. If their code
    raises on the reply of another backend, the reply has an impossible form, which is a difference.
    """
    if isinstance(error, CheckFailed):
        return True
    trial = item.stash.get(TRIAL, None)
    if not isinstance(error, _SURPRISES) or not isinstance(trial, Trial):
        return False
    # Before the first reply, the error cannot be about a reply.
    return trial.context.client.transport.last is not None and _innermost_place(error) is not None


def _innermost_place(error: BaseException) -> traceback.FrameSummary | None:
    """Return the frame of a scenario or the judge that raised; None if other code of ours did."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if any(Path(frame.filename).is_relative_to(each) for each in _OURS)
    ]
    place = Path(ours[-1].filename) if ours else Path()
    return ours[-1] if any(place.is_relative_to(each) for each in _OF_CHECKS) else None


def _story_of(item: pytest.Item, error: BaseException) -> Story:
    """Return the whole story of a failed check.

    A matcher raises the difference alone. Request, observation and curl line are added here.
    """
    trial = item.stash.get(TRIAL, None)
    last = trial.context.client.transport.last if isinstance(trial, Trial) else None
    text = str(error)
    if not isinstance(error, CheckFailed):
        place = _innermost_place(error)
        assert place is not None
        text = (
            f"the reply has an impossible form: {type(error).__name__}: {error} at "
            f"{Path(place.filename).relative_to(SCENARIO_ROOT)}:{place.lineno}, {place.line}"
        )
    story = error.story if isinstance(error, CheckFailed) else Story((StoryPart.of("", text),))
    # A story of several parts comes from a judgement, and is complete.
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
    """Record a check as failed, unless its record says so already.

    A check may fail after its last outcome was judged as specified.
    """
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
    seed = item.config.option.explore_seed
    if seed is not None:
        without = "".join(f" --without {each}" for each in item.config.option.without_entry or ())
        return f"scicat-harness explore --seed {seed}{without} {options}".rstrip()
    return f"pytest {shlex.quote(item.nodeid)} -n0 {options}".rstrip()


class _as_current:  # noqa: N801 - reads as a statement
    """Lets an xdist worker send the report of a check that is not its current one.

    A worker asserts that a report belongs to its current item (``xdist/remote.py``), so
    ``item_index`` is set to that of the reported check meanwhile.
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
    # A search through the items for each of 9,000 reports would take seconds.
    if _INDEX not in stash:
        stash[_INDEX] = {each.nodeid: index for index, each in enumerate(item.session.items)}
    return stash[_INDEX][item.nodeid]
