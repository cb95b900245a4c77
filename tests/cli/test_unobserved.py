"""Every command that takes a release says where it was never observed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Say

CONFIG = """\
configVersion: "1"
jobs:
  - {jobType: t, create: {auth: "#authenticated"}, update: {auth: "#jobOwnerUser"}}
"""
FACILITY = "facility: f\nfiles: {job_config: jobs.yaml}\nrelease: v5.2.2\n"
SENTENCE = "v5.2.2 was never observed: judged by the rules of v5.2.1"
BEFORE = "v4.19.0 was never observed: judged by the rules of v4.20.2"
NEW, OLD = "--release=v5.2.2", "--release=v4.19.0"
COMMANDS = {
    "lint": (("lint", "jobs.yaml", NEW), SENTENCE),
    "lint-before": (("lint", "jobs.yaml", OLD), BEFORE),
    "lint-markdown": (("lint", "jobs.yaml", NEW, "--format=markdown"), SENTENCE),
    "lint-sarif": (("lint", "jobs.yaml", NEW, "--format=sarif"), SENTENCE),
    "lint-json": (("lint", "jobs.yaml", NEW, "--format=json"), f'"unobserved": "{SENTENCE}"'),
    "lint-output": (("lint", "jobs.yaml", NEW, "--output=x"), SENTENCE),
    "lint-facility": (("lint", "--facility=facility.yaml"), SENTENCE),
    "matrix": (("matrix", "jobs.yaml", NEW), SENTENCE),
    "matrix-markdown": (("matrix", "jobs.yaml", NEW, "--format=markdown"), f"**{SENTENCE}.**"),
    "matrix-html": (("matrix", "jobs.yaml", NEW, "--format=html"), f"<strong>{SENTENCE}."),
    "matrix-against": (("matrix", "jobs.yaml", "--against=jobs.yaml", NEW), SENTENCE),
    "matrix-against-release": (("matrix", "jobs.yaml", "--against-release=v5.2.2"), SENTENCE),
    "matrix-facility": (("matrix", "--facility=facility.yaml"), SENTENCE),
    "plan": (("plan", "jobs.yaml", "--release=v5.2.2"), SENTENCE),
    "plan-facility": (("plan", "--facility=facility.yaml"), SENTENCE),
    "explain": (("explain", "--as=user1", "--create=all_access", NEW), SENTENCE),
    "differences": (("differences", OLD), BEFORE),
    "config": (("config", "written", "--release=v5.2.2"), SENTENCE),
    "list-of-an-image": (
        ("list", "--deployment=containers", "--backend-image=scicat:v5.2.2", "--only=read"),
        SENTENCE,
    ),
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jobs.yaml").write_text(CONFIG)
    (tmp_path / "facility.yaml").write_text(FACILITY)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", COMMANDS)
def test_it_is_said(name: str, say: Say) -> None:
    arguments, sentence = COMMANDS[name]
    _, said = say(*arguments)
    assert said.count(sentence) == 1, said


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_said_of_an_observed_release(name: str, say: Say, tmp_path: Path) -> None:
    file = tmp_path / "facility.yaml"
    file.write_text(FACILITY.replace("v5.2.2", "v5.0.1"))
    arguments = (each.replace("5.2.2", "5.2.1") for each in COMMANDS[name][0])
    _, said = say(*(each.replace("4.19.0", "4.20.2") for each in arguments))
    assert "never observed" not in said


def test_the_json_of_lint_has_the_field_for_every_release(say: Say) -> None:
    _, said = say("lint", "jobs.yaml", "--format=json")
    assert json.loads(said)["unobserved"] is None
