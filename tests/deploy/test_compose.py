"""The driver of Compose, held against a ``docker`` that only says what it is told to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scicat_harness.deploy.compose import Compose, ComposeFailed, check_compose
from scicat_harness.errors import EnvironmentFault

Docker = Callable[[str], None]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """Puts a shell script of that name on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.defpath}")

    def write(script: str) -> None:
        path = folder / "docker"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return write


def compose(folder: Path) -> Compose:
    """A project of one file."""
    return Compose("scicat-x", [folder / "compose.yaml"], {"BE_VERSION": "v4"})


@pytest.mark.parametrize("version", ["2.30.0", "v2.40.2", "2.40.3-desktop.1", "3.0"])
def test_a_version_that_will_do(version: str, docker: Docker) -> None:
    docker(f"echo {version}")
    assert check_compose() == version


@pytest.mark.parametrize("version", ["1.29.2", "2.26.1", "v2.29.7"])
def test_a_version_that_leaves_databases_unseeded(version: str, docker: Docker) -> None:
    docker(f"echo {version}")
    with pytest.raises(EnvironmentFault, match=f"{version} is too old.*install 2.30 or newer"):
        check_compose()


@pytest.mark.parametrize(
    "script", ["echo \"docker: 'compose' is not a docker command.\"; exit 1", "echo dev", "exit 0"]
)
def test_no_compose(script: str, docker: Docker) -> None:
    docker(script)
    with pytest.raises(EnvironmentFault, match=r"install the compose plugin, version 2\.30"):
        check_compose()


def test_no_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFault, match="'docker' is not on the PATH"):
        check_compose()


def test_what_a_failed_start_says(docker: Docker, tmp_path: Path) -> None:
    docker('case "$*" in *" logs "*) echo "jobs must be array";; *) echo "it broke"; exit 1;; esac')
    with pytest.raises(ComposeFailed) as raised:
        compose(tmp_path).up("backend", seconds=5)
    assert str(raised.value) == (
        "docker compose up failed: it broke; its last lines were:\n  | jobs must be array"
    )


def test_a_command_names_project_and_files_and_stays_in_their_folder(
    docker: Docker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCICAT_SECRET", "x")
    docker(f'echo "$* $PWD $BE_VERSION [$SCICAT_SECRET]" >{tmp_path}/told')
    compose(tmp_path).down()
    told = (tmp_path / "told").read_text().split()
    assert told[:5] == ["compose", "-p", "scicat-x", "-f", str(tmp_path / "compose.yaml")]
    assert told[5:9] == ["down", "-v", "--remove-orphans", "--timeout"]
    assert told[-2:] == ["v4", "[]"]


def test_a_port_that_is_not_published(docker: Docker, tmp_path: Path) -> None:
    docker("echo :0; echo")
    assert compose(tmp_path).port("backend", 3000) == 0
    docker("echo invalid")
    with pytest.raises(EnvironmentFault, match="port 3000 of backend is not published"):
        compose(tmp_path).port("backend", 3000)
