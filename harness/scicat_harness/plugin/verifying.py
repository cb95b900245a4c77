"""Verifying a facility: its plan as cases, and the verbs of its scenarios."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from scicat_harness.errors import HarnessError
from scicat_harness.facility.facility import Facility, load_facility
from scicat_harness.facility.handlebars import Handlebars
from scicat_harness.facility.plan import Beyond, PlannedCase
from scicat_harness.facility.rendering import NotRendered, Renderer
from scicat_harness.javascript.engine import JavaScriptEngine
from scicat_harness.judge.trial import NotVerifiable, Outcome, Trial
from scicat_harness.lint.words import without_secrets
from scicat_harness.model.effect import Effect
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.request import CreateRequest
from scicat_harness.model.text import Text
from scicat_harness.plugin.options import Options

__all__ = ["Verifier", "Verifying"]

_FOLDER = "facility"


class Verifier:
    """The verbs of a facility's scenarios."""

    def __init__(
        self, facility: Facility, trial: Trial, renderer: Renderer | None, shared: SharedJobs
    ) -> None:
        self._facility = facility
        self._trial = trial
        self._renderer = renderer
        self._shared = shared

    def ask(self, case: PlannedCase) -> Outcome:
        """Make the request of a case; an update's job is made, and judged, before."""
        try:
            return self._ask(case)
        except NotRendered as reason:
            self._trial.not_verifiable(str(reason), case.identity)

    def _ask(self, case: PlannedCase) -> Outcome:
        if isinstance(case.request, CreateRequest):
            self._predict_by(case)
            return self._trial.submit(case.identity, case.request)
        made = self._make(case) if self._trial.at_once else self._share(case)
        if not made.job_id:
            self._trial.not_verifiable(
                f"{case.request.job_type}: the job to be updated is stored, but whoever makes it "
                "is told of a failure, and not of its id"
            )
        self._predict_by(case)
        return self._trial.update(case.identity, case.request, of=made)

    def _share(self, case: PlannedCase) -> Outcome:
        """A job that nothing may change; making it may have effects, so it stands alone."""
        key = repr(case.made)
        if key not in self._shared.made:
            self._shared.settle()
            self._shared.made[key] = self._make(case)
            self._trial.settle()
        return self._shared.made[key]

    def _make(self, case: PlannedCase) -> Outcome:
        assert case.made is not None
        janitor = self._trial.context.janitor
        made = self.ask(replace(case, identity=janitor, request=case.made, made=None))
        made.must_be_as_specified()
        return made

    def must_have_judged_all_of(self, outcome: Outcome) -> None:
        """Say so where the content of an effect could not be held against anything."""
        if self._trial.context.watch is None and outcome.expected.against.effects:
            self._judged_in_part("its effects go where nobody here can see them")
        reasons = {
            f"{effect.channel}: {reason}"
            for effect in outcome.expected.against.effects
            for reason in _unjudged(effect)
        }
        if reasons:
            self._judged_in_part(f"nobody here knows the content of {', '.join(sorted(reasons))}")

    def _judged_in_part(self, reason: str) -> NoReturn:
        """What was judged is as specified; the rest makes the check no pass."""
        told = f"all else is as specified, but {reason}"
        record = self._trial.record
        assert record is not None
        self._trial.overrule(replace(record, verdict=Verdict.NOT_VERIFIABLE, reason=told))
        raise NotVerifiable(told)

    def pass_over(self, beyond: Beyond) -> None:
        """Count what cannot be shown."""
        self._trial.not_verifiable(without_secrets(f"{beyond.job_type}: {beyond.reason}"))

    def _predict_by(self, case: PlannedCase) -> None:
        self._trial.oracle_of = lambda oracle: self._facility.oracle(
            case, oracle.view, self._renderer
        )


@dataclass(frozen=True, slots=True)
class SharedJobs:
    """What the checks of a session share: jobs that none of them changes."""

    settle: Callable[[], None]
    """Judges everything that is held back."""
    made: dict[str, Outcome] = field(default_factory=dict)


class Verifying:
    """Collects the plan of the configuration that was given, if one was."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._shared: SharedJobs | None = None
        self._give_up: float | None = None
        self._loaded: Facility | None = None

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A run on an instance ends when its time is over, whatever is left to do."""
        if item.get_closest_marker("planned") is None:
            return
        instance = self._facility().instance
        if instance is None:
            return
        if self._give_up is None:
            self._give_up = time.monotonic() + instance.limits.seconds
        if time.monotonic() > self._give_up:
            limit = f"instance.limits.seconds, {instance.limits.seconds:g} s"
            item.session.shouldstop = f"the time of the run is over ({limit})"

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """The backend has ended: nothing reaches the probes of plugins any more."""
        if self._loaded is not None:
            self._loaded.probes.close()

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Without a configuration there is nothing to verify."""
        parts = collection_path.parts[-3:]
        there = "scenarios" in parts and _FOLDER in parts
        return True if there and not self._config.getoption("job_config") else None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """The cases of the plan, or what is beyond it."""
        marker = metafunc.definition.get_closest_marker("planned")
        if marker is None:
            return
        try:
            plan = self._facility().plan
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from None
        planned: list[PlannedCase] | list[Beyond] = getattr(plan, marker.args[0])
        metafunc.parametrize("case", planned, ids=[each.id for each in planned])

    @pytest.fixture(scope="session")
    def renderer(self) -> Iterator[Renderer | None]:
        """Handlebars.js where it is to be had."""
        engine = self._facility().engine
        if not isinstance(engine, JavaScriptEngine):
            yield None
            return
        with engine:
            yield Handlebars(engine, self._facility().plan.site.settings)

    @pytest.fixture
    def verifier(self, trial: Trial, renderer: Renderer | None) -> Verifier:
        """The verbs of one check."""
        if self._shared is None:
            deferral: Any = self._config.pluginmanager.get_plugin("scicat-deferral")
            self._shared = SharedJobs(deferral.settle)
        return Verifier(self._facility(), trial, renderer, self._shared)

    def _facility(self) -> Facility:
        options = Options.of(self._config)
        assert options.facility is not None
        self._loaded = load_facility(options.facility, options.release)
        return self._loaded


def _unjudged(effect: Effect) -> Iterator[str]:
    for key, value in effect.content.items():
        texts = value.items() if isinstance(value, dict) else ((key, value),)
        for name, text in texts:
            if isinstance(text, Text) and text.unjudged:
                yield f"{name} ({text.unjudged})"
