"""What the libraries say, through the engine."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isnan
from typing import Any

import pytest

from scicat_harness.javascript import (
    Compiled,
    Helper,
    JavaScriptEngine,
    JavaScriptError,
    Note,
    Variable,
    YamlError,
)

DAY = datetime(2024, 1, 1, tzinfo=UTC)


def test_yaml_is_that_of_1_2(engine: JavaScriptEngine) -> None:
    read = engine.read_yaml("a: [1, 2024-01-01, yes, 0o17, .inf]\nb: {{x}}", "x.yaml")
    assert read == {"a": [1, DAY, "yes", 15, float("inf")], "b": {"[object Object]": None}}
    assert isnan(engine.read_yaml(".nan", "x"))
    assert engine.read_yaml("", "x") is None
    assert engine.read_yaml("$type: date", "x") == {"$type": "date"}


def test_yaml_that_cannot_be_read(engine: JavaScriptEngine) -> None:
    with pytest.raises(YamlError) as caught:
        engine.read_yaml("a: 1\na: 2", "x.yaml")
    assert (caught.value.reason, caught.value.line, caught.value.column) == (
        "duplicated mapping key",
        2,
        1,
    )
    assert 'in "x.yaml" (2:1)' in caught.value.message


def test_yaml_that_contains_itself_ends(engine: JavaScriptEngine) -> None:
    with pytest.raises(JavaScriptError):
        engine.read_yaml("&a [*a]", "x")


def test_what_a_template_uses(engine: JavaScriptEngine) -> None:
    found = engine.parse_template("a\n{{{job.id}}} {{urlencode (concat env.A 'x')}} {{> part}}")
    variable, outer, inner, argument, partial = found
    assert variable == Variable(2, 4, "job.id", ("job", "id"), True, True, False, None)
    assert isinstance(outer, Helper)
    assert (outer.name, outer.params, outer.raw, outer.output) == ("urlencode", 1, False, True)
    assert isinstance(inner, Helper)
    assert (inner.name, inner.literals, inner.within) == ("concat", (None, "x"), "urlencode")
    assert isinstance(argument, Variable)
    assert (argument.path, argument.output, argument.within) == (("env", "A"), False, "concat")
    assert isinstance(partial, Note)
    assert (partial.kind, partial.name) == ("partial", "part")


SCOPES: list[tuple[str, list[Any]]] = [
    ("{{x}}", [("x",)]),
    ("{{#each datasets}}{{pid}}{{/each}}", [("datasets",), ("datasets", "*", "pid")]),
    ("{{#each a}}{{../b}}{{else}}{{c}}{{/each}}", [("a",), ("b",), ("c",)]),
    ("{{#each a as |x i|}}{{x.y}}{{i}}{{/each}}", [("a",), ("a", "*", "y")]),
    ("{{#with job}}{{id}}{{@root.env.X}}{{/with}}", [("job",), ("job", "id"), ("env", "X")]),
    ("{{#if a}}{{b}}{{../c}}{{/if}}", [("a",), ("b",), None]),
    ("{{#a}}{{b}}{{/a}}", [("a",), ("a", "?", "b")]),
    ("{{#each (lookup a 'b')}}{{c}}{{/each}}", [("a",), None]),
    ('{{#*inline "p"}}{{x}}{{h}}{{/inline}}{{#each a}}{{> p h=../b}}{{/each}}',
     [("a",), ("b",), ("a", "*", "x"), ("b",)]),
    ('{{#*inline "p"}}{{> p}}{{x}}{{> @partial-block}}{{/inline}}{{#> p job}}{{y}}{{/p}}',
     [("y",), ("job",), ("job", "x")]),
    ("{{#each a}}{{this}}{{this.b}}{{./c}}{{@key}}{{/each}}",
     [("a",), ("a", "*"), ("a", "*", "b"), ("a", "*", "c"), None]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "paths"), SCOPES, ids=[row[0] for row in SCOPES])
def test_names_are_looked_up_in_what_surrounds_them(
    engine: JavaScriptEngine, text: str, paths: list[Any]
) -> None:
    found = engine.parse_template(text)
    assert [each.path for each in found if isinstance(each, Variable)] == paths


def test_a_template_that_cannot_compile(engine: JavaScriptEngine) -> None:
    with pytest.raises(JavaScriptError, match="Parse error on line 1"):
        engine.parse_template('{{#if job.jobStatus == "x"}}')


HELPERS: list[tuple[str, Any, str]] = [
    ("{{{jsonify x}}}", {"a": 1}, '{\n   "a": 1\n}'),
    ("{{{unwrapJSON x}}}", {"aB": [1, None]}, "A B: <ul style='padding-left: 1em'>"
     "<li style='margin-bottom: 1em'>1</li><li style='margin-bottom: 1em'>Not specified</li></ul>"),
    ("{{unwrapJSON x}}", DAY, "2024-01-01T00:00:00.000Z"),
    ("{{x}}", DAY, "Mon Jan 01 2024 00:00:00 GMT+0000 (Coordinated Universal Time)"),
    ("{{keyToWord x}}", "URLValue", " U R L Value"),
    ("{{eq x 1}} {{or x '0'}} {{and x 'yes'}} {{not x}}", 1, "true true true false"),
    ("{{concat x null 'b'}}", "a", "ab"),
    ("{{matches x '^A' 'i'}} {{matches x '^A'}}", "ab", "true false"),
    ("{{default x 'd'}}", "", "d"),
    ("{{urlencode x}} {{base64enc x}} {{base64dec 'YQ=='}}", "a b", "a%20b YSBi a"),
    ("{{formatUnit x 'B'}} {{formatUnit 1500 'B'}}", 52428800, "50 MiB 1.5 kB"),
    ("{{#with (job_v3 x)}}{{id}} {{jobParams.username}} {{datasetList.length}}{{/with}}",
     {"id": "i", "createdBy": "me", "jobParams": {"a": 1}}, "i me 0"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "expected"), HELPERS, ids=[row[0] for row in HELPERS])
def test_helpers(engine: JavaScriptEngine, text: str, value: Any, expected: str) -> None:
    assert engine.render(text, {"x": value}) == expected


def test_a_template_that_cannot_be_rendered(engine: JavaScriptEngine) -> None:
    with pytest.raises(JavaScriptError) as caught:
        engine.render("{{nosuch 1}}", {})
    assert caught.value.message == 'Missing helper: "nosuch"'


def test_schemas(engine: JavaScriptEngine) -> None:
    assert engine.compile_schema({"type": "string", "format": "email", "minimun": 5}) is None
    message = engine.compile_schema({"$ref": "https://x.example/y.json"})
    assert message == "can't resolve reference https://x.example/y.json from id #"
    twice = engine.compile_schemas([{"$id": "a"}, {"$id": "a"}])
    assert isinstance(twice, Compiled)
    assert twice.at == 1
    assert engine.check_schema({"const": DAY.year}, 2024)
    assert not engine.check_schema({"type": "string"}, DAY)


def test_paths(engine: JavaScriptEngine) -> None:
    assert engine.select("a[*].b", {"a": [{"b": 1}, {"b": DAY}]}) == [1, DAY]
    assert engine.select("$.a[?(@.b === 2)].c", {"a": [{"b": 2, "c": 3}]}) == [3]
    assert engine.compile_path("$.a[?(@.b === 2)].c") is None
    assert "Expected" in (engine.compile_path("a[?(@.b ===)]") or "")


def test_patterns(engine: JavaScriptEngine) -> None:
    assert engine.compile_regex("/^a/gi") is None
    assert engine.compile_regex("^a") == "Expected slash-delimited regex. Got '^a'"
    assert (engine.compile_regex("/(/") or "").startswith("Invalid regular expression")


def test_branches_and_those_that_a_rendering_enters(engine: JavaScriptEngine) -> None:
    text = (
        "{{#if (eq a 1)}}x{{else if b}}y{{/if}}{{#each list}}{{#unless ../c}}z{{/unless}}{{/each}}"
    )
    branches = engine.branches(text)
    assert [str(each) for each in branches] == [
        "line 1: {{#if (eq a 1)}}",
        "line 1: else of {{#if (eq a 1)}}",
        "line 1: {{#if b}}",
        "line 1: else of {{#if b}}",
        "line 1: {{#each list}}",
        "line 1: {{#unless ../c}}",
        "line 1: else of {{#unless ../c}}",
    ]
    assert engine.entered(text, {"a": 1, "list": []}) == {0}
    assert engine.entered(text, {"b": 1, "list": [1]}) == {1, 2, 4, 5}
    # What the rendering itself gives is not changed by the marks.
    assert engine.render(text, {"a": 1, "list": [1]}) == "xz"


def test_a_template_that_fails_has_entered_what_stands_before(engine: JavaScriptEngine) -> None:
    text = "{{#if a}}x{{/if}}{{nosuch 1}}{{#if b}}y{{/if}}"
    assert engine.entered(text, {"a": 1}) == {0}
