"""What must not be in a log, up to a later line."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.errors import EnvironmentFault
from scicat_harness.judge import failure
from scicat_harness.judge.check import NotVerifiable
from scicat_harness.judge.failure import CheckFailed, LogWindow
from scicat_harness.judge.must import must_not_be_logged

LATER = "a later line"


@pytest.fixture
def window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LogWindow:
    """A window of a log that no line is waited for."""
    monkeypatch.setattr(failure, "_LOG_DEADLINE", 0.0)
    (tmp_path / "backend.log").touch()
    return LogWindow.open(tmp_path / "backend.log")


def written(window: LogWindow, *lines: str) -> LogWindow:
    (path,) = window.starts
    path.write_text("\n".join(lines), encoding="utf-8")
    return window


def judge(window: LogWindow) -> None:
    must_not_be_logged(window, "pass-1234", until=LATER, what="whether the password is logged")


def test_it_is_not_there(window: LogWindow) -> None:
    judge(written(window, "a login failed", LATER))


def test_a_secret_is_found_though_reports_leave_it_out(window: LogWindow) -> None:
    line = '{"username":"user1","password":"pass-1234"}'
    assert "pass-1234" not in "".join(written(window, line, LATER).lines())
    with pytest.raises(CheckFailed, match="whether the password is logged is True"):
        judge(window)


def test_without_the_later_line_nobody_knows(window: LogWindow) -> None:
    with pytest.raises(EnvironmentFault, match="the log has no line with a later line"):
        judge(written(window, "a login failed"))


def test_without_a_log_it_is_not_verifiable() -> None:
    with pytest.raises(NotVerifiable):
        judge(LogWindow.open(None))
