"""What a diff concludes, warns of, and says of what only one run tells; in Markdown, too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import ExitCode
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.diff.difference import RunDifference, difference
from scicat_harness.report.diff.markdown import markdown
from scicat_harness.report.diff.text import ledger_lines, one_sided_lines

from .folders import CASE, check, diff_of, run_of, seen

DENIED, ALLOWED = check(seen(403, "deny")), check(seen(201))
OTHER = f"{CASE}-other"
UNKNOWN = check(verdict=Verdict.UNKNOWN, case=OTHER)

CONCLUSIONS: Mapping[str, tuple[CheckRecord, CheckRecord, ExitCode, str]] = {
    "nothing": (DENIED, DENIED, ExitCode.AS_SPECIFIED, "no change"),
    "stricter": (ALLOWED, DENIED, ExitCode.AS_SPECIFIED, "nothing became more permissive"),
    "laxer": (DENIED, ALLOWED, ExitCode.SCICAT_DIFFERS, "more permissive: 1 case in 1 line"),
}


@pytest.mark.parametrize(("was", "now", "code", "said"), CONCLUSIONS.values(), ids=CONCLUSIONS)
def test_conclusions(
    was: CheckRecord, now: CheckRecord, code: ExitCode, said: str, tmp_path: Path
) -> None:
    found = diff_of(tmp_path, [was], [now])
    assert (found.exit_code, found.conclusion) == (code, said)
    assert list(found.warnings()) == []
    told = found.to_json()
    assert (told["exit_code"], told["conclusion"]) == (int(code), said)
    assert told["more_permissive"] is (code == ExitCode.SCICAT_DIFFERS)


@pytest.mark.parametrize("unsure", ["a", "b"])
def test_a_run_without_a_verdict_proves_nothing(unsure: str, tmp_path: Path) -> None:
    more = {unsure: [UNKNOWN]}
    found = diff_of(tmp_path, [DENIED, *more.get("a", [])], [DENIED, *more.get("b", [])])
    assert found.exit_code == ExitCode.ENVIRONMENT_FAILED
    assert found.conclusion == "no change; this proves nothing, see the warnings"
    assert f"the verdict of {unsure.upper()} is unknown: it proves nothing" in found.warnings()


def test_what_became_more_permissive_is_so_even_in_half_a_run(tmp_path: Path) -> None:
    a = run_of(tmp_path / "a", DENIED)
    found = difference(a, run_of(tmp_path / "b", ALLOWED, finished=None))
    assert found.exit_code == ExitCode.SCICAT_DIFFERS
    assert f"B was killed: {tmp_path / 'b'} has 1 check" in found.warnings()


def test_an_interrupted_run_says_so(tmp_path: Path) -> None:
    a = run_of(tmp_path / "a", DENIED, finished={"interrupted": True})
    warnings = list(difference(a, run_of(tmp_path / "b", DENIED)).warnings())
    assert warnings[0] == f"A was interrupted: {tmp_path / 'a'} has 1 check"


def test_cases_without_a_verdict_are_counted(tmp_path: Path) -> None:
    judged = check(seen(), case=OTHER)
    found = diff_of(tmp_path, [DENIED, UNKNOWN], [DENIED, judged])
    assert "1 case of A without a verdict: not compared" in found.warnings()


@pytest.mark.parametrize("what", ["profile", "expect"])
def test_runs_of_another_kind(what: str, tmp_path: Path) -> None:
    runs = [run_of(tmp_path / name, DENIED, **{what: name}) for name in ("one", "two")]
    assert list(difference(*runs).warnings()) == [f"--{what} differs: one in A, two in B"]


def test_nothing_in_common(tmp_path: Path) -> None:
    found = diff_of(tmp_path, [DENIED], [check(seen(), case=OTHER)])
    assert found.exit_code == ExitCode.ENVIRONMENT_FAILED
    assert "no case was judged in both runs: there is nothing to compare" in found.warnings()


def test_effects_that_one_run_does_not_tell_are_counted(tmp_path: Path) -> None:
    found = diff_of(tmp_path, [check(seen())], [check(seen(effects=None))])
    assert [each.partition(":")[0] for each in found.warnings()] == [
        "effects of 1 request cannot be compared"
    ]


def one_sided(tmp_path: Path) -> RunDifference:
    """A run that lacks a case, cannot judge another, and has another rule and entry."""
    lacking = check(verdict=Verdict.NOT_VERIFIABLE, case=OTHER, reason="v5.0.1 lacks lists")
    left = check(seen(), case="scenarios/read/test_one.py::test_one")
    was = check(seen(), verdict=Verdict.DEVIATING, ledger="an-old-entry")
    now = check(seen(), verdict=Verdict.DEVIATING, ledger="an-entry")
    a = run_of(tmp_path / "a", was, lacking, left, rules=["a.rule", "old.rule"])
    more = check(seen(), case=f"{OTHER}-b", verdict=Verdict.DEVIATING, ledger="unseen-entry")
    records = (now, check(seen(), case=OTHER), more)
    b = run_of(tmp_path / "b", *records, backend_version="v5.2.1", rules=["a.rule", "new.rule"])
    return difference(a, b)


ONLY = [
    "cases only in A (v5.0.1): 1: read/one (1); e.g. scenarios/read/test_one.py::test_one",
    "rules only in A (v5.0.1): 1: old.rule",
    f"cases only in B (v5.2.1): 1: create/matrix (1); e.g. {OTHER}-b",
    "judged only in B (v5.2.1): 1: v5.0.1 lacks lists (1)",
    "rules only in B (v5.2.1): 1: new.rule",
    "known deviations only in B (v5.2.1), whose cases the other run did not judge: 1: unseen-entry",
]
LEDGER = [
    "came: an-entry (1 case): high: what it does",
    "gone: an-old-entry (1 case)",
]
ABOUT = {"an-entry": "high: what it does"}


def test_what_only_one_run_tells_is_named_and_no_change(tmp_path: Path) -> None:
    found = one_sided(tmp_path)
    assert list(one_sided_lines(found)) == ONLY
    assert list(ledger_lines(found, ABOUT)) == LEDGER
    assert (found.lines, found.exit_code) == ((), ExitCode.AS_SPECIFIED)


def test_of_many_rules_a_screen_shows_some(tmp_path: Path) -> None:
    rules = [f"rule.{number}" for number in range(5)]
    a, b = run_of(tmp_path / "a", DENIED, rules=rules), run_of(tmp_path / "b", DENIED, rules=[])
    (told,) = one_sided_lines(difference(a, b), 2)
    assert told == "rules only in A (v5.0.1): 5: rule.0, rule.1 and 3 more"


def test_reasons_that_differ_in_a_job_type_are_one(tmp_path: Path) -> None:
    cases = [f"{CASE}-{number}" for number in range(3)]
    lacking = [
        check(verdict=Verdict.NOT_VERIFIABLE, case=case, reason=f"no job type {case[-1]}: since v5")
        for case in cases
    ]
    found = diff_of(tmp_path, lacking, [check(seen(), case=case) for case in cases])
    assert list(one_sided_lines(found)) == [
        "judged only in B (v5.2.1): 3: no job type ... since v5 (3)"
    ]


def test_json_is_plain_data_with_everything(tmp_path: Path) -> None:
    told: dict[str, Any] = json.loads(json.dumps(one_sided(tmp_path).to_json()))
    assert list(told) == [
        *("conclusion", "exit_code", "more_permissive", "changed", "conclusive"),
        *("a", "b", "warnings", "compared", "causes"),
        *("authorization", "statuses", "effects", "starts", "verdicts"),
        *("unchanged", "ledger", "only_in_a", "only_in_b"),
    ]
    assert (told["a"]["backend_version"], told["b"]["backend_version"]) == ("v5.0.1", "v5.2.1")
    assert [each["id"] for each in told["ledger"]["came"]] == ["an-entry", "unseen-entry"]
    assert told["only_in_b"]["not_verifiable_in_the_other"] == {"v5.0.1 lacks lists": 1}
    assert told["only_in_a"]["rules"] == ["old.rule"]


def test_markdown_has_a_table_per_kind(tmp_path: Path) -> None:
    mail = {"channel": "email", "subject": "a|b\nc"}
    was = [DENIED, check(seen(201, "allow"), case=OTHER)]
    now = [ALLOWED, check(seen(201, "allow", mail), case=OTHER)]
    text = markdown(diff_of(tmp_path, was, now), {})
    assert text.startswith("# v5.0.1 to v5.2.1: more permissive: 1 case in 1 line\n")
    assert (
        "| **more permissive** | POST /jobs v4 | deny 403 | allow 201 | 1 | `a.rule` | "
        f"user1 x owner_access; `{CASE}` |"
    ) in text
    assert "## Effects: what was stored and sent" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {8}
    assert "## Statuses" not in text
    assert "## Warnings" not in text


def test_markdown_tells_the_rest_in_lists(tmp_path: Path) -> None:
    text = markdown(one_sided(tmp_path), ABOUT)
    assert [f"* {each}" for each in ONLY] == text.splitlines()[-len(ONLY) :]
    assert all(f"* `{each}`" in text for each in LEDGER)
