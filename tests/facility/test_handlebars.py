"""What of a dataset and of the environment can be told before a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scicat_harness.facility.handlebars import Handlebars
from scicat_harness.facility.rendering import RenderingFailure
from scicat_harness.javascript.finding import Missing, find_engine
from scicat_harness.model.release import Release


@pytest.fixture(scope="module")
def handlebars() -> Iterator[Handlebars]:
    engine = find_engine()
    if isinstance(engine, Missing):
        pytest.skip(f"not verifiable here: {engine.reason}")
    with engine:
        yield Handlebars(engine, {"FACILITY", "HOME"})


KNOWN = (
    "{{job.id}} {{request.type}}",
    "{{#each datasets}}{{pid}}, {{this.ownerGroup}} {{../job.id}}{{/each}}",
    "{{datasets.0.pid}} {{datasets.length}}",
    "{{#each datasets}}{{#if datasetlifecycle.archivable}}{{pid}}{{/if}}{{/each}}",
    "{{#if datasets}}some{{/if}}",
    # Actions get plain documents, without the members of the objects of the database.
    "{{#each datasets}}{{history.length}}{{datasetlifecycle.id}}{{/each}}{{datasets.0.isNew}}",
    "{{#with (lookup datasets 0)}}{{pid}}{{/with}}",
    '{{#*inline "row"}}{{label}}{{/inline}}{{#each datasets}}{{> row label="pid"}}{{/each}}',
    "{{datasets.0.createdAt}} {{datasets.0.keywords.0}} {{datasets.0.principalInvestigator}}",
    "{{{jsonify datasets}}}",
    "{{#each datasets}}{{{jsonify this}}}{{{jsonify datasetlifecycle}}}{{/each}}",
    "{{#each job.jobParams.datasetList}}{{pid}}{{/each}}",
    "{{env.FACILITY}} {{{env.SCICAT_HARNESS_SINK}}} {{env.HOME}}",
    "{{#if env}}some{{/if}} {{#with env}}{{FACILITY}}{{/with}} for the env",
)
OF_THE_TWIN = (
    "{{{jsonify env}}}",
    "{{#each env}}{{@key}}{{/each}}",
    "{{#each env}}{{this}}{{/each}}",
    "{{lookup env 'PATH'}}",
    "{{{jsonify this}}}",
    "{{{jsonify @root}}}",
    "{{#each this}}{{{jsonify this}}}{{/each}}",
    "{{#with env}}{{PORT}}{{/with}}",
    "{{env.PATH}}",
    "{{#if env.SMTP_HOST}}a{{/if}}",
    "{{#each datasets}}{{@root.env.ADMIN_GROUPS}}{{/each}}",
)
UNKNOWN = (
    "{{{unwrapJSON datasets.[0]}}}",
    "{{#with (lookup datasets 0)}}{{{unwrapJSON this}}}{{/with}}",
    "{{{unwrapJSON datasets.0.datasetlifecycle}}}",
)


@pytest.mark.parametrize("template", KNOWN)
def test_known(template: str, handlebars: Handlebars) -> None:
    assert handlebars.unknown(template) == ""


@pytest.mark.parametrize("template", UNKNOWN)
def test_unknown(template: str, handlebars: Handlebars) -> None:
    assert "is known to the backend only" in handlebars.unknown(template)


@pytest.mark.parametrize("template", OF_THE_TWIN)
def test_the_environment_of_a_twin(template: str, handlebars: Handlebars) -> None:
    assert "environment" in handlebars.unknown(template)


def test_a_failure_is_told_and_nothing_is_unknown_of_it(handlebars: Handlebars) -> None:
    assert handlebars.unknown("{{#each datasets}}") == ""
    with pytest.raises(RenderingFailure, match='Missing helper: "nosuch"'):
        handlebars.render("{{nosuch 1}}", {})


def test_a_release_that_loads_datasets_for_some_actions_only() -> None:
    engine = find_engine()
    if isinstance(engine, Missing):
        pytest.skip(f"not verifiable here: {engine.reason}")
    with engine:
        earlier = Handlebars(engine, (), Release(4, 20, 2))
        assert "is known to the backend only" in earlier.unknown("{{datasets.0.pid}}")
        assert earlier.unknown("{{job.id}}") == ""
