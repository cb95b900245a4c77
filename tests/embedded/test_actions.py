"""Actions that are performed: log, validate and error, and the order in which they run."""

from typing import Any

import pytest

from scicat_harness.embedded.templates import Opaque, Template, TemplateFailure

from .facility import Build, World, datasets, job_type

LOG = {"actionType": "log"}


def validate(**rules: Any) -> dict[str, Any]:
    return {"actionType": "validate", **rules}


def error(message: str = "no", **options: Any) -> dict[str, Any]:
    return {"actionType": "error", "message": message, **options}


def starting(build: Build, *actions: dict[str, Any], **options: Any) -> World:
    world = build([job_type("t", actions=actions, **options)])
    world.add_dataset("D1", "g1")
    return world


def action_lines(world: World) -> list[str]:
    return [line for line in world.log if "JobAction" in line]


def test_log_defaults_and_templates(build: Build) -> None:
    actions = [LOG, {"actionType": "log", "validate": "v {{job.id}}", "perform": ""}]
    updates = [{"actionType": "log", "validate": "[{{job.id}}]", "perform": "{{job.statusCode}}"}]
    world = starting(build, *actions, update_actions=updates)
    id_ = world.submit(None, "t").json["id"]
    assert action_lines(world) == [
        "[LogJobAction] v ",
        "[LogJobAction] Performing job for t",
        "[LogJobAction] ",
    ]
    world.update(None, id_)
    assert action_lines(world)[3:] == ["[LogJobAction] []", "[LogJobAction] s"]


def test_log_init_is_printed_twice(build: Build) -> None:
    world = starting(build, {"actionType": "log", "init": "start {{actionType}}"})
    assert action_lines(world) == ["[LogJobAction] start log"] * 2


def test_error_refuses_before_storing(build: Build) -> None:
    world = starting(build, LOG, error("no {{request.type}}", status=418))
    answer = world.submit(None, "t")
    assert (answer.status, answer.json) == (418, {"status": 418, "message": "no t"})
    assert not world.backend.store.jobs
    assert "ERROR Executing error action [418]: no t\n" in world.stream.getvalue()


@pytest.mark.parametrize(
    ("given", "status"), [(None, 400), (0, 400), (200, 200), (204, 204), (99, 500), (1000, 500)]
)
def test_error_status(build: Build, given: int | None, status: int) -> None:
    options = {} if given is None else {"status": given}
    world = starting(build, {"actionType": "error", "message": "no", **options})
    answer = world.submit(None, "t")
    assert answer.status == status
    assert not world.backend.store.jobs
    assert (answer.text == "") is (status == 204)


def test_error_with_a_broken_template_disappears(build: Build) -> None:
    world = starting(build, error("{{nosuch 1}}", status=418))
    assert world.submit(None, "t").status == 201


def test_broken_template_while_performing_leaves_the_job(build: Build) -> None:
    world = starting(build, {"actionType": "log", "perform": "{{nosuch 1}}"}, LOG)
    answer = world.submit(None, "t")
    assert answer.json == {
        "status": 400,
        "message": "Invalid job input. Job 't' unable to perform action 'log'"
        ' due to Error: Missing helper: "nosuch"',
    }
    assert len(world.backend.store.jobs) == 1
    assert not action_lines(world)


def test_error_wins_over_validate_on_create_only(build: Build) -> None:
    both = [validate(request={"jobParams.x": {"type": "string"}}), error(status=418)]
    assert starting(build, *both).submit(None, "t").status == 418
    update = [validate(request={"statusCode": {"const": "x"}}), error(status=418)]
    world = starting(build, update_actions=update)
    assert world.update(None, world.submit(None, "t").json["id"]).status == 400


REQUESTS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("fits", {"jobParams.x": {"type": "string"}}, {"x": "a"}, ""),
    ("absent", {"jobParams.x": {"type": "string"}}, {}, "Requires 'jobParams.x'"),
    ("mistyped", {"jobParams.x": {"type": "string"}}, {"x": 1}, "Invalid value for 'jobParams.x'"),
    ("null", {"jobParams.x": {"type": "string"}}, {"x": None}, "Invalid value for 'jobParams.x'"),
    ("all", {"jobParams.l[*]": {"minimum": 1}}, {"l": [1, 0]}, "Invalid value for"),
    ("wildcard-empty", {"jobParams.l[*]": {}}, {"l": []}, "Requires 'jobParams.l[*]'"),
    ("root", {"$": {"required": ["type"]}}, {}, ""),
    ("index", {"$.jobParams.l[1].a": {"const": 2}}, {"l": [0, {"a": 2}]}, ""),
    ("format-ignored", {"jobParams.x": {"format": "email"}}, {"x": "no"}, ""),
]


@pytest.mark.parametrize(
    ("rules", "params", "message"), [pytest.param(*row[1:], id=row[0]) for row in REQUESTS]
)
def test_validate_requests(
    build: Build, rules: dict[str, Any], params: dict[str, Any], message: str
) -> None:
    world = starting(build, validate(request=rules))
    answer = world.submit(None, "t", jobParams=params)
    assert answer.status == (400 if message else 201)
    assert len(world.backend.store.jobs) == (0 if message else 1)
    if message:
        assert answer.json["message"].startswith(f"Invalid request. {message}")


def test_validate_datasets(build: Build) -> None:
    rules = {"datasetlifecycle.archivable": {"const": True}, "creationTime": {"type": "object"}}
    world = starting(build, validate(datasets=rules), update_actions=[validate(datasets=rules)])
    assert world.submit(None, "t").json["message"] == "'jobParams.datasetList' is required."
    job = world.submit(None, "t", jobParams=datasets("D1")).json
    world.ask("admin", "PATCH", "/api/v3/datasets/D1", {"datasetlifecycle": {"archivable": False}})
    answer = world.submit(None, "t", jobParams=datasets("D1"))
    assert answer.json["message"].endswith("Invalid value for 'datasetlifecycle.archivable'")
    assert world.update(None, job["id"]).status == 200


def test_misspelt_validate_checks_nothing(build: Build) -> None:
    world = starting(build, validate(requests={"jobParams.x": {"type": "string"}}))
    assert world.submit(None, "t").status == 201


CONTEXT = {
    "request": {"a": "<&'\"`=>", "n": 1, "f": 1.5, "t": True, "l": [1, None, "x"], "o": {"k": 1}},
    "job": Opaque({"id": 1}),
}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{{request.a}}", "&lt;&amp;&#x27;&quot;&#x60;&#x3D;&gt;"),
        ("{{{request.a}}}", "<&'\"`=>"),
        ("{{ request.n }}-{{request.f}}-{{request.t}}", "1-1.5-true"),
        ("{{request.l}}|{{request.l.length}}|{{request.l.[2]}}", "1,,x|3|x"),
        ("{{request.o}}{{request.none.x}}{{job.id}}", "[object Object]"),
        ("{{{jsonify request.o}}}", '{\n   "k": 1\n}'),
        ("{{{jsonify job}}}", '{\n   "id": 1\n}'),
        ("{{! a comment }}x", "x"),
    ],
)
def test_rendering(text: str, rendered: str) -> None:
    template = Template(text)
    template.refuse_unsupported()
    assert template.render(CONTEXT) == rendered


@pytest.mark.parametrize("text", ["{{", "{{nosuch 1}}", "{{a b"])
def test_rendering_fails_late(text: str) -> None:
    template = Template(text)
    template.refuse_unsupported()
    with pytest.raises(TemplateFailure):
        template.render(CONTEXT)
