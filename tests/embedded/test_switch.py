"""The switch action: paths, cases, phases, and the order of rejections."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scicat_harness.embedded.actions.schemas import Schema
from scicat_harness.embedded.failures import BootCrash, BootFailure
from scicat_harness.embedded.javascript import UNDEFINED, loosely_equal
from scicat_harness.embedded.jsonpath import JsonPath

from .facility import Build, World, datasets, job_type

NAN = float("nan")
LIST: list[Any] = ["a"]


def log(text: str) -> dict[str, Any]:
    return {"actionType": "log", "perform": text, "validate": f"validate {text}"}


def error(status: int, message: str = "no") -> dict[str, Any]:
    return {"actionType": "error", "message": message, "status": status}


def switch(path: str, *cases: dict[str, Any], phase: str = "perform") -> dict[str, Any]:
    return {"actionType": "switch", "phase": phase, "property": path, "cases": list(cases)}


def case(*actions: dict[str, Any], **condition: Any) -> dict[str, Any]:
    return {**condition, "actions": list(actions)}


def logged(world: World) -> list[str]:
    return [line.removeprefix("[LogJobAction] ") for line in world.log if "LogJobAction" in line]


def outcome(build: Build, action: dict[str, Any], **params: Any) -> Any:
    """Return the log entries, or the status and the message of a refusal."""
    world = build([job_type("t", actions=[action])])
    answer = world.submit(None, "t", jobParams=params)
    return logged(world) if answer.status == 201 else (answer.status, answer.json["message"])


V = "request.jobParams.v"


@pytest.mark.parametrize(
    ("literal", "value", "matches"),
    [(5, "5", True), (True, "1", True), (None, None, True), ("a", ["a"], True), (1, "x", False)],
)
def test_match(build: Build, literal: object, value: object, matches: bool) -> None:
    action = switch(V, case(log("yes"), match=literal), case(log("no")))
    assert outcome(build, action, v=value) == ["yes" if matches else "no"]


def test_nothing_found_is_undefined(build: Build) -> None:
    assert outcome(build, switch(V, case(log("null"), match=None))) == ["null"]
    assert outcome(build, switch(V, case(log("any"), schema={}))) == ["any"]
    assert outcome(build, switch(V, case(log("x"), schema={"type": "null"}))) == []
    shown = (400, f"Property {V} was expected to be a string. Got undefined")
    assert outcome(build, switch(V, case(regex="/x/"), case(log("default")))) == shown


def test_first_case_and_precedence(build: Build) -> None:
    several = case(log("schema"), schema={"type": "string"}, regex="/never/", match="never")
    action = switch(V, several, case(log("default")), case(log("late"), match="a"))
    assert outcome(build, action, v="a") == ["schema"]
    assert outcome(build, action, v=1) == ["default"]
    assert outcome(build, switch(V, case(log("x"), match=1)), v=2) == []
    assert outcome(build, switch(V, case(match=1), case(log("x"))), v=1) == []


def test_regex_keeps_its_place_with_g(build: Build) -> None:
    action = switch(V, case(log("match"), regex="/^ab/g"), case(log("none")))
    world = build([job_type("t", actions=[action])])
    for _ in range(4):
        world.submit(None, "t", jobParams={"v": "ab"})
    assert logged(world) == ["match", "none", "match", "none"]
    assert outcome(build, switch(V, case(log("i"), regex="/^AB$/i")), v="ab") == ["i"]


def test_ambiguity_after_storing(build: Build) -> None:
    action = switch("datasets[*].ownerGroup", case(log("x"), match="g1"))
    world = build([job_type("t", actions=[action])])
    world.add_datasets()
    answer = world.submit(None, "t", jobParams=datasets("D1", "D2"))
    message = "Ambiguous value for 'datasets[*].ownerGroup' (2 distinct results).'"
    assert (answer.status, answer.json["message"]) == (400, message)
    assert len(world.backend.store.jobs) == 1
    assert world.submit(None, "t", jobParams=datasets("D1")).status == 201
    assert logged(world) == ["x"]


@pytest.mark.parametrize(
    ("phase", "lines"),
    [("validate", ["validate x"]), ("perform", ["x"]), ("all", ["validate x", "x"])],
)
def test_phases(build: Build, phase: str, lines: list[str]) -> None:
    assert outcome(build, switch(V, case(log("x")), phase=phase)) == lines
    nested = switch(V, case(switch(V, case(log("x")), phase=phase)), phase="all")
    assert outcome(build, nested) == lines
    assert outcome(build, switch(V, case(error(418)), phase="perform")) == []


def test_inner_failures_name_the_inner_action(build: Build) -> None:
    dead = {"actionType": "url", "url": "http://127.0.0.1:1/"}
    status, message = outcome(build, switch(V, case(dead, log("after"))))
    assert status == 400
    assert "unable to perform action 'url' due to TypeError: fetch failed" in message


def test_rejections_inside_come_last(build: Build) -> None:
    missing = {"actionType": "validate", "request": {"jobParams.zz": {}}}
    inside = switch(V, case(error(411)), phase="validate")
    for other, status in ((error(418), 418), (missing, 400)):
        world = build([job_type("t", actions=[inside, other])])
        assert world.submit(None, "t").status == status
    assert outcome(build, inside) == (411, "no")


def test_the_job_cannot_be_seen_before_an_update(build: Build) -> None:
    cases = case(error(418), match="jobSubmitted"), case(log("default"))
    action = switch("job.statusCode", *cases, phase="validate")
    world = build([job_type("t", update_actions=[action])])
    id_ = world.submit(None, "t").json["id"]
    assert world.update(None, id_).status == 200
    assert logged(world) == ["validate default"]
    performing = switch("job.statusCode", case(log("new"), match="s"))
    world = build([job_type("t", update_actions=[performing])])
    world.update(None, world.submit(None, "t").json["id"])
    assert logged(world) == ["new"]


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        (case({"actionType": "zzz"}), "Error: Unknown action type 'zzz'"),
        (
            case({"actionType": "url"}),
            'Error: Invalid options for url action: {"actionType":"url"}',
        ),
        (
            case({"actionType": "rabbitmq", "exchange": "e", "queue": "q", "key": "k"}),
            "TypeError: Cannot read properties of undefined (reading 'create')",
        ),
        (case(regex="/(/"), "SyntaxError: Invalid regular expression: /(/"),
        (case(regex="ab"), "Error: Expected slash-delimited regex. Got 'ab'"),
        (case(schema=5), "Error: schema must be object or boolean"),
    ],
)
def test_what_is_wrong_inside_crashes_late(
    build: Build, inner: dict[str, Any], message: str
) -> None:
    wrong = job_type("t", actions=[switch(V, inner)])
    with pytest.raises(BootCrash) as caught:
        build([wrong])
    assert str(caught.value).startswith(message)
    with pytest.raises(BootFailure, match="Unknown action type later in "):
        build([wrong, job_type("u", actions=[{"actionType": "later"}])])


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (None, UNDEFINED, True),
        (None, 0, False),
        (UNDEFINED, False, False),
        ("", 0, True),
        (" 0x10 ", 16, True),
        ("1e3", 1000, True),
        ("1_0", 10, False),
        (NAN, NAN, False),
        (True, "true", False),
        (False, "0", True),
        ([], 0, True),
        ([[1]], "1", True),
        ([1, 2], "1,2", True),
        ({}, "[object Object]", True),
        ({}, {}, False),
        (LIST, LIST, True),
        (["a"], ["a"], False),
        (1, 1.0, True),
        (datetime(2024, 1, 1, tzinfo=UTC),
         "Mon Jan 01 2024 00:00:00 GMT+0000 (Coordinated Universal Time)", True),
    ],
)  # fmt: skip
def test_loose_equality(left: object, right: object, equal: bool) -> None:
    assert loosely_equal(left, right) is equal
    assert loosely_equal(right, left) is equal


DOCUMENT = {"a": {"b": [{"c": 1}, {"c": None}], "k.x": 5, "l": []}, "s": "str", "z": [3, 1, 2]}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [DOCUMENT]),
        ("$.a.b[*].c", [1, None]),
        ("$..c", [1, None]),
        ("a..c", [1, None]),
        ("a.b[-1:].c", [None]),
        ("a.b[0,1].c", [1, None]),
        ("z[::2]", [3, 2]),
        ("z[-1]", []),
        ("z.0", [3]),
        ("z.length", [3]),
        ("a['k.x']", [5]),
        ("a[b][0]", [{"c": 1}]),
        ("a.l[*]", []),
        ("s[0]", ["s"]),
        ("a.none", []),
    ],
)
def test_paths(path: str, found: list[object]) -> None:
    assert JsonPath.parse(path).select(DOCUMENT) == found


@pytest.mark.parametrize(
    ("path", "construct"),
    [("a[?(@.b)]", "filter"), ("a[(@.x)]", "script"), ("a^", "parent"), ("a~", "property name")],
)
@pytest.mark.usefixtures("without_libraries")
def test_paths_refuse_by_name(path: str, construct: str) -> None:
    with pytest.raises(BootFailure, match=f"does not support this {construct} in a JSONPath"):
        JsonPath.parse(path)


@pytest.mark.usefixtures("libraries")
@pytest.mark.parametrize(
    ("path", "found"),
    [("a[].b", []), ("l[(@.length-1)]", [2]), ("l[?(@ > 1)]", [2]), ("a~", ["a"])],
)
def test_the_genuine_library_follows_other_paths(path: str, found: list[object]) -> None:
    assert JsonPath.parse(path).select({"a": {"b": 1}, "l": [1, 2]}) == found


_PATTERN_OF_JAVASCRIPT = {"type": "string", "pattern": r"^(?<letter>a)\k<letter>$"}


@pytest.mark.usefixtures("without_libraries")
def test_a_pattern_that_python_cannot_read_stops_the_start() -> None:
    with pytest.raises(BootFailure, match="does not support this pattern of a schema by itself"):
        Schema(_PATTERN_OF_JAVASCRIPT)


@pytest.mark.usefixtures("libraries")
def test_the_genuine_library_follows_patterns() -> None:
    schema = Schema(_PATTERN_OF_JAVASCRIPT)
    assert schema.accepts("aa")
    assert not schema.accepts("ab")
