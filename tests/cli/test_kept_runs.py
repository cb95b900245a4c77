"""Runs against a setup with mutants: what counts as noticed, and what a broken setup does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from scicat_harness.cli import kept_runs
from scicat_harness.cli.forked import ForkedRuns, RunsEnded
from scicat_harness.cli.kept_runs import KeptRuns
from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.model.outcome import Verdict
from scicat_harness.mutate.control import Control

from ..report.folders import check, write_run

CHECKS = ["scenarios/a.py::one", "scenarios/a.py::two"]
Fails = Callable[[str | None, str], bool]


class Runs(ForkedRuns):
    """Stands for runs: writes the events that a run with the active mutant would leave."""

    def __init__(self, folder: Path, control: Path) -> None:
        super().__init__(folder)
        self.control = control
        self.fails: Fails = lambda _mutant, _check: False
        self.setups = 0
        self.arguments: list[list[str]] = []
        self.findings: list[str] = []
        """The mutants that only the sweep at the end of a run notices."""

    def run(self, arguments: Sequence[str], output: Path, *, seconds: float = 0) -> int:
        del seconds
        self.arguments.append(list(arguments))
        mutant = (self.control / "active").read_text() or None
        cases = Path(output.parent / "cases")
        asked = cases.read_text().split() if cases.exists() else CHECKS
        output.write_text("said at the end", encoding="utf-8")
        records = [
            check(
                case=each,
                verdict=Verdict.FAILED if self.fails(mutant, each) else Verdict.PASSED,
            )
            for each in asked
        ]
        if mutant in self.findings:
            sweep = "audit::state-is-as-it-was-left"
            records.append(check(case=sweep, verdict=Verdict.FAILED))
        write_run(output.parent, *records)
        if mutant in ("stops", "elsewhere"):
            return {"stops": 2, "elsewhere": 3}[mutant]
        return int(any(each.verdict == Verdict.FAILED for each in records))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Runs whose setups are none."""
    (tmp_path / "control").mkdir()
    found = Runs(tmp_path, tmp_path / "control")

    def start(*_: object) -> None:
        found.setups += 1

    class OneBackend(Control):
        """Stands for the sockets of a setup that has one backend."""

        def activate(self, mutant: str | None) -> int:
            super().activate(mutant)
            return 1

    monkeypatch.setattr(kept_runs, "Control", OneBackend)
    monkeypatch.setattr(kept_runs, "start_keeper", start)
    monkeypatch.setattr(kept_runs, "stop_keeper", lambda _name: "ended")
    return found


@pytest.fixture
def setup(runs: Runs, tmp_path: Path) -> Iterator[KeptRuns]:
    """A setup that is up."""
    options = {"deployment": "process", "profile": "smoke", "mongo_uri": None}
    with KeptRuns(runs, options, runs.control, tmp_path / "reports") as found:
        yield found


def test_a_mutant_that_a_check_notices(setup: KeptRuns, runs: Runs) -> None:
    runs.fails = lambda mutant, case: mutant == "7" and case == CHECKS[1]
    found = setup.notices("7", CHECKS)
    assert found is not None
    assert (found.check, found.reason, found.stopped) == (CHECKS[1], CHECKS[1], False)
    # The second run is that check without the mutant.
    assert len(runs.arguments) == 2
    assert (runs.control / "active").read_text() == ""
    assert runs.setups == 1


def test_a_mutant_that_nobody_notices(setup: KeptRuns, runs: Runs) -> None:
    assert setup.notices("7", CHECKS) is None
    assert len(runs.arguments) == 1
    assert "--maxfail=1" in runs.arguments[0]


def test_a_run_that_cannot_go_on_is_noticed(setup: KeptRuns) -> None:
    found = setup.notices("stops", CHECKS)
    assert found is not None
    assert (found.stopped, found.reason) == (True, "said at the end")


def test_checks_that_are_no_longer_there(setup: KeptRuns) -> None:
    with pytest.raises(UsageFault, match="the checks of the coverage are not those of today"):
        setup.notices("elsewhere", CHECKS)


def test_a_finding_of_the_sweep_is_noticed(setup: KeptRuns, runs: Runs) -> None:
    """It is of no check, so that all of them are repeated."""
    runs.findings = ["7"]
    found = setup.notices("7", CHECKS)
    assert found is not None
    assert (found.check, found.stopped) == ("audit::state-is-as-it-was-left", False)
    assert len(runs.arguments) == 2


def test_a_setup_without_sockets_is_refused(runs: Runs, tmp_path: Path) -> None:
    class NoBackend(Control):
        def activate(self, mutant: str | None) -> int:
            del mutant
            return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_runs, "Control", NoBackend)
        setup = KeptRuns(runs, {"profile": "smoke"}, runs.control, tmp_path / "none")
        with pytest.raises(EnvironmentFault, match="give a shorter --copy"), setup:
            pass


def test_a_setup_that_a_mutant_broke_is_started_again(setup: KeptRuns, runs: Runs) -> None:
    """Every check fails on it, so the kill is only believed on a new one."""
    runs.fails = lambda mutant, _case: runs.setups == 1 or mutant == "7"
    found = setup.notices("7", CHECKS)
    assert found is not None
    assert runs.setups == 2


def test_a_check_that_fails_without_a_mutant_is_no_kill(setup: KeptRuns, runs: Runs) -> None:
    runs.fails = lambda _mutant, case: case == CHECKS[0]
    with pytest.raises(EnvironmentFault, match=r"a\.py::one fails without any mutant, too"):
        setup.notices("7", CHECKS)
    with pytest.raises(EnvironmentFault, match=r"the checks fail without any mutant: .*one"):
        setup.covered()


def test_the_order_of_the_checks_is_that_of_the_run(setup: KeptRuns, runs: Runs) -> None:
    order, reports = setup.covered()
    assert (order, reports) == (CHECKS, [])
    assert runs.arguments[0][-2:] == ["--covering", str(runs.control)]


def test_jobs_of_many_checks_end_with_their_setup(
    setup: KeptRuns, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_runs, "_MOST_CHECKS", 3)
    for _ in range(4):
        assert setup.notices("7", CHECKS) is None
    assert runs.setups == 2


def test_no_run_is_started_after_the_end(setup: KeptRuns, runs: Runs) -> None:
    runs.end()
    with pytest.raises(RunsEnded):
        setup.notices("7", CHECKS)
