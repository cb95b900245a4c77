"""The pytest plugin: options, one deployment per run, deferred judgement, events, reports."""

from __future__ import annotations

import pytest

from scicat_harness.plugin.arguments import add_options

__all__ = ["pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of a run."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the parts, in the controller and in every worker."""
    # Imported late: `pytest --help` and unrelated test runs need none of it.
    from scicat_harness.plugin import cases, deferral, lab, lifecycle, recorder
    from scicat_harness.plugin.contexts import CheckContexts
    from scicat_harness.plugin.verifying import Verifying
    from scicat_harness.plugin.workers import Worker, Workers

    if not hasattr(config, "workerinput"):
        lifecycle.choose_report_dir(config)
    config.addinivalue_line(
        "markers", "matrix(build): one check per case that build(profile) makes"
    )
    config.addinivalue_line(
        "markers", "at_once: what each step promises is settled before the next one"
    )
    config.addinivalue_line("markers", "planned(part): cases of a facility's plan")
    config.addinivalue_line("markers", "site(name): runs on a satellite site of that name")
    config.pluginmanager.register(cases.Cases(config), "scicat-cases")
    config.pluginmanager.register(Verifying(config), "scicat-verifying")
    contexts = CheckContexts(config)
    config.pluginmanager.register(contexts, "scicat-desks")
    config.pluginmanager.register(lab, "scicat-lab")
    config.pluginmanager.register(deferral.Deferral(config, contexts), "scicat-deferral")
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Worker(), "scicat-worker")
    else:
        config.pluginmanager.register(Workers(), "scicat-workers")
        events = recorder.Recorder(config)
        config.pluginmanager.register(events, "scicat-recorder")
        config.pluginmanager.register(lifecycle.Controller(config, events), "scicat-controller")
