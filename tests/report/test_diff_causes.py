"""What changed in as few groups as the failures of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scicat_harness.judge.record import CheckRecord, RequestRecord
from scicat_harness.model.difference import Difference
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.causes import Kind
from scicat_harness.report.diff.causes import line_of
from scicat_harness.report.diff.markdown import markdown

from .folders import check, diff_of, seen

MAIL = {"channel": "email", "to": ["a@x"], "subject": "done"}


def named(name: str, request: RequestRecord, **more: Any) -> CheckRecord:
    """A check of that name."""
    return check(request, case=f"scenarios/create/test_matrix.py::test[{name}]", **more)


def said(tmp_path: Path, was: list[CheckRecord], now: list[CheckRecord]) -> list[tuple[Kind, str]]:
    """Kind and line of each cause, in order."""
    found = diff_of(tmp_path, was, now).causes
    return [(each.kind, line_of(each)) for each in found]


def test_both_apis_and_all_statuses_of_the_same_people_are_one_cause(tmp_path: Path) -> None:
    was = [named("a", seen(201)), named("b", seen(201, api="v3")), named("c", seen(400, "invalid"))]
    now = [
        named("a", seen(403, "deny")),
        named("b", seen(403, "deny", api="v3")),
        named("c", seen(403, "deny")),
    ]
    line = "create v4/v3 as user1: 201 allow (2), 400 invalid (1) before, 403 deny now, by a.rule"
    assert said(tmp_path, was, now) == [(Kind.REFUSED, line)]


def test_what_became_more_permissive_comes_first(tmp_path: Path) -> None:
    was = [*(named(f"a{n}", seen(201)) for n in range(3)), named("b", seen(403, "deny"))]
    now = [*(named(f"a{n}", seen(403, "deny")) for n in range(3)), named("b", seen(201))]
    assert [kind for kind, _ in said(tmp_path, was, now)] == [Kind.PERMISSIVE, Kind.REFUSED]


def test_an_effect_after_a_refusal(tmp_path: Path) -> None:
    was, now = named("a", seen(403, "deny")), named("a", seen(403, "deny", MAIL))
    ((kind, line),) = said(tmp_path, [was], [now])
    assert kind is Kind.AFTER_REFUSAL
    assert line == (
        "create v4 as user1: 403 deny with other email, which came, of a refused request, by a.rule"
    )


def test_a_failure_that_is_gone_is_no_refusal(tmp_path: Path) -> None:
    failed = seen(
        201,
        verdict="failed",
        differences=(Difference("reply.owner", "a", "b").to_json(),),
    )
    was = named("a", failed, verdict=Verdict.FAILED, reason="differs owner")
    ((kind, line),) = said(tmp_path, [was], [named("a", seen(201))])
    assert kind is Kind.FIXED
    assert line.startswith("create v4 as user1: 201 allow with other reply.owner")


def test_the_same_outcome_that_is_judged_otherwise_is_not_more_permissive(tmp_path: Path) -> None:
    failed = seen(201, verdict="failed", differences=(Difference("status", 403, 201).to_json(),))
    now = named("a", failed, verdict=Verdict.FAILED, reason="differs status 201 instead of 403")
    ((kind, line),) = said(tmp_path, [named("a", seen(201))], [now])
    assert kind is Kind.REPLY
    assert line == (
        "create v4 as user1: 201 allow with other verdict (status 201 instead of 403), by "
        "create.allowed.all"
    )


def test_a_secret_in_a_reply_comes_first(tmp_path: Path) -> None:
    leak = Difference("reply.leak", None, "the token of user2").to_json()
    failed = seen(403, "deny", verdict="failed", differences=(leak,))
    now = named("a", failed, verdict=Verdict.FAILED, reason="differs a secret is shown")
    ((kind, _),) = said(tmp_path, [named("a", seen(403, "deny"))], [now])
    assert kind is Kind.PERMISSIVE


def test_text_of_a_reply_is_no_markup_and_no_command_of_a_terminal(tmp_path: Path) -> None:
    failed = seen(201, verdict="failed", differences=(Difference("message", "a", "b").to_json(),))
    reason = "differs message '<b>\x1b[2J' instead of 'a'"
    now = named("a", failed, verdict=Verdict.FAILED, reason=reason)
    found = diff_of(tmp_path, [named("a", seen(201))], [now])
    assert "\x1b" not in line_of(found.causes[0])
    assert "<b>" not in markdown(found, {})


def test_a_start_names_no_identity(tmp_path: Path) -> None:
    def start(observed: str) -> RequestRecord:
        return seen(0, observed, operation="start", api="", identity="", job_type="", rule="")

    ((_, line),) = said(tmp_path, [named("a", start("invalid"))], [named("a", start("allow"))])
    assert line == "test[a] fails before, starts now"
