"""Settings and plugins of somebody else are without influence on a run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ..plugin.runs import ROOT, Run, events, harness
from .conftest import Say

FEW = ("--profile=smoke", "--only=read")
BREAKING = "raise RuntimeError('a foreign module was imported')\n"
OBEYED = {
    "PYTEST_ADDOPTS": "--collect-only -x -k nothing",
    "PYTEST_PLUGINS": "foreign",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "",
    "PYTEST_XDIST_AUTO_NUM_WORKERS": "many",
}
FILES = {
    "conftest.py": BREAKING,
    "foreign.py": BREAKING,
    "pytest.ini": "[pytest]\naddopts = --collect-only --no-such-option\n",
    "tox.ini": "[pytest]\naddopts = --collect-only\n",
    "setup.cfg": "[tool:pytest]\naddopts = --collect-only\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--collect-only'\n",
    # Workers begin in the current folder.
    "xdist.py": BREAKING,
    "pytest.py": BREAKING,
}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with the settings of somebody else, and a plugin that is installed."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    installed = tmp_path / "installed" / "foreign-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[pytest11]\nforeign = foreign_plugin\n")
    (tmp_path / "installed" / "foreign_plugin.py").write_text(BREAKING)
    return tmp_path


def command(hostile: Path, *arguments: str) -> Run:
    """``scicat-harness`` as it is installed, among all that."""
    where = os.pathsep.join((str(ROOT), str(hostile / "installed")))
    line = (sys.executable, "-P", "-m", "scicat_harness")
    variables = {**OBEYED, "PYTHONPATH": where}
    return harness(*arguments, cwd=hostile, command=line, environment=variables)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_run(workers: str, hostile: Path) -> None:
    done = command(hostile, "run", *FEW, "--report-dir=report", "-n", workers)
    assert done.code == 0, done.output
    assert len(events(hostile / "report", "check")) > 10


def test_list(hostile: Path) -> None:
    done = command(hostile, "list", *FEW)
    assert done.code == 0, done.output
    assert "scenarios/read/test_one.py::" in done.output


def test_verify(hostile: Path) -> None:
    (hostile / "jobs.yaml").write_text(
        'configVersion: "1"\n'
        'jobs: [{jobType: t, create: {auth: "#all"}, update: {auth: "#jobOwnerUser"}}]\n'
    )
    done = command(hostile, "verify", "jobs.yaml", "--report-dir=report")
    assert done.code == 0, done.output
    assert len(events(hostile / "report", "check")) > 5


def test_the_environment_is_as_it_was_afterwards(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OBEYED.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    code, said = say("list", *FEW)
    assert code == 0, said
    assert "scenarios/read/test_one.py::" in said
    assert dict(os.environ) == before
