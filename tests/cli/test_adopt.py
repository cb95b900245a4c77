"""adopt: what a run on a new release showed, as proposals and as accepted differences."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scicat_harness.accepted import read_accepted
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.difference import Difference
from scicat_harness.model.outcome import Verdict

from ..report.folders import check, seen, write_run
from .conftest import Say, say

__all__ = ["say"]

CREATE = "scenarios/create/test_matrix.py::test_every_auth_value"


def refused(identity: str, verdict: Verdict, case: str) -> CheckRecord:
    status, observed = (403, "deny") if verdict is Verdict.FAILED else (201, "allow")
    differences = (Difference("status", 201, 403).to_json(),) if verdict is Verdict.FAILED else ()
    return check(
        seen(
            status=status,
            observed=observed,
            identity=identity,
            verdict=str(verdict),
            differences=differences,
        ),
        verdict=verdict,
        case=case,
        api="v4",
        identity=identity,
        job_type="all_access",
        expected="allow",
        deciding="create.allowed.create-privileged",
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run in which the member of both privileged lists is refused, and others are not."""
    return write_run(
        tmp_path / "run",
        refused("both", Verdict.FAILED, f"{CREATE}[both-all_access-own-nothing]"),
        refused("creator", Verdict.PASSED, f"{CREATE}[creator-all_access-own-nothing]"),
        refused("updater", Verdict.PASSED, f"{CREATE}[updater-all_access-own-nothing]"),
        check(
            verdict=Verdict.FAILED,
            case="ledger::an-entry",
            reason="no case of this run shows the known deviation 'an-entry'",
        ),
        backend_version="v5.2.1",
    )


def test_a_cause_becomes_a_rule_an_entry_and_a_row(run: Path, say: Say) -> None:
    code, text = say("adopt", run, "--release", "v5.3.0")
    assert code == 0
    assert "# v5.3.0: 2 causes" in text
    assert "V5_3_0 = Release(5, 3, 0)" in text
    # What the refused one has, and those who are not refused have not.
    assert "lambda f: f.caller.create_privileged and f.caller.update_privileged," in text
    assert "Answer.ENDPOINT_FORBIDDEN" in text
    assert "# before create.allowed.create-privileged\n" in text
    assert text.count('"create.allowed.NAME"') == 2
    assert "documented=('create.',)" in text
    assert "releases=ReleaseRange(until=V5_3_0),  # an-entry" in text


def test_the_same_as_accepted_differences(run: Path, tmp_path: Path, say: Say) -> None:
    file = tmp_path / "accepted.yaml"
    given = ("--release", "v5.3.0", "--accept", str(file), "--output", str(tmp_path / "a.md"))
    assert say("adopt", run, *given)[0] == 0
    first, second = read_accepted(file).differences
    assert (first.kind, first.operation, first.identity, first.observed) == (
        *("refused though promised", "create", "both"),
        "403 deny",
    )
    assert (second.kind, second.rule) == ("fixed", "an-entry")
    assert all(each["owner"] == "NAME" for each in yaml.safe_load(file.read_text("utf-8")))
    assert (tmp_path / "a.md").read_text("utf-8").startswith("# v5.3.0")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere", "--release", "v5.3.0"), "nowhere"),
        (("run", "--release", "next"), "--release"),
        (("run",), "--release"),
    ],
)
def test_wrong_usage(
    arguments: tuple[str, ...],
    says: str,
    run: Path,
    say: Say,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(run.parent)
    code, text = say("adopt", *arguments)
    assert code == 3
    assert says in text
