"""Settling effects: each request is held to what its own request caused, with what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from scicat_harness.judge.channels import seen_effects
from scicat_harness.judge.effects import effect_differences
from scicat_harness.judge.failure import Sight
from scicat_harness.judge.settle import Pending, SettledRequest, Settlement
from scicat_harness.judge.wording import sentences
from scicat_harness.model.effect import STORED, Channel, Effect
from scicat_harness.model.text import Text
from scicat_harness.probe.watch import BatchEffects
from scicat_harness.sinks.arrival import Arrival

from ..arrivals import entry, mail, message

NOW = 2000.0
FIRST, SECOND = "run-main-0000001", "run-main-0000002"


class Shown:
    """A watch that has seen this."""

    def __init__(self, arrivals: dict[str, list[Arrival]], stray: Sequence[Arrival] = ()) -> None:
        self.asked: list[list[str]] = []
        self._seen = BatchEffects(arrivals, stray, NOW)

    def settle(self, tokens: Sequence[str]) -> BatchEffects:
        """The same whatever is asked."""
        self.asked.append(list(tokens))
        return self._seen


def document(token: str, job_id: str = "id-1") -> dict[str, Any]:
    """A stored job of a request."""
    return {"id": job_id, "createdBy": "user1", "jobParams": {"correlation": token}}


@dataclass
class Settled:
    """A request with these effects, and what settling it found."""

    token: str
    effects: Sequence[Effect] = ()
    texts: list[str] = field(default_factory=list)
    documents: int = 0
    sight: Sight = field(default_factory=Sight)

    def take(self, left: SettledRequest) -> None:
        """Compare what it left."""
        self.documents = len(left.documents)
        if left.arrivals is not None:
            seen = seen_effects(left.arrivals)
            self.texts = sentences(effect_differences(self.effects, seen, left.values))
        self.sight = left.sight()


def created(token: str, *effects: Effect) -> Settled:
    """A request that has effects."""
    return Settled(token, effects)


def refused(token: str) -> Settled:
    """A request that has none."""
    return Settled(token)


def line(text: str) -> Effect:
    """A line is promised."""
    return Effect(Channel.LOG, {"context": "LogJobAction", "text": text}, "a.line")


MESSAGE = Effect(Channel.AMQP, {"source": "exchange", "json": STORED}, "a.message")
SUBJECT = Effect(Channel.EMAIL, {"subject": Text("", "$run: $token is $id")}, "a.mail")


def findings(watch: Shown, *settled: Settled, stored: Sequence[str] = (FIRST,)) -> list[str]:
    """What settling these requests finds."""
    documents = [document(token, f"id-{token[-1]}") for token in stored]
    settlement = Settlement(lambda _: documents, watch, {"run": "run"})
    for each in settled:
        settlement.add(Pending(f"case-{each.token[-1]}", each.token, each.take, each.effects))
    settlement.settle()
    return [text for each in settled for text in each.texts]


def test_effects_that_were_promised_and_seen_are_fine() -> None:
    seen = [mail(f"run: {FIRST} is id-1"), message(document(FIRST))]
    assert findings(Shown({FIRST: seen}), created(FIRST, SUBJECT, MESSAGE)) == []


@pytest.mark.parametrize("stored", [(), (FIRST, FIRST)], ids=["no-job", "two-jobs"])
def test_a_text_that_names_the_job_differs_where_there_is_not_one(stored: tuple[str, ...]) -> None:
    watch = Shown({FIRST: [mail(f"run: {FIRST} is id-1")]})
    found = findings(watch, created(FIRST, SUBJECT), stored=stored)
    assert any("(not exactly one stored job)" in text for text in found), found


def test_the_watch_is_asked_once_for_the_whole_batch() -> None:
    watch = Shown({})
    findings(watch, created(FIRST), refused(SECOND))
    assert watch.asked == [[FIRST, SECOND]]


def test_an_empty_batch_sends_no_sentinel() -> None:
    watch = Shown({})
    assert findings(watch) == []
    assert watch.asked == []


def test_an_effect_of_a_refused_request_is_found() -> None:
    (found,) = findings(Shown({FIRST: [mail()]}), refused(FIRST), stored=())
    assert found == "unexpected email to a@x.example, subject 'done'"


def test_each_request_answers_for_its_own_effects() -> None:
    watch = Shown({SECOND: [message(document(SECOND, "id-2"))]})
    first, second = created(FIRST, MESSAGE), created(SECOND, MESSAGE)
    findings(watch, first, second, stored=(FIRST, SECOND))
    assert second.texts == []
    assert first.texts[0].startswith("no amqp with source 'exchange'")


def test_a_message_with_another_document_than_the_stored_one_is_found() -> None:
    watch = Shown({FIRST: [message({**document(FIRST), "createdBy": "somebody"})]})
    (found,) = findings(watch, created(FIRST, MESSAGE))
    assert found == ("amqp: message has createdBy 'somebody', stored is 'user1' (by a.message)")


def test_without_a_watch_effects_are_nobodys_business() -> None:
    settlement = Settlement(lambda _: [document(FIRST)])
    left = created(FIRST, MESSAGE)
    settlement.add(Pending("case", FIRST, left.take, left.effects))
    settlement.settle()
    assert (left.texts, left.documents) == ([], 1)


def test_a_story_shows_what_was_seen_in_order_of_time() -> None:
    late, early = mail("late"), mail("early")
    seen = [late, entry("a line"), early]
    object.__setattr__(late, "at", early.at + 1)
    left = refused(FIRST)
    findings(Shown({FIRST: seen}), left, stored=())
    assert left.sight.timeline == [
        (early.at, "email to a@x.example, subject 'early'"),
        (late.at, "email to a@x.example, subject 'late'"),
        (NOW, "barrier seen, effects complete"),
        (None, "log [LogJobAction] 'a line'"),
    ]
    assert left.sight.received.count("email through smtp, accepted") == 2
    assert "  text: a line" in left.sight.received


def test_a_line_that_names_no_request_counts_where_it_is_expected() -> None:
    stray = [entry("always the same", correlation=None)]
    assert findings(Shown({}, stray), created(FIRST, line("always the same"))) == []
    assert findings(Shown({}, stray), created(FIRST)) == []
    (found,) = findings(Shown({}), created(FIRST, line("always the same")))
    assert found.startswith("no log with")


def test_lines_that_name_no_request_are_shared_out() -> None:
    same = line("always the same")
    first, second = created(FIRST, same), created(SECOND, same)
    both = [entry("always the same", correlation=None) for _ in range(2)]
    assert findings(Shown({}, both), first, second, stored=(FIRST, SECOND)) == []
    findings(Shown({}, both[:1]), first, second, stored=(FIRST, SECOND))
    assert (len(first.texts), len(second.texts)) == (0, 1)


def test_a_line_with_another_text_is_not_taken_for_it() -> None:
    stray = [entry("something else", correlation=None)]
    (found,) = findings(Shown({}, stray), created(FIRST, line("always the same")))
    assert found == ("no log with context 'LogJobAction', text 'always the same' (by a.line)")
