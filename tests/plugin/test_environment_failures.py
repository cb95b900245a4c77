"""Failures of the environment: exit code 2, one clear message, nothing left running."""

from __future__ import annotations

import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from .mongo import mongo
from .runs import harness

IMPATIENT = (
    sys.executable,
    "-c",
    "import scicat_harness.deploy.external as external; external._HEALTH_DEADLINE = 0.2; "
    "from scicat_harness.cli.main import main; main()",
)
"""The command line, with less patience for a backend that does not answer."""


def test_an_address_where_nobody_listens(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text('[{"username": "janitor", "token": "t"}]')
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    given = ("--deployment=external", f"--url={url}", "--accounts=accounts.json")
    done = harness("run", "--profile=smoke", *given, cwd=tmp_path, command=IMPATIENT)
    assert done.code == 2, done.output
    assert done.says(url, "is this the address of a SciCat backend?"), done.output


@pytest.fixture
def broken_backend(tmp_path: Path) -> Path:
    """A checkout whose backend says something and ends at once."""
    folder = tmp_path / "backend"
    (folder / "dist").mkdir(parents=True)
    (folder / "node_modules").mkdir()
    (folder / "dist" / "main.js").write_text(
        'console.error("Invalid job configuration: jobs must be array"); process.exit(1);\n'
    )
    return folder


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on the PATH")
def test_a_backend_that_exits_at_start(broken_backend: Path, tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    with mongo(told) as uri:
        given = ("--deployment=process", f"--backend-dir={broken_backend}", f"--mongo-uri={uri}")
        done = harness("run", "--profile=smoke", *given, cwd=tmp_path)
    assert done.code == 2, done.output
    assert done.says("ended with exit code 1", "Invalid job configuration: jobs must be array")
    dropped = [each["$db"] for each in told if "dropDatabase" in each]
    assert 0 < len(dropped) == len(set(dropped))
    assert all(each.startswith("scicat-harness-") for each in dropped)


def test_a_broker_that_is_not_there(tmp_path: Path) -> None:
    given = "--broker=amqp://guest:wrong@127.0.0.1:1"
    done = harness("run", "--profile=smoke", given, cwd=tmp_path)
    assert done.code == 2, done.output
    assert done.says("--broker amqp://127.0.0.1:1: no broker can be used there"), done.output
    assert "wrong" not in done.output
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as closed:
        closed.bind(str(tmp_path / "docker.sock"))
    there = f"unix://{tmp_path}/docker.sock"
    given = "--deployment=containers"
    done = harness(
        "run", "--profile=smoke", given, cwd=tmp_path, environment={"DOCKER_HOST": there}
    )
    assert done.code == 2, done.output
    assert done.says(f"no container engine at {there}: it is not running; start Docker"), (
        done.output
    )
    assert [each.name for each in tmp_path.iterdir()] == ["docker.sock"]


def test_a_private_broker_of_what_is_not_installed(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path), "RABBITMQ_HOME": ""}
    done = harness("run", "--profile=smoke", "--broker=rabbitmq", cwd=tmp_path, environment=nothing)
    assert done.code == 2, done.output
    assert done.says("--broker rabbitmq: no", "install", "or use --broker embedded"), done.output
    assert list(tmp_path.iterdir()) == []
