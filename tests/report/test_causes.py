"""Causes: failed checks in groups, the worst first."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.difference import Difference
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.causes import Cause, Kind, causes
from scicat_harness.report.known import ProjectFacts
from scicat_harness.report.markdown import markdown

from .folders import check, seen
from .test_summary import summary_of

STATUS = Difference("status", 403, 201)
NOTHING_KNOWN = ProjectFacts((), {}, Ledger())


def failed(*differences: Difference, number: int = 0, **more: Any) -> CheckRecord:
    """A failed create as user1 that must be refused with 403; ``more`` is what differs from it."""
    given: dict[str, Any] = {
        "identity": "user1",
        "operation": "create",
        "api": "v4",
        "status": 201,
        "observed": "allow",
        **{key: more.pop(key) for key in list(more) if key in ("identity", "operation", "api")},
    }
    given |= {key: more.pop(key) for key in list(more) if key in ("status", "observed")}
    request = seen(
        **{
            **given,
            "verdict": "failed",
            "differences": tuple(each.to_json() for each in differences),
        }
    )
    about = {"expected": "deny", "deciding": "a.rule", "identity": given["identity"]}
    return check(
        request,
        verdict=Verdict.FAILED,
        **{**about, "api": given["api"], "case": f"scenarios/a.py::b[{number}]", **more},
    )


def one(*records: CheckRecord) -> Cause:
    (found,) = causes(records)
    return found


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (failed(STATUS), Kind.PERMISSIVE),
        (failed(Difference("visible", False, True), expected="deny"), Kind.PERMISSIVE),
        (failed(Difference("reply.leak", None, "a token"), status=403), Kind.PERMISSIVE),
        (
            failed(Difference("stored", 0, 1), status=403, observed="deny"),
            Kind.AFTER_REFUSAL,
        ),
        (
            failed(Difference("effects.email", None, "mail"), status=403, observed="deny"),
            Kind.AFTER_REFUSAL,
        ),
        (
            failed(Difference("status", 201, 403), status=403, observed="deny", expected="allow"),
            Kind.REFUSED,
        ),
        (failed(Difference("effects.url", "call", None), expected="allow"), Kind.EFFECTS),
        (failed(Difference("stored.ownerUser", "a", "b"), expected="allow"), Kind.STORED),
        (
            failed(Difference("status", 403, 500), status=500, observed="invalid"),
            Kind.CRASH,
        ),
        (failed(Difference("message", "a", "b"), status=403, observed="deny"), Kind.REPLY),
        (failed(Difference("deviation.fixed", "an-entry")), Kind.FIXED),
    ],
    ids=lambda each: str(each) if isinstance(each, Kind) else "",
)
def test_kinds(record: CheckRecord, kind: Kind) -> None:
    assert one(record).kind is kind


def test_what_the_run_says_of_itself() -> None:
    audit = check(verdict=Verdict.FAILED, case="audit::x", reason="a job is gone")
    entry = check(verdict=Verdict.FAILED, case="ledger::old", reason="no case shows it")
    unknown = check(verdict=Verdict.UNKNOWN, reason="no reply")
    found = causes([unknown, entry, audit, check()])
    assert [(each.kind, each.line()) for each in found] == [
        (Kind.OF_THE_RUN, "a job is gone"),
        (Kind.UNKNOWN, "no reply"),
        (Kind.FIXED, "old: no case shows it"),
    ]


def test_findings_that_differ_in_names_alone_are_one_cause() -> None:
    reason = "the job 0{}c07f41-8a2a-4e70-8f4f-5cf9f2f0b1aa is gone (at 2026-01-01T0{}:00:00Z)"
    records = [
        check(verdict=Verdict.FAILED, case=f"audit::{n}", reason=reason.format(n, n))
        for n in range(5)
    ]
    assert len(one(*records).cases) == 5


def test_the_same_for_several_people_is_one_cause() -> None:
    found = one(
        *(failed(STATUS, number=n, identity=each) for n, each in enumerate("abcd")),
        failed(STATUS, number=9, identity="a", api="v3"),
    )
    assert len(found.cases) == 5
    assert found.example == "scenarios/a.py::b[0]"
    assert found.line() == (
        "create v4/v3 as a, b, c and 1 more: 403 deny expected, 201 allow observed, by a.rule"
    )


def test_somebody_who_is_refused_everything_is_one_cause() -> None:
    """As a regression that refuses a role every request shows in all rules."""
    refused = {"status": 403, "observed": "deny", "identity": "both"}
    found = one(
        failed(Difference("status", 201, 403), number=1, expected="allow", **refused),
        failed(
            Difference("status", 400, 403),
            number=2,
            expected="invalid",
            deciding="b.rule",
            **refused,
        ),
        failed(Difference("message", "a", "b"), number=3, deciding="c.rule", **refused),
    )
    assert found.kind is Kind.REFUSED
    assert found.line() == (
        "create v4 as both: 201 allow (1), 400 invalid (1) expected, 403 deny observed; 403 deny "
        "with other status, message (1), by a.rule, b.rule, c.rule"
    )


def test_different_changes_stay_apart_and_the_worst_comes_first() -> None:
    found = causes(
        [
            failed(Difference("message", "a", "b"), number=1, status=403, observed="deny"),
            failed(Difference("message", "a", "b"), number=2, status=403, observed="deny"),
            failed(STATUS, number=3, operation="update"),
            failed(STATUS, number=4, identity="user2", deciding="other.rule"),
        ]
    )
    assert [(each.kind, len(each.cases)) for each in found] == [
        (Kind.PERMISSIVE, 1),
        (Kind.PERMISSIVE, 1),
        (Kind.REPLY, 2),
    ]


def test_text_of_a_backend_is_no_markup() -> None:
    """Neither live Markdown nor entities that turn into something else."""
    hostile = "[x](http://a) <b>&lt;b&gt;</b> | `code` * @team #1"
    record = failed(Difference("message", "a", "b"), reason=hostile, status=403, observed="deny")
    text = markdown(summary_of(record), NOTHING_KNOWN)
    line = next(each for each in text.splitlines() if "failed:" in each)
    assert r"\[x\]\(http://a\) \<b\>\&lt;b\&gt;\</b\> \| \`code\` \* \@team \#1" in line


def test_what_is_left_out_is_said() -> None:
    # Five of each cause, fifty in all.
    records = [
        failed(STATUS, number=number, identity=f"user{number // 6}", deciding=f"rule{number // 6}")
        for number in range(90)
    ]
    text = markdown(summary_of(*records), NOTHING_KNOWN)
    assert text.count("scenarios/a.py::b[") == 50
    assert "b[4]" in text
    assert "b[5]" not in text
    assert "and 40 more, in report.html" in text
    assert text.index("## Causes") < text.index("## Failed or unknown")


def test_a_deviation_that_is_gone_from_several_operations_names_none_of_them() -> None:
    gone = Difference("deviation.fixed", "old")
    found = one(failed(gone), failed(gone, operation="update", status=200, number=1))
    assert len(found.cases) == 2
    assert found.line() == "the known deviation old does not happen here any more"


def test_a_deviation_that_is_gone_is_one_cause_with_the_entry_that_nothing_shows() -> None:
    gone = [failed(Difference("deviation.fixed", "old"), number=number) for number in range(2)]
    # As the run itself records it: nobody asked for anything.
    nothing: dict[str, Any] = {"expected": "", "observed": "", "deciding": "", "status": 0}
    entry = check(verdict=Verdict.FAILED, case="ledger::old", reason="none", **nothing)
    found = one(*gone, entry)
    assert (found.kind, len(found.cases)) == (Kind.FIXED, 3)
    assert found.line().endswith("by a.rule, the known deviation old does not happen here any more")
