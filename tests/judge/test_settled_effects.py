"""Settling effects: each promise is held to what its own request caused, with what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scicat_harness.judge.settle import Created, Finding, Promise, Settlement, Untouched
from scicat_harness.model.effect import STORED, Channel, Effect
from scicat_harness.model.outcome import StoredJob
from scicat_harness.model.text import Text
from scicat_harness.probe.watch import Seen
from scicat_harness.sinks.arrival import Arrival

from ..arrivals import entry, mail, message

NOW = 2000.0
FIRST, SECOND = "run-main-0000001", "run-main-0000002"


class Shown:
    """A watch that has seen this."""

    def __init__(self, arrivals: dict[str, list[Arrival]], stray: Sequence[Arrival] = ()) -> None:
        self.asked: list[list[str]] = []
        self._seen = Seen(arrivals, stray, NOW)

    def settle(self, tokens: Sequence[str]) -> Seen:
        """The same whatever is asked."""
        self.asked.append(list(tokens))
        return self._seen


def document(token: str, job_id: str = "id-1") -> dict[str, Any]:
    """A stored job of a request."""
    return {"id": job_id, "createdBy": "user1", "jobParams": {"correlation": token}}


def created(token: str, *effects: Effect) -> Promise:
    """A promise of a job and effects."""
    job = StoredJob("user1", frozenset({None}), frozenset({None}), frozenset({None}))
    return Promise(f"case-{token[-1]}", Created(token, None, job, {}, ()), effects)


def refused(token: str) -> Promise:
    """A promise of nothing at all."""
    return Promise(f"case-{token[-1]}", Untouched(token))


def line(text: str) -> Effect:
    """A line is promised."""
    return Effect(Channel.LOG, {"context": "LogJobAction", "text": text}, "a.line")


MESSAGE = Effect(Channel.AMQP, {"source": "exchange", "json": STORED}, "a.message")
SUBJECT = Effect(Channel.EMAIL, {"subject": Text("", "$run: $token is $id")}, "a.mail")


def findings(watch: Shown, *promises: Promise, stored: Sequence[str] = (FIRST,)) -> list[Finding]:
    """What settling these promises finds."""
    documents = [document(token, f"id-{token[-1]}") for token in stored]
    settlement = Settlement(lambda _: documents, watch, {"run": "run"})
    for each in promises:
        settlement.promise(each)
    return settlement.settle()


def test_effects_that_were_promised_and_seen_are_fine() -> None:
    seen = [mail(f"run: {FIRST} is id-1"), message(document(FIRST))]
    assert findings(Shown({FIRST: seen}), created(FIRST, SUBJECT, MESSAGE)) == []


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
    assert (found.key, found.correlation) == ("case-1", FIRST)
    assert found.text == "unexpected email to a@x.example, subject 'done'"


def test_each_request_answers_for_its_own_effects() -> None:
    watch = Shown({SECOND: [message(document(SECOND, "id-2"))]})
    promises = created(FIRST, MESSAGE), created(SECOND, MESSAGE)
    found = findings(watch, *promises, stored=(FIRST, SECOND))
    assert [each.key for each in found] == ["case-1"]
    assert found[0].text.startswith("no amqp with source 'exchange'")


def test_a_message_with_another_document_than_the_stored_one_is_found() -> None:
    watch = Shown({FIRST: [message({**document(FIRST), "createdBy": "somebody"})]})
    (found,) = findings(watch, created(FIRST, MESSAGE))
    assert found.text == (
        "amqp: message has createdBy 'somebody', stored is 'user1' (by a.message)"
    )


def test_a_job_that_is_not_stored_is_told_beside_its_effects() -> None:
    found = findings(Shown({FIRST: [mail()]}), created(FIRST), stored=())
    assert [each.text for each in found] == [
        "0 stored jobs carry this request instead of one",
        "unexpected email to a@x.example, subject 'done'",
    ]


def test_without_a_watch_effects_are_nobodys_business() -> None:
    settlement = Settlement(lambda _: [document(FIRST)])
    settlement.promise(created(FIRST))
    assert settlement.settle() == []


def test_a_finding_tells_what_was_seen_in_order_of_time() -> None:
    late, early = mail("late"), mail("early")
    seen = [late, entry("a line"), early]
    object.__setattr__(late, "at", early.at + 1)
    found = findings(Shown({FIRST: seen}), refused(FIRST), stored=())
    assert found[0].timeline == (
        f"{early.at:.3f} email to a@x.example, subject 'early'",
        f"{late.at:.3f} email to a@x.example, subject 'late'",
        f"{NOW:.3f} barrier seen, effects complete",
        "log [LogJobAction] 'a line'",
    )
    assert found[0].received.count("email through smtp, taken") == 2
    assert "  text: a line" in found[0].received


def test_a_promise_that_holds_has_no_timeline() -> None:
    assert findings(Shown({FIRST: [entry("done")]}), created(FIRST, line("done"))) == []


def test_a_line_that_names_no_request_counts_where_it_is_expected() -> None:
    stray = [entry("always the same", correlation=None)]
    assert findings(Shown({}, stray), created(FIRST, line("always the same"))) == []
    assert findings(Shown({}, stray), created(FIRST)) == []
    (found,) = findings(Shown({}), created(FIRST, line("always the same")))
    assert found.text.startswith("no log with")


def test_lines_that_name_no_request_are_shared_out() -> None:
    same = line("always the same")
    promises = created(FIRST, same), created(SECOND, same)
    both = [entry("always the same", correlation=None) for _ in range(2)]
    assert findings(Shown({}, both), *promises, stored=(FIRST, SECOND)) == []
    (found,) = findings(Shown({}, both[:1]), *promises, stored=(FIRST, SECOND))
    assert found.key == "case-2"


def test_a_line_with_another_text_is_not_taken_for_it() -> None:
    stray = [entry("something else", correlation=None)]
    (found,) = findings(Shown({}, stray), created(FIRST, line("always the same")))
    assert found.text == ("no log with context 'LogJobAction', text 'always the same' (by a.line)")
