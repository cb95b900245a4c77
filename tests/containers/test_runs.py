"""Runs on containers come to their verdict, and leave nothing in the engine however they end."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from ..plugin.runs import Ending, by, events, in_peace
from .engine import Given

pytestmark = pytest.mark.needs_docker

FEW = ("--only=denied", "--broker=embedded")


def test_effects_and_data_that_outlive_a_backend(given: Given) -> None:
    # It restarts a backend over the same data, in the volume of the run.
    more = ("--profile=standard", "--only=lifecycle", "-k", "test_another_configuration")
    ended = given.finish(in_peace, *more)
    assert ended.code == 0, ended.output
    records = [each["record"] for each in events(given.report, "check")]
    assert records
    assert {each["verdict"] for each in records} <= {"passed", "deviating"}
    (began,) = events(given.report, "started")
    assert began["image"] == given.backend
    assert "sha256:" in began["digest"]
    assert given.left_by(ended.process) == []
    assert given.folders() == []


def test_sinks_among_the_backends(given: Given) -> None:
    inside = ("--sinks=inside", f"--harness-image={given.backend}")
    ended = given.finish(in_peace, "--only=actions", "-k", "email or rabbitmq", *inside)
    assert ended.code == 0, ended.output
    # Real effects have come that way, and are written down.
    effects = json.loads((given.report / "summary.json").read_text(encoding="utf-8"))["effects"]
    assert effects["email"] > 0
    assert effects["amqp"] > 0
    kept = (given.report / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(kept) >= effects["email"] + effects["amqp"]
    assert given.left_by(ended.process) == []


def test_an_exchange_that_no_action_declares(given: Given) -> None:
    def declared(run: subprocess.Popen[str]) -> None:
        declare = (
            'rabbit_exchange:declare({resource, <<"/">>, exchange, <<"harness-stray">>}, '
            "fanout, false, false, false, [], <<>>)."
        )
        done = given.rabbitmq_of(run.pid).exec_run(["rabbitmqctl", "eval", declare])
        assert done.exit_code == 0, done.output

    ended = given.finish(declared, "--only=actions", "-k", "rabbitmq")
    assert ended.code == 1, ended.output
    assert "no action declares the exchange 'harness-stray'" in " ".join(ended.output.split())
    assert given.left_by(ended.process) == []


def test_a_broker_here_is_out_of_reach_of_sinks_there(given: Given) -> None:
    inside = ("--sinks=inside", f"--harness-image={given.backend}", "--broker=embedded")
    ended = given.fail(*inside)
    assert ended.code == 3, ended.output
    assert "--sinks inside: backends cannot reach a broker of this machine" in " ".join(
        ended.output.split()
    )
    assert given.left_by(ended.process) == []


ENDINGS: dict[str, tuple[Ending, tuple[str, ...], int]] = {
    "failed": (in_peace, ("--expect=documented",), 1),
    "SIGINT": (by(signal.SIGINT), ("--audit=30",), 2),
    "SIGTERM-with-workers": (by(signal.SIGTERM), ("--audit=30", "-n2"), 2),
}


@pytest.mark.parametrize(("end", "more", "code"), ENDINGS.values(), ids=ENDINGS)
def test_nothing_is_left_of_a_run(
    end: Ending, more: tuple[str, ...], code: int, given: Given
) -> None:
    ended = given.finish(end, *FEW, *more)
    assert ended.code == code, ended.output
    assert "Traceback" not in ended.output
    assert given.left_by(ended.process) == []
    assert given.folders() == []


def test_what_a_killed_run_leaves_is_removed_by_the_next(given: Given) -> None:
    killed = given.finish(by(signal.SIGKILL), *FEW, "--audit=30")
    assert killed.code == -signal.SIGKILL
    assert len(given.left_by(killed.process)) >= 3
    ended = given.finish(in_peace, *FEW)
    assert ended.code == 0, ended.output
    assert given.left_by(killed.process) == []
    assert given.left_by(ended.process) == []
    assert given.folders() == []
