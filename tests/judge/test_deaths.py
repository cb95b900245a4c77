"""What a backend that ended was promised is settled through another one."""

from __future__ import annotations

from typing import Any

from scicat_harness.judge.effects import Values, effect_problems
from scicat_harness.judge.settle import Promise, Settlement, Untouched
from scicat_harness.sinks.arrival import Arrival

TOKEN = "run-main-0000001"


def settlement(*stored: dict[str, Any]) -> Settlement:
    """One whose backend has these jobs."""
    return Settlement(lambda _where: list(stored))


def test_promises_move_to_the_settlement_of_the_new_backend() -> None:
    former, new = settlement(), settlement({"id": "1", "jobParams": {"correlation": TOKEN}})
    former.promise(Promise("check", Untouched(TOKEN)))
    new.take_over(former)
    assert (len(former), len(new)) == (0, 1)
    assert [each.key for each in new.settle()] == ["check"]


def mail(*, accepted: bool) -> Arrival:
    """A mail that the server took, or did not."""
    content = {"accepted": accepted, "rcpt_tos": ["somebody@effects.example"], "subject": "x"}
    return Arrival(1, 0.0, "email", "smtp", (TOKEN,), TOKEN, content)


def test_a_mail_that_was_not_taken_is_no_effect() -> None:
    assert effect_problems((), [mail(accepted=False)], Values({})) == []
    assert effect_problems((), [mail(accepted=True)], Values({})) != []
