"""The pytest plugin: options, one deployment per run, deferred judgement, events, reports."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scicat_harness.plugin.arguments import add_options

if TYPE_CHECKING:
    from scicat_harness.plugin.accepting import Accepting

__all__ = ["pytest_addhooks", "pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of a run."""
    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that a display implements."""
    from scicat_harness.plugin import hooks

    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugins of the harness, in the controller and in every xdist worker.

    Both collect and run checks. Only the controller owns the deployment and writes reports.
    """
    # Imported late: `pytest --help` and unrelated test runs need none of it.
    from scicat_harness.plugin import (
        cases,
        deferral,
        lifecycle,
        own_backends,
        own_services,
        recorder,
    )
    from scicat_harness.plugin.contexts import CheckContexts
    from scicat_harness.plugin.verifying import Verifying
    from scicat_harness.plugin.workers import Worker, Workers

    # Only a worker has workerinput.
    if not hasattr(config, "workerinput"):
        lifecycle.choose_report_dir(config)
    config.addinivalue_line(
        "markers", "matrix(build): one check per case that build(profile) returns"
    )
    config.addinivalue_line("markers", "at_once: settle every step of the check before the next")
    config.addinivalue_line("markers", "planned(part): one check per case of a facility's plan")
    config.addinivalue_line("markers", "smoke: written by hand, and part of the profile smoke")
    config.addinivalue_line("markers", "site(name): run on the satellite site of that name")
    config.pluginmanager.register(cases.Cases(config), "scicat-cases")
    config.pluginmanager.register(Verifying(config), "scicat-verifying")
    contexts = CheckContexts(config)
    config.pluginmanager.register(contexts, "scicat-contexts")
    config.pluginmanager.register(own_services, "scicat-own-services")
    config.pluginmanager.register(own_backends, "scicat-own-backends")
    config.pluginmanager.register(deferral.Deferral(config, contexts), "scicat-deferral")
    _register_selection(config)
    known = _register_accepting(config)
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Worker(), "scicat-worker")
    else:
        config.pluginmanager.register(Workers(), "scicat-workers")
        # The controller gets the recorder, since it opens and finishes the reports.
        events = recorder.Recorder(config)
        events.accepting = known
        events.sharding = config.pluginmanager.get_plugin("scicat-shard")
        config.pluginmanager.register(events, "scicat-recorder")
        config.pluginmanager.register(lifecycle.Controller(config, events), "scicat-controller")


def _register_selection(config: pytest.Config) -> None:
    """Register the plugins of the options that few runs have."""
    from scicat_harness.errors import UsageFault

    option = config.option
    # A worker gets the ids from the controller.
    given: dict[str, Any] = getattr(config, "workerinput", {})
    if option.cases is not None or option.failed is not None:
        from scicat_harness.plugin.selected import WORKERS, Selected, selected_cases

        try:
            cases = given.get(WORKERS) or selected_cases(option.cases, option.failed)
        except UsageFault as error:
            # pytest prints this one without a traceback.
            raise pytest.UsageError(str(error)) from None
        selected = Selected(cases or (), worker=WORKERS in given)
        config.pluginmanager.register(selected, "scicat-selected")
    if option.shard is not None:
        from scicat_harness.plugin.shard import Shard, Sharding

        try:
            shard = Shard.parse(option.shard)
        except UsageFault as error:
            raise pytest.UsageError(str(error)) from None
        config.pluginmanager.register(Sharding(shard), "scicat-shard")
    if option.covering is not None:
        from scicat_harness.plugin.covering import Covering

        config.pluginmanager.register(Covering(Path(option.covering)), "scicat-covering")


def _register_accepting(config: pytest.Config) -> Accepting | None:
    """Register the plugin of ``--accept``."""
    from scicat_harness.errors import UsageFault

    if config.option.accept is None:
        return None
    from scicat_harness.plugin.accepting import Accepting

    try:
        known = Accepting(Path(config.option.accept), datetime.date.today())
    except UsageFault as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(known, "scicat-accepting")
    return known
