"""Verification of a facility: the cases of its plan, and the verbs of its scenarios."""

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
    """Makes and judges the requests of a plan, for one check.

    ``renderer`` renders the templates of the configuration, None where Node or the libraries are
    missing. ``shared`` has the jobs that several checks use.
    """

    def __init__(
        self, facility: Facility, trial: Trial, renderer: Renderer | None, shared: SharedJobs
    ) -> None:
        self._facility = facility
        self._trial = trial
        self._renderer = renderer
        self._shared = shared

    def ask(self, case: PlannedCase) -> Outcome:
        """Make the request of a case and return its outcome.

        The job that an update needs is created and judged first. A case whose templates cannot be
        rendered is not verifiable.
        """
        try:
            return self._ask(case)
        except NotRendered as reason:
            self._trial.not_verifiable(str(reason), case.identity)

    def _ask(self, case: PlannedCase) -> Outcome:
        self._refuse_without_datasets(case)
        if isinstance(case.request, CreateRequest):
            self._predict_by(case)
            return self._trial.submit(case.identity, case.request)
        made = self._make(case) if self._trial.at_once else self._share(case)
        if not made.job_id:
            self._trial.not_verifiable(
                f"{case.request.job_type}: the job to be updated is stored, but the reply to its "
                "creation is an error without the id"
            )
        self._predict_by(case)
        return self._trial.update(case.identity, case.request, of=made)

    def _refuse_without_datasets(self, case: PlannedCase) -> None:
        about = case.made or case.request
        unmade = self._trial.context.prepared.unmade
        listed = about.datasets.aliases if isinstance(about, CreateRequest) else ()
        for alias in listed:
            if alias in unmade:
                self._trial.not_verifiable(f"{about.job_type}: {unmade[alias]}", case.identity)

    def _share(self, case: PlannedCase) -> Outcome:
        """Return a job for updates that are refused, and so do not change it.

        One job serves all checks that need the same. Creating it may have effects, so it is settled
        apart from the checks.
        """
        key = repr(case.made)
        if key not in self._shared.made:
            # On a twin, effects carry no correlation: one request stands between two barriers.
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
        """Mark the check as not verifiable if effects, or parts of their content, were not judged.

        Everything else of the outcome has been judged as specified before.
        """
        if self._trial.context.watch is None and outcome.expected.against.effects:
            self._judged_in_part("its effects go to destinations that are not observed")
        reasons = {
            f"{effect.channel}: {reason}"
            for effect in outcome.expected.against.effects
            for reason in _unjudged(effect)
        }
        if reasons:
            self._judged_in_part(f"the content is not known of {', '.join(sorted(reasons))}")

    def _judged_in_part(self, reason: str) -> NoReturn:
        """Change the verdict from passed to not verifiable, since a part was not judged."""
        message = f"all else is as specified, but {reason}"
        record = self._trial.record
        assert record is not None
        self._trial.overrule(replace(record, verdict=Verdict.NOT_VERIFIABLE, reason=message))
        raise NotVerifiable(message)

    def pass_over(self, beyond: Beyond) -> None:
        """Record a part of the configuration for which no case can be made, with its reason."""
        self._trial.not_verifiable(
            without_secrets(f"{beyond.job_type}: {beyond.reason}"),
            operation=str(beyond.operation),
            job_type=beyond.job_type,
        )

    def _predict_by(self, case: PlannedCase) -> None:
        environment = self._trial.context.prepared.environment
        self._trial.oracle_of = lambda oracle: self._facility.oracle(
            case, oracle.view, self._renderer, environment
        )


@dataclass(frozen=True, slots=True)
class SharedJobs:
    """Jobs that several checks of a session use and none of them changes."""

    settle: Callable[[], None]
    """Settles and reports all checks that are held back."""
    made: dict[str, Outcome] = field(default_factory=dict)


class Verifying:
    """Collects the plan of a facility's job configuration as cases, if one is given."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._shared: SharedJobs | None = None
        self._give_up: float | None = None
        self._loaded: Facility | None = None

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Stop a run on an instance when the time limit of the facility file is over."""
        if item.get_closest_marker("planned") is None:
            return
        instance = self._facility().instance
        if instance is None:
            return
        # The time counts from the first check, not from the login and the plan.
        if self._give_up is None:
            self._give_up = time.monotonic() + instance.limits.seconds
        if time.monotonic() > self._give_up:
            limit = f"instance.limits.seconds, {instance.limits.seconds:g} s"
            item.session.shouldstop = f"the time limit of the run is over ({limit})"

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Close the probes of plugins, after the backend that reaches them has ended."""
        if self._loaded is not None:
            self._loaded.probes.close()

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Ignore the scenarios of a facility if there is no job configuration."""
        # The folder, or a module in it.
        parts = collection_path.parts[-3:]
        there = "scenarios" in parts and _FOLDER in parts
        return True if there and not self._config.getoption("job_config") else None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Parametrize a scenario with the cases of the plan, or with what is beyond it.

        The argument of the marker, such as ``silent`` or ``beyond``, is the attribute of the plan.
        """
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
        """Yield a renderer by Handlebars.js, None if Node or the libraries are missing."""
        engine = self._facility().engine
        if not isinstance(engine, JavaScriptEngine):
            yield None
            return
        with engine:
            settings = self._facility().plan.site.settings
            yield Handlebars(engine, settings, Options.of(self._config).release)

    @pytest.fixture
    def verifier(self, trial: Trial, renderer: Renderer | None) -> Verifier:
        """Return the verbs of one check."""
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
    # A value of content may itself be a mapping, such as the headers of a URL call.
    for key, value in effect.content.items():
        texts = value.items() if isinstance(value, dict) else ((key, value),)
        for name, text in texts:
            if isinstance(text, Text) and text.unjudged:
                yield f"{name} ({text.unjudged})"
