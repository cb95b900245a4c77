"""Mutants in a program of our own: instrumented, switched while it runs, and covered by checks."""

from __future__ import annotations

import json
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.mutate.control import Control
from scicat_harness.mutate.copy import INSTRUMENTER, MutatedCopy
from scicat_harness.processes.child import Child
from scicat_harness.processes.running import wait_usable
from scicat_harness.processes.sockets import free_port

MAIN = """\
const http = require("http");
const { answer } = require("./a");
http.createServer((request, reply) => reply.end(answer(request.url)))
  .listen(process.argv[2], "127.0.0.1", () => console.log("up"));
process.on("SIGTERM", () => process.exit(0));
"""
SOURCE = """\
export const PREFIX: string = "at load";
export function answer(url: string): string {
  return url === "/a" ? "first" : "second";
}
"""
# Stands for the compiler of the backend: removes what Node cannot read.
BUILD = """\
const fs = require("fs");
const text = fs.readFileSync("src/jobs/a.ts", "utf8")
  .replaceAll(": string", "").replaceAll("export const", "const")
  .replace("export function", "function");
fs.mkdirSync("dist", { recursive: true });
fs.writeFileSync("dist/a.js", text + "\\nmodule.exports = { answer };\\n");
fs.copyFileSync("main.js", "dist/main.js");
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What is like a built checkout of the backend to the copy."""
    folder = tmp_path / "checkout"
    for name, text in {
        "main.js": MAIN,
        "src/jobs/a.ts": SOURCE,
        "src/jobs/a.spec.ts": "not a source",
        "node_modules/@nestjs/cli/bin/nest.js": BUILD,
        "dist/main.js": "old",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def copy(checkout: Path, tmp_path: Path) -> MutatedCopy:
    """A copy with mutants; skips where the instrumenter is not installed."""
    if shutil.which("node") is None:
        pytest.skip("there is no node on the PATH")
    if INSTRUMENTER.lacking(INSTRUMENTER.cache_folder() / "node_modules"):
        pytest.skip("the instrumenter is not installed; 'scicat-harness javascript --mutate'")
    return MutatedCopy.make(checkout, tmp_path / "copy", ["src/jobs"])


def reach(port: int) -> None:
    try:
        socket.create_connection(("127.0.0.1", port), 10.0).close()
    except OSError as error:
        raise EnvironmentFault(str(error)) from None


@contextmanager
def running(copy: MutatedCopy, log: Path) -> Iterator[str]:
    node = shutil.which("node")
    assert node is not None
    port = free_port()
    child = Child.start(
        "a program with mutants",
        [node, str(copy.backend_dir / "dist" / "main.js"), str(port)],
        env={},
        cwd=copy.folder,
        log=log,
    )
    try:
        wait_usable(lambda: reach(port), child, 30.0)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop()


def test_a_checkout_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no TypeScript sources in src/jobs"):
        MutatedCopy.make(tmp_path / "checkout", tmp_path / "copy", ["src/jobs"])


def test_a_copy_into_the_checkout_is_refused(checkout: Path) -> None:
    with pytest.raises(UsageFault, match="is in the checkout"):
        MutatedCopy.make(checkout, checkout / "copy", ["src/jobs"])


def test_a_folder_with_something_else_is_refused(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "mine").touch()
    with pytest.raises(UsageFault, match="not empty"):
        MutatedCopy.make(checkout, tmp_path / "copy", ["src/jobs"])


def test_a_checkout_that_cannot_be_built_is_refused(checkout: Path, copy: MutatedCopy) -> None:
    (checkout / "node_modules" / "@nestjs" / "cli" / "bin" / "nest.js").write_text(
        "console.error('type error'); process.exit(1);"
    )
    with pytest.raises(EnvironmentFault, match="the build of the copy failed:\ntype error"):
        MutatedCopy.make(checkout, copy.folder.parent / "other", ["src/jobs"])


def test_mutants_are_those_of_the_sources(copy: MutatedCopy) -> None:
    assert list(copy.sources) == ["src/jobs/a.ts"]
    assert {each.original for each in copy.mutants.values()} >= {'url === "/a"', '"first"'}
    again = MutatedCopy.make(copy.backend_dir.parents[1] / "checkout", copy.folder, ["src/jobs"])
    assert again.mutants == copy.mutants


def test_other_sources_need_another_folder(checkout: Path, copy: MutatedCopy) -> None:
    (checkout / "src/jobs/a.ts").write_text(SOURCE + "\n", encoding="utf-8")
    with pytest.raises(UsageFault, match="has a copy of other sources"):
        MutatedCopy.make(checkout, copy.folder, ["src/jobs"])


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as reply:
        text: str = reply.read().decode()
        return text


def test_one_mutant_is_active_at_a_time(copy: MutatedCopy, tmp_path: Path) -> None:
    control = Control(copy.control_folder)
    first = next(each for each in copy.mutants.values() if each.original == '"first"')
    with running(copy, tmp_path / "log") as url:
        assert control.activate(None) == 1
        assert get(f"{url}/a") == "first"
        assert control.activate(first.id) == 1
        assert get(f"{url}/a") == ""
        control.activate(None)
        assert get(f"{url}/a") == "first"
        # One that starts later has it from the beginning.
        control.activate(first.id)
        with running(copy, tmp_path / "log2") as other:
            assert get(f"{other}/a") == ""


def test_the_checks_that_run_a_mutant(copy: MutatedCopy, tmp_path: Path) -> None:
    control = Control(copy.control_folder)
    ids = {each.original: each.id for each in copy.mutants.values()}
    with running(copy, tmp_path / "log") as url:
        control.announce("check a")
        get(f"{url}/a")
        control.announce("check b")
        get(f"{url}/b")
        control.announce(None)
        get(f"{url}/a")
        (report,) = control.coverage()
    assert ids['"first"'] in report["tests"]["check a"]
    assert ids['"first"'] not in report["tests"]["check b"]
    assert ids['"second"'] in report["tests"]["check b"]
    assert set(report["tests"]) == {"check a", "check b", "-"}
    assert ids['"at load"'] in report["static"]
    # Of a program that has ended, too.
    assert json.dumps(report, sort_keys=True) == json.dumps(control.coverage()[0], sort_keys=True)
