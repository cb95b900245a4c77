"""Many changes in few lines, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scicat_harness.judge.record import CheckRecord, RequestRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.diff.change import ChangeKind
from scicat_harness.report.diff.difference import RunDifference
from scicat_harness.report.diff.lines import Line, folded
from scicat_harness.report.diff.text import example_of, short_case

from .folders import check, diff_of, seen

MATRIX = "scenarios/create/test_matrix.py::test_every_auth_value"
MAIL = {"channel": "email", "to": ["$token@x"], "subject": "done"}


def record(name: str, request: RequestRecord) -> CheckRecord:
    """A check of the matrix."""
    return check(request, case=f"{MATRIX}[{name}]")


def lines(
    tmp_path: Path, was: Sequence[RequestRecord], now: Sequence[RequestRecord]
) -> tuple[Line, ...]:
    """The lines of checks that are called case-1, case-2, ..."""
    before, after = (
        [record(f"case-{number}", each) for number, each in enumerate(those, start=1)]
        for those in (was, now)
    )
    return diff_of(tmp_path, before, after).lines


def heads(found: Sequence[Line]) -> list[tuple[str, str, str, int, str]]:
    """What each says."""
    return [(each.request, each.was, each.now, each.cases, each.by) for each in found]


def test_what_is_alike_is_one_line(tmp_path: Path) -> None:
    found = lines(tmp_path, [seen(400, "deny")] * 3, [seen(403, "deny")] * 3)
    assert heads(found) == [("POST /jobs v4", "400", "403", 3, "a.rule")]
    assert found[0].example == f"{MATRIX}[case-1]"


def test_operation_api_statuses_and_rule_keep_lines_apart(tmp_path: Path) -> None:
    was = [
        seen(400, "deny"),
        seen(400, "deny", api="v3"),
        seen(400, "deny", operation="update"),
        seen(400, "deny"),
        seen(400, "deny"),
    ]
    now = [
        seen(403, "deny"),
        seen(403, "deny", api="v3"),
        seen(403, "deny", operation="update"),
        seen(401, "deny"),
        seen(403, "deny", rule="other.rule"),
    ]
    assert heads(lines(tmp_path, was, now)) == [
        ("PATCH /jobs/ID v4", "400", "403", 1, "a.rule"),
        ("POST /jobs v3", "400", "403", 1, "a.rule"),
        ("POST /jobs v4", "400", "401", 1, "a.rule"),
        ("POST /jobs v4", "400", "403", 1, "a.rule"),
        ("POST /jobs v4", "400", "403", 1, "a.rule -> other.rule"),
    ]


def test_what_became_more_permissive_comes_first(tmp_path: Path) -> None:
    was = [seen(201), seen(201), seen(403, "deny")]
    now = [seen(403, "deny"), seen(403, "deny"), seen(201)]
    found = lines(tmp_path, was, now)
    assert [(each.permissive, each.was, each.now) for each in found] == [
        (True, "deny 403", "allow 201"),
        (False, "allow 201", "deny 403"),
    ]


def test_on_a_screen_the_rules_share_a_line(tmp_path: Path) -> None:
    rules = ["first.rule"] * 3 + ["second.rule"] * 2 + ["third.rule"]
    was = [seen(400, "deny", rule=rule) for rule in rules]
    now = [seen(403, "deny", rule=rule) for rule in rules]
    assert heads(folded(lines(tmp_path, was, now))) == [
        ("POST /jobs v4", "400", "403", 6, "first.rule (3), second.rule (2) and 1 more")
    ]


def test_on_a_screen_effects_of_several_modules_share_a_line(tmp_path: Path) -> None:
    names = ("create/test_matrix", "create/test_pinned", "denied/test_denied")
    cases = [f"scenarios/{name}.py::test_all[{number}]" for name in names for number in (1, 2)]
    was = [check(seen(201, "allow", MAIL), case=case) for case in cases]
    now = [check(seen(201, "allow"), case=case) for case in cases]
    found = diff_of(tmp_path, was, now).lines
    assert [each.cases for each in found] == [2, 2, 2]
    assert heads(folded(found)) == [
        ("POST /jobs v4", "email", "went", 6, "create/matrix (2), create/pinned (2) and 1 more")
    ]


def test_on_a_screen_what_is_more_permissive_is_told_apart(tmp_path: Path) -> None:
    was = [seen(403, "deny"), seen(403, "deny", rule="other.rule")]
    found = lines(tmp_path, was, [seen(201), seen(201)])
    assert len(found) == 2
    assert tuple(folded(found)) == found


def test_a_request_for_no_certain_job_is_a_request_all_the_same(tmp_path: Path) -> None:
    was, now = (seen(status, "deny", operation="read endpoint") for status in (403, 401))
    assert lines(tmp_path, [was], [now])[0].request == "GET /jobs/ID v4"


def test_lists_show_and_hide(tmp_path: Path) -> None:
    was = [seen(200, "deny", operation="list"), seen(403, "deny", operation="list")]
    now = [seen(200, "allow", operation="list")] * 2
    assert {(each.was, each.now) for each in lines(tmp_path, was, now)} == {
        ("hidden", "shown"),
        ("deny 403", "allow 200"),
    }


def test_cells_are_named_and_counted(tmp_path: Path) -> None:
    names = ["user1", "user2", "user3", ""]
    was = [seen(403, "deny", identity=name) for name in names]
    now = [seen(201, identity=name) for name in names]
    (found,) = lines(tmp_path, was, now)
    assert found.cells[:2] == [("", "owner_access"), ("user1", "owner_access")]
    assert found.cells_in_short(2) == "nobody, user1 and 2 more x owner_access"


def test_effects_are_told_by_module_with_an_example(tmp_path: Path) -> None:
    other = {**MAIL, "subject": "finished", "to": ["$token@y"]}
    (found,) = lines(tmp_path, [seen(201, "allow", MAIL)], [seen(201, "allow", other)])
    assert heads([found]) == [
        ("POST /jobs v4", "email", "differs: subject, to", 1, "create/matrix")
    ]
    assert example_of(found) == "subject done -> finished"


def test_keys_of_documents_are_looked_up_for_the_example(tmp_path: Path) -> None:
    was, now = ({"channel": "amqp", "json": {"a": {"b.c": value}}} for value in (1, None))
    (found,) = lines(tmp_path, [seen(201, "allow", was)], [seen(201, "allow", now)])
    assert example_of(found) == "json.a.b.c 1 -> None"


def test_what_a_terminal_would_obey_is_spelt_out(tmp_path: Path) -> None:
    was, now = ({"channel": "log", "text": text} for text in ("a\n\x1b[2J", "\ud83d"))
    (found,) = lines(tmp_path, [seen(201, "allow", was)], [seen(201, "allow", now)])
    assert example_of(found) == r"text 'a\n\x1b[2J' -> '\ud83d'"


def test_an_effect_that_came_is_shown(tmp_path: Path) -> None:
    (found,) = lines(tmp_path, [seen(403, "deny")], [seen(403, "deny", MAIL)])
    assert (found.now, found.permissive) == ("came, of a refused request", True)
    assert example_of(found) == "{'to': ['$token@x'], 'subject': 'done'}"


def test_starts_and_verdicts(tmp_path: Path) -> None:
    case = "scenarios/startup/test_broken.py::test_broken[empty]"
    was = [check(seen(0, "invalid", operation="start"), case=case), check(seen())]
    failed = check(seen(), verdict=Verdict.FAILED, reason="because")
    now = [check(seen(0, "allow", operation="start"), case=case), failed]
    start, verdict = diff_of(tmp_path, was, now).lines
    assert heads([start]) == [("start v4", "fails", "starts", 1, "startup/broken")]
    assert heads([verdict]) == [("POST /jobs v4", "passed", "failed", 1, "create/matrix")]
    assert (verdict.kind, example_of(verdict)) == (ChangeKind.VERDICT, "because")


def test_a_case_in_short() -> None:
    assert short_case(f"{MATRIX}[user1-own]") == "create/matrix [user1-own]"
    assert short_case(MATRIX) == "create/matrix test_every_auth_value"


def found_json(found: RunDifference) -> list[dict[str, object]]:
    """The cases of the first line about effects, as JSON."""
    changes: list[dict[str, object]] = found.to_json()["effects"][0]["changes"]
    return changes


def test_json_has_every_case_in_full(tmp_path: Path) -> None:
    before = [record("one", seen(403, "deny")), record("two", seen(403, "deny"))]
    after = [record("one", seen(403, "deny", MAIL)), record("two", seen(403, "deny", MAIL))]
    one, two = found_json(diff_of(tmp_path, before, after))
    assert (one["case"], two["case"]) == (f"{MATRIX}[one]", f"{MATRIX}[two]")
    assert one["was"] == one["now"] == {"observed": "deny", "status": 403, "rule": "a.rule"}
    assert one["effect"] == {
        "channel": "email",
        "change": "came",
        "keys": [],
        "was": None,
        "now": MAIL,
    }
