"""Children that are not ours get no secret of the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scicat_harness.errors import EnvironmentFault
from scicat_harness.javascript.finding import find_engine
from scicat_harness.javascript.library import OF_THE_BACKEND

KEPT = {
    "npm_config_registry": "https://registry.facility.example",
    "NPM_CONFIG_CAFILE": "/etc/ca.pem",
    "HTTPS_PROXY": "http://proxy.facility.example",
    "https_proxy": "http://proxy.facility.example",
    "NODE_EXTRA_CA_CERTS": "/etc/ca.pem",
    "HOME": "/home/of-somebody",
}
PLANTED = {"CI_TOKEN": "planted", "NODE_OPTIONS": "--require=/planted.js", "NPM_TOKEN": "planted"}


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**KEPT, **PLANTED}.items():
        monkeypatch.setenv(name, value)


def noting(folder: Path, name: str) -> Path:
    """A program that writes down its environment and fails."""
    folder.mkdir(exist_ok=True)
    program, noted = folder / name, folder / "noted"
    program.write_text(f"#!/bin/sh\n/usr/bin/env > {noted}\nexit 1\n")
    program.chmod(0o755)
    return noted


def variables(noted: Path) -> dict[str, str]:
    """What it wrote down, apart from what the shell adds."""
    pairs = (line.partition("=") for line in noted.read_text().splitlines())
    return {name: value for name, _, value in pairs if name not in ("PWD", "SHLVL", "_", "OLDPWD")}


def test_npm_gets_what_is_about_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = noting(tmp_path / "bin", "npm")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(EnvironmentFault, match="npm ci failed"):
        OF_THE_BACKEND.install(tmp_path / "made")
    found = variables(noted)
    assert KEPT.items() <= found.items()
    assert not found.keys() & PLANTED.keys()


def test_node_gets_next_to_nothing(tmp_path: Path) -> None:
    noted = noting(tmp_path / "bin", "node")
    find_engine(environment={**os.environ, "PATH": str(tmp_path / "bin")})
    assert variables(noted).keys() == {"PATH", "LC_ALL"}
