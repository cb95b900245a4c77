"""Replies of a form that they cannot have are differences, whatever code meets them."""

from __future__ import annotations

from pathlib import Path

from .runs import events, plain_pytest


def test_a_surprising_reply_is_a_failed_check(tmp_path: Path) -> None:
    run = plain_pytest(
        # Folders that read replies in ways of their own; effects are judged apart from replies.
        *(
            f"scenarios/{each}"
            for each in ("compat", "create", "doors", "lifecycle", "read", "update")
        ),
        *("--profile=smoke", "-n0", "-p", "tests.plugin.surprising"),
        *("--report-dir", str(tmp_path / "report"), "-q"),
    )
    assert run.code == 1, run.output[-2000:]
    records = [each["record"] for each in events(tmp_path / "report", "check")]
    failed = [each for each in records if each["verdict"] == "failed"]
    unknown = [each for each in records if each["verdict"] == "unknown"]
    assert len(failed) > 50
    assert [each["reason"] for each in unknown if "harness failed" in each["reason"]] == []
    assert all(each["reason"] for each in failed)
