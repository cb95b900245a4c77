"""What a backend that ended left is settled through another one."""

from __future__ import annotations

from typing import Any

from scicat_harness.judge.channels import seen_effects
from scicat_harness.judge.failure import Story, StoryPart
from scicat_harness.judge.settle import Pending, SettledRequest, Settlement
from scicat_harness.sinks.arrival import Arrival

TOKEN = "run-main-0000001"


def settlement(*stored: dict[str, Any]) -> Settlement:
    """One whose backend has these jobs."""
    return Settlement(lambda _where: list(stored))


def leftovers(left: SettledRequest) -> Story | None:
    """Nothing may be left."""
    return Story((StoryPart("", ("left",)),)) if left.documents else None


def test_what_is_pending_moves_to_the_settlement_of_the_new_backend() -> None:
    former, new = settlement(), settlement({"id": "1", "jobParams": {"correlation": TOKEN}})
    former.add(Pending("check", TOKEN, leftovers))
    new.take_over(former)
    assert (len(former), len(new)) == (0, 1)
    assert list(new.settle()) == ["check"]


def mail(*, accepted: bool) -> Arrival:
    """A mail that the server took, or did not."""
    content = {"accepted": accepted, "rcpt_tos": ["somebody@effects.example"], "subject": "x"}
    return Arrival(1, 0.0, "email", "smtp", (TOKEN,), TOKEN, content)


def test_a_mail_that_was_not_taken_is_no_effect() -> None:
    assert seen_effects([mail(accepted=False)]) == []
    assert len(seen_effects([mail(accepted=True)])) == 1
