"""An entry that no case of a complete run shows fails the run; a narrowed run proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.profile import Profile
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import CURRENT
from scicat_harness.oracle.rule import Reading
from scicat_harness.plugin.options import Options
from scicat_harness.plugin.recorder import Recorder
from scicat_harness.report.summary import Summary

from ..stubs import record_of

Finish = Callable[..., Summary]


@pytest.fixture
def finish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Finish:
    """Ends a run in which the given ledger entries were seen once each."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    def run(
        seen: set[str],
        *,
        profile: Profile = Profile.STANDARD,
        expect: str = "observed",
        interrupted: bool = False,
        **option: str,
    ) -> Summary:
        given = {"keyword": "", "markexpr": "", "maxfail": 0, **option}
        config: Any = SimpleNamespace(
            option=SimpleNamespace(**given),
            args=["scenarios"],
            invocation_params=SimpleNamespace(dir=tmp_path),
        )
        session: Any = SimpleNamespace(
            config=config, exitstatus=0, shouldfail=False, shouldstop=False, testsfailed=0
        )
        setup: Any = SimpleNamespace(about=["authorization"], took={}, judged={})
        recorder = Recorder(config)
        recorder.start(
            options(tmp_path, profile, Reading(expect)),
            "run",
            ["create.allowed.all"],
            setup,
        )
        for name in seen:
            record = record_of(Verdict.DEVIATING, ledger=name).to_json()
            recorder.stream.emit("check", {"record": record, "seconds": 0.0, "story": ""})
        if interrupted:
            recorder.pytest_keyboard_interrupt()
        recorder.finish(session, seconds=1.0, requests=1, left_behind=[])
        recorder.pytest_unconfigure()
        assert session.exitstatus == recorder.summary.exit_code
        return recorder.summary

    return run


def options(folder: Path, profile: Profile, expect: Reading) -> Options:
    """Options of an embedded run."""
    return Options(
        deployment="embedded",
        profile=profile,
        expect=expect,
        release=CURRENT,
        report_dir=folder / "report",
        backend_dir=None,
        mongo_uri=None,
        url=None,
        accounts=None,
        backend_env=None,
        defect=None,
        broker="embedded",
        audit=0.0,
    )


EVERY = {entry.id for entry in LEDGER.of_release(CURRENT) if entry.about == "authorization"}


def test_a_complete_run_that_shows_every_entry_passes(finish: Finish) -> None:
    assert finish(EVERY).verdict == "pass"


def test_an_entry_that_nothing_shows_fails_the_run_and_is_named(finish: Finish) -> None:
    summary = finish(EVERY - {"v3-list-crash"})
    assert summary.verdict == "fail"
    assert [each.case for each in summary.worst] == ["ledger::v3-list-crash"]
    assert "close the entry, or add a case" in summary.worst[0].reason


def test_a_run_of_some_cases_only_says_nothing_about_the_others(finish: Finish) -> None:
    assert finish(EVERY - {"v3-list-crash"}, keyword="user1").verdict == "pass"


def test_smoke_says_nothing_about_what_it_leaves_out(finish: Finish) -> None:
    assert finish({"v3-list-crash"}, profile=Profile.SMOKE).verdict == "pass"


def test_a_run_against_the_documentation_needs_no_ledger(finish: Finish) -> None:
    assert finish(EVERY - {"v3-list-crash"}, expect="documented").verdict == "pass"


def test_a_run_that_was_cut_short_does_not_pass(finish: Finish) -> None:
    assert finish(EVERY, interrupted=True).verdict == "unknown"
