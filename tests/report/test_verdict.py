"""The verdict and the exit code, for every combination of what can happen to a run."""

from __future__ import annotations

from itertools import product

import pytest

from scicat_harness.cli.console import Console
from scicat_harness.cli.display import Display
from scicat_harness.errors import ExitCode
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.plugin.recorder import Recorder
from scicat_harness.report.summary import Summary
from scicat_harness.report.verdict import RunEnding, RunVerdict

ALL = [
    RunEnding(failed, unknown, proven, interrupted, broken)
    for failed, unknown, proven, interrupted, broken in product(
        (0, 2), (0, 2), (0, 2), (False, True), (False, True)
    )
]


@pytest.mark.parametrize("ending", ALL, ids=repr)
def test_a_failed_check_is_a_proof_and_a_pass_needs_everything(ending: RunEnding) -> None:
    if ending.failed:
        assert ending.verdict is RunVerdict.FAIL
    elif ending.proven and not (ending.unknown or ending.interrupted or ending.broken):
        assert ending.verdict is RunVerdict.PASS
    else:
        assert ending.verdict is RunVerdict.UNKNOWN


def test_the_exit_code_is_the_verdict() -> None:
    assert {each: each.exit_code for each in RunVerdict} == {
        RunVerdict.PASS: ExitCode.AS_SPECIFIED,
        RunVerdict.FAIL: ExitCode.SCICAT_DIFFERS,
        RunVerdict.UNKNOWN: ExitCode.ENVIRONMENT_FAILED,
    }


def summary_of(ending: RunEnding) -> Summary:
    """The summary of a run that ended so."""
    summary = Summary(started=True, finished=True, interrupted=ending.interrupted)
    verdicts = [
        *[Verdict.FAILED] * ending.failed,
        *[Verdict.UNKNOWN] * ending.unknown,
        *[Verdict.PASSED] * ending.proven,
    ]
    for number, verdict in enumerate(verdicts):
        record = CheckRecord(f"case-{number}", "create", "v4", "user1", "all", verdict)
        summary.take("check", {"record": record.to_json()})
    return summary


class _Recorded(Recorder):
    def __init__(self, summary: Summary) -> None:
        self.summary = summary
        self.report_dir = None
        self.fault = None


@pytest.mark.parametrize(
    "status", list(pytest.ExitCode), ids=lambda each: pytest.ExitCode(each).name.lower()
)
@pytest.mark.parametrize("ending", ALL, ids=repr)
def test_the_command_exits_by_the_verdict_whatever_pytest_says(
    ending: RunEnding, status: pytest.ExitCode
) -> None:
    if not (ending.failed or ending.unknown or ending.proven):
        return  # not even begun: other words, see tests/plugin
    display = Display(Console(quiet=True), progress=False)
    display._recorder = _Recorded(summary_of(ending))
    display._broke = ending.broken
    complete = (
        pytest.ExitCode.OK,
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.INTERRUPTED,
    )
    broken = ending.broken or status not in complete
    wanted = RunEnding(ending.failed, ending.unknown, ending.proven, ending.interrupted, broken)
    assert display.conclude(int(status)) == wanted.verdict.exit_code
