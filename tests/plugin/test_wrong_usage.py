"""Wrong usage: exit code 3 and one clear message, never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scicat_harness.cli.main import main

from .runs import harness, plain_pytest

AT_THE_COMMAND_LINE = {
    "unknown-deployment": (("--deployment", "cloud"), "'cloud' is not one of"),
    "unknown-profile": (("--profile", "huge"), "'huge' is not one of"),
    "unknown-option": (("--no-such-option",), "No such option"),
    "bad-workers": (("-n", "many"), "give a number of worker processes"),
}


@pytest.mark.parametrize(
    ("arguments", "message"), AT_THE_COMMAND_LINE.values(), ids=AT_THE_COMMAND_LINE
)
def test_an_option_that_makes_no_sense_exits_with_three(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", *arguments])
    assert ended.value.code == 3
    assert message in capsys.readouterr().err


BEHIND_PYTEST = {
    "external-without-url": (("--deployment", "external"), "needs --url and --accounts"),
    "process-without-checkout": (
        ("--deployment", "process", "--backend-dir", "nowhere"),
        "nowhere: no such folder",
    ),
    "unknown-defect": (("--defect", "no.such.defect"), "no.such.defect"),
    "bad-version": (("--release", "latest"), "not of the form v5.2.1"),
    "unknown-broker": (
        ("--broker", "nonsense"),
        "neither 'embedded' nor 'rabbitmq' nor the address",
    ),
    "sinks-inside-of-nothing": (
        ("--sinks", "inside"),
        "--sinks has no effect with --deployment embedded; leave it out, or give --deployment",
    ),
    "broker-with-tls": (("--broker", "amqps://127.0.0.1"), "SciCat backends speak plain amqp only"),
    "broker-with-a-virtual-host": (("--broker", "amqp://127.0.0.1/jobs"), "virtual host 'jobs'"),
    "other-version-embedded": (("--release", "v5.0.1"), "behaves as v5.2.1"),
}


def _row(name: str) -> Any:
    return pytest.param(*BEHIND_PYTEST[name], id=name)


@pytest.mark.parametrize(("arguments", "message"), [_row(name) for name in BEHIND_PYTEST])
def test_wrong_usage_is_told_and_exits_with_three(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = harness("run", "--profile=smoke", *arguments, cwd=tmp_path)
    assert done.code == 3, done.output
    assert done.says(message), done.output
    assert list(tmp_path.iterdir()) == []


def test_an_expression_that_matches_no_case_is_wrong_usage(tmp_path: Path) -> None:
    done = harness(
        "run", "--profile=smoke", "-k", "nobody_is_called_that", "--report-dir=r", cwd=tmp_path
    )
    assert done.code == 3, done.output
    assert done.says("no case matches")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--deployment=process", "needs --backend-dir"),
        ("--mongo-uri=mongodb://h", "--mongo-uri has no effect with --deployment embedded"),
        ("--report-dir=", "--report-dir is empty"),
        ("--audit=nan", "--audit nan: give 0 to 3600 seconds"),
    ],
)
def test_plain_pytest_says_the_same(option: str, message: str) -> None:
    done = plain_pytest("scenarios", option)
    assert done.code == 3, done.output
    assert done.says(message)
