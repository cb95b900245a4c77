"""Options beside a kept setup: a replay may repeat what it was told, nothing may contradict it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import UsageFault
from scicat_harness.plugin.kept import State, write_state
from scicat_harness.plugin.options import Options

CONTAINERS = {"deployment": "containers", "backend_image": "scicat:v5.0.1", "profile": "smoke"}
PROCESS = {"deployment": "process", "backend_dir": "/checkout", "broker": "embedded"}


@pytest.fixture(autouse=True)
def states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("SCICAT_HARNESS_MONGO_URI", raising=False)


def kept(options: Mapping[str, Any]) -> None:
    """Write down a setup that was started with these."""
    write_state("default", State(1, None, "folder", "run", options, {}, None, [], None, {}))


@pytest.mark.parametrize("options", [{}, CONTAINERS, PROCESS], ids=["usual", "images", "process"])
def test_what_it_was_told_is_taken_from_it_and_may_be_repeated(options: Mapping[str, Any]) -> None:
    kept(options)
    found = Options.given({"kept": "default"})
    started = Options.given(options)
    assert (found.deployment, found.release) == (started.deployment, started.release)
    assert (found.profile, found.broker) == (started.profile, started.broker)
    replayed = dict(each[2:].split("=", 1) for each in shlex.split(found.replay()))
    given = {name.replace("-", "_"): value for name, value in replayed.items()}
    assert Options.given(given) == found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"deployment": "process", "backend_dir": "/x"},
            "--deployment has no effect with --kept default, which was started with containers",
        ),
        (
            {"backend_version": "v4.25.1"},
            "--release has no effect with .* started with v5.0.1",
        ),
        ({"backend_image": "other:v5.0.1"}, "which was started with scicat:v5.0.1; leave it out"),
        ({"defect": "x"}, "--defect has no effect with --deployment containers"),
    ],
)
def test_what_contradicts_it_is_refused(given: Mapping[str, Any], message: str) -> None:
    kept(CONTAINERS)
    with pytest.raises(UsageFault, match=message):
        Options.given({**given, "kept": "default"})


def test_a_setup_that_was_told_nothing_is_the_usual_one() -> None:
    kept({})
    with pytest.raises(UsageFault, match=r"--broker has no effect with .* started with embedded"):
        Options.given({"kept": "default", "broker": "rabbitmq"})


def test_no_password_of_an_address_is_told() -> None:
    kept({**PROCESS, "mongo_uri": "mongodb://me:hidden@h"})
    with pytest.raises(UsageFault, match="started with another value; leave it out") as raised:
        Options.given({"kept": "default", "mongo_uri": "mongodb://me:hidden@other"})
    assert "hidden" not in str(raised.value)


def test_how_much_to_check_is_for_the_run_to_say() -> None:
    kept({**CONTAINERS, "only": ["create"], "keyword": "user1", "expect": "documented"})
    found = Options.given({"kept": "default", "profile": "full"})
    assert (found.profile, found.expect) == ("full", "observed")


def test_what_an_earlier_version_wrote_down_without_need_is_passed_over() -> None:
    kept({"deployment": "embedded", "mongo_uri": "mongodb://h"})
    assert Options.given({"kept": "default"}).mongo_uri is None
