"""Without the JavaScript libraries the embedded backend gets what it can do by itself."""

from __future__ import annotations

import pytest

from scicat_harness.embedded.jsonpath import JsonPath
from scicat_harness.embedded.templates import Template
from scicat_harness.facility.alone import without_unsupported
from scicat_harness.model.action import Action, Log, Switch, SwitchCase, Validate
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.option import Phase
from scicat_harness.model.text import Text


def stripped(*actions: Action) -> dict[str, str]:
    kept, lacking = without_unsupported((JobType("t", "#all", "@g", actions),), "no Node")
    assert (kept[0].create, kept[0].update) == ("#all", "@g")
    assert kept[0].on_create == (() if lacking else actions)
    return lacking


@pytest.mark.parametrize(
    "template",
    [
        "{{#*inline 'x'}}a{{/inline}}",
        "{{> x}}",
        "{{#> x}}a{{/x}}",
        "{{~> x ~}}",
        "{{{{raw}}}}{{{{/raw}}}}",
    ],
)
def test_templates(template: str) -> None:
    assert "need the JavaScript libraries for" in stripped(Log(perform=Text(template)))["t"]


@pytest.mark.parametrize("path", ["a[]", "a[(@.length-1)]", "a^", "a~", "a[?(@.b)]"])
def test_paths(path: str) -> None:
    switch = Switch(Phase.PERFORM, path, (SwitchCase((Log(),)),))
    assert stripped(switch)["t"].endswith(f"for the path {path!r}: no Node")
    assert stripped(Validate(request={path: {}}))


@pytest.mark.parametrize(
    "template",
    [
        "{{#if (eq job.type 'a>b')}}x{{else}}y{{/if}}",
        "{{{jsonify job}}}",
        "{{formatUnit 1 'B' precision=3}}",
    ],
)
def test_templates_that_it_renders(template: str) -> None:
    Template(template).refuse_unsupported()
    assert stripped(Log(perform=Text(template))) == {}


@pytest.mark.parametrize(
    "path",
    ["$", "job.a", "$.request.jobParams['x y'][0]", "datasets[*].pid", "a..b", "a[0,1]", "a[1:]",
     "a[?(@.b=='c')].d", "l.0", "a.*"],
)  # fmt: skip
def test_paths_that_it_follows(path: str) -> None:
    assert JsonPath.parse(path).steps is not None
    assert stripped(Validate(request={path: {}})) == {}
