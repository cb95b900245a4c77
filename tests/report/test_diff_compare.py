"""What counts as a change, and what as more permissive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import ExitCode
from scicat_harness.judge.record import CheckRecord, RequestRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.diff.change import Change, ChangeKind, Manner

from .folders import CASE, check, diff_of, seen

JOB = {"channel": "job", "ownerUser": "user1", "ownerGroup": "group1"}
MAIL = {"channel": "email", "to": ["$token@x"], "subject": "done"}
CALL = {"channel": "url", "method": "GET", "path": "/done"}
FIRST = {"channel": "amqp", "source": "exchange", "json": {"a": 1, "b": {"c": 2}}}
COPY = {**FIRST, "source": "queue"}


def changes(tmp_path: Path, was: RequestRecord, now: RequestRecord) -> list[Change]:
    """What changed in a check that makes one request."""
    return diff_of(tmp_path, [check(was)], [check(now)]).comparison.changes


OUTCOMES: Mapping[str, tuple[RequestRecord, RequestRecord, ChangeKind | None, bool]] = {
    "nothing": (seen(201, "allow", JOB), seen(201, "allow", JOB), None, False),
    "denied-now-allowed": (seen(403, "deny"), seen(201), ChangeKind.AUTHORIZATION, True),
    "invalid-now-allowed": (seen(422, "invalid"), seen(201), ChangeKind.AUTHORIZATION, True),
    "allowed-now-denied": (seen(201), seen(403, "deny"), ChangeKind.AUTHORIZATION, False),
    "denied-now-invalid": (
        seen(403, "deny"),
        seen(422, "invalid"),
        ChangeKind.AUTHORIZATION,
        False,
    ),
    "hidden-now-shown": (
        seen(200, "deny", operation="list"),
        seen(200, "allow", operation="list"),
        ChangeKind.AUTHORIZATION,
        True,
    ),
    "unreadable-without-effects-being-known": (
        seen(403, "deny", effects=None),
        seen(200, "allow", effects=None),
        ChangeKind.AUTHORIZATION,
        True,
    ),
    "a-crash-that-is-fixed": (seen(500, "invalid"), seen(201), ChangeKind.AUTHORIZATION, False),
    "no-reply-before": (seen(0, "invalid"), seen(201), ChangeKind.AUTHORIZATION, False),
    "a-failing-action-that-stored-the-job": (
        seen(400, "invalid", JOB),
        seen(201, "allow", JOB),
        ChangeKind.AUTHORIZATION,
        False,
    ),
    "another-status": (seen(400, "deny"), seen(403, "deny"), ChangeKind.STATUS, False),
    "starts-now": (
        seen(0, "invalid", operation="start"),
        seen(0, "allow", operation="start"),
        ChangeKind.START,
        False,
    ),
}


@pytest.mark.parametrize(("was", "now", "kind", "permissive"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcomes(
    was: RequestRecord,
    now: RequestRecord,
    kind: ChangeKind | None,
    permissive: bool,
    tmp_path: Path,
) -> None:
    found = changes(tmp_path, was, now)
    assert [(each.kind, each.permissive) for each in found] == (
        [(kind, permissive)] if kind else []
    )


Told = tuple[str, Manner, tuple[str, ...], bool]
EFFECTS: Mapping[str, tuple[RequestRecord, RequestRecord, list[Told]]] = {
    "one-came": (
        seen(201, "allow", JOB),
        seen(201, "allow", JOB, MAIL),
        [("email", Manner.CAME, (), False)],
    ),
    "one-went": (
        seen(201, "allow", JOB, MAIL, MAIL),
        seen(201, "allow", JOB, MAIL),
        [("email", Manner.WENT, (), False)],
    ),
    "content": (
        seen(201, "allow", FIRST),
        seen(201, "allow", {**FIRST, "json": {"a": 2, "b": {"c": 2, "d": 3}}}),
        [("amqp", Manner.OTHER, ("json.a", "json.b.d"), False)],
    ),
    "order": (
        seen(201, "allow", CALL, {**CALL, "path": "/next"}),
        seen(201, "allow", {**CALL, "path": "/next"}, CALL),
        [("url", Manner.ORDER, (), False)],
    ),
    "a-copy-in-a-queue-less": (
        seen(201, "allow", FIRST, COPY),
        seen(201, "allow", FIRST),
        [("amqp", Manner.WENT, (), False)],
    ),
    "owner-of-the-stored-job": (
        seen(201, "allow", JOB),
        seen(201, "allow", {**JOB, "ownerGroup": "group2"}),
        [("job", Manner.OTHER, ("ownerGroup",), False)],
    ),
    "owner-that-nobody-promises": (
        seen(201, "allow", JOB),
        seen(201, "allow", {**JOB, "ownerGroup": "group2", "unspecified": ["ownerGroup"]}),
        [],
    ),
    "of-a-refused-request": (
        seen(403, "deny"),
        seen(403, "deny", MAIL),
        [("email", Manner.CAME, (), True)],
    ),
    "a-job-of-a-refused-request": (
        seen(403, "deny"),
        seen(403, "deny", JOB),
        [("job", Manner.CAME, (), True)],
    ),
    "of-a-failed-action-as-before": (
        seen(400, "invalid", JOB),
        seen(400, "invalid", JOB, MAIL),
        [("email", Manner.CAME, (), False)],
    ),
    "not-watched": (
        seen(201, "allow", JOB, MAIL),
        seen(201, "allow", JOB, watched=False),
        [],
    ),
    "not-asked": (seen(201, "allow", JOB), seen(201, "allow", effects=None), []),
}


@pytest.mark.parametrize(("was", "now", "told"), EFFECTS.values(), ids=EFFECTS)
def test_effects(was: RequestRecord, now: RequestRecord, told: list[Told], tmp_path: Path) -> None:
    found = [each for each in changes(tmp_path, was, now) if each.effect is not None]
    effects = [(each.effect, each.permissive) for each in found]
    assert [
        (effect.channel, effect.manner, effect.keys, permissive)
        for effect, permissive in effects
        if effect is not None
    ] == told
    assert len(effects) == len(changes(tmp_path, was, now))


def test_effects_that_went_with_the_permission_are_no_change_of_their_own(tmp_path: Path) -> None:
    (found,) = changes(tmp_path, seen(201, "allow", JOB, MAIL), seen(403, "deny"))
    assert found.kind is ChangeKind.AUTHORIZATION


def test_effects_of_what_is_refused_now_are_told(tmp_path: Path) -> None:
    found = changes(tmp_path, seen(201, "allow", JOB, MAIL), seen(403, "deny", MAIL))
    assert [each.kind for each in found] == [ChangeKind.AUTHORIZATION, ChangeKind.EFFECT]


def test_every_request_of_a_check_is_compared(tmp_path: Path) -> None:
    then = seen(200, "allow", operation="update")
    found = diff_of(tmp_path, [check(seen(400, "deny"), then)], [check(seen(403, "deny"), then)])
    assert [(each.kind, each.request) for each in found.comparison.changes] == [
        (ChangeKind.STATUS, 1)
    ]
    assert (found.comparison.cases, found.comparison.requests) == (1, 2)


def test_requests_of_one_run_only_are_counted(tmp_path: Path) -> None:
    more = [check(seen(), seen(operation="read", effects=None))]
    found = diff_of(tmp_path, [check(seen())], more)
    assert (found.comparison.unpaired, found.comparison.changes) == (1, [])
    assert "1 request of cases in both runs were made in one only: not compared" in list(
        found.warnings()
    )


OLD_A = check(status=400, observed="deny", operation="create")


def test_an_older_folder_is_compared_by_what_it_has(tmp_path: Path) -> None:
    found = diff_of(tmp_path, [OLD_A], [check(seen(403, "deny", MAIL))])
    (change,) = found.comparison.changes
    assert (change.kind, change.was.status, change.now.status) == (ChangeKind.STATUS, 400, 403)
    assert any("effects cannot be compared" in each for each in found.warnings())


NOT_JUDGED: Mapping[str, Any] = {
    "not-verifiable": Verdict.NOT_VERIFIABLE,
    "unknown": Verdict.UNKNOWN,
}


@pytest.mark.parametrize("verdict", NOT_JUDGED.values(), ids=NOT_JUDGED)
def test_what_one_run_did_not_judge_is_no_change(verdict: Verdict, tmp_path: Path) -> None:
    found = diff_of(tmp_path, [check(verdict=verdict, reason="why")], [check(seen())])
    assert (found.comparison.cases, found.changed) == (0, False)
    assert found.exit_code == ExitCode.ENVIRONMENT_FAILED


def failing(verdict: Verdict, *sightings: RequestRecord, reason: str = "") -> CheckRecord:
    """A check with that verdict."""
    return check(*sightings, verdict=verdict, reason=reason)


def test_a_failure_that_shows_in_nothing_else_is_told(tmp_path: Path) -> None:
    now = failing(Verdict.FAILED, seen(), reason="ownerUser is None")
    (found,) = diff_of(tmp_path, [check(seen())], [now]).comparison.changes
    assert (found.kind, found.verdicts, found.reason) == (
        ChangeKind.VERDICT,
        ("passed", "failed"),
        "ownerUser is None",
    )


def test_a_failure_that_shows_is_told_once(tmp_path: Path) -> None:
    now = failing(Verdict.FAILED, seen(403, "deny", effects=None), reason="status 403")
    (found,) = diff_of(tmp_path, [check(seen())], [now]).comparison.changes
    assert found.kind is ChangeKind.AUTHORIZATION


def test_a_case_that_deviates_now_is_the_business_of_the_ledger(tmp_path: Path) -> None:
    now = check(seen(), verdict=Verdict.DEVIATING, ledger="an-entry")
    found = diff_of(tmp_path, [check(seen())], [now])
    assert found.comparison.changes == []
    assert [(each.id, each.cases, each.common) for each in found.came] == [("an-entry", 1, 1)]
    assert found.changed


def test_an_entry_shown_by_new_cases_only_did_not_come(tmp_path: Path) -> None:
    now = check(seen(), verdict=Verdict.DEVIATING, ledger="an-entry", case=f"{CASE}-new")
    found = diff_of(tmp_path, [check(seen())], [check(seen()), now])
    assert [(each.id, each.common) for each in found.came] == [("an-entry", 0)]
    assert not found.changed
