"""Effects: each expected one exactly once and in order, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.judge.channels import seen_effects
from scicat_harness.judge.effects import effect_differences
from scicat_harness.judge.values import LiveValues
from scicat_harness.judge.wording import sentences
from scicat_harness.model.effect import STORED, Channel, Effect
from scicat_harness.model.text import Text
from scicat_harness.sinks.arrival import Arrival

from ..arrivals import call, entry, mail, message

DOCUMENT = {"id": "id-1", "type": "archive"}
VALUES = LiveValues({"token": "t-1", "run": "run", "id": "id-1"}, DOCUMENT)


def sends(**more: Any) -> Effect:
    """A mail is expected."""
    content = {"to": Text("{{a}}", "a@x.example"), "subject": Text("{{s}}", "done")}
    return Effect(Channel.EMAIL, {**content, **more}, "a.mail")


def calls(path: str = "/done", **more: Any) -> Effect:
    """A call is expected."""
    return Effect(Channel.URL, {"method": "GET", "path": Text("{{p}}", path), **more}, "a.call")


def publishes(source: str = "exchange") -> Effect:
    """A message with the stored job is expected."""
    content = {"source": source, "exchange": "$run.jobs", "key": "usual", "json": STORED}
    return Effect(Channel.AMQP, {**content, "delivery_mode": 2}, "a.message")


def writes(text: str) -> Effect:
    """A line is expected."""
    return Effect(Channel.LOG, {"context": "LogJobAction", "text": text}, "a.line")


def problems(expected: list[Effect], *seen: Arrival) -> list[str]:
    """The differences in words."""
    return sentences(effect_differences(expected, seen_effects(seen), VALUES))


EVERYTHING = [writes("done $token"), sends(), calls(), publishes(), publishes("$run.usual")]


def everything() -> list[Arrival]:
    """What satisfies it."""
    return [
        entry("done t-1"),
        mail(),
        call(),
        message(DOCUMENT),
        message(DOCUMENT, source="run.usual"),
    ]


def test_what_was_expected_and_seen_once_is_fine() -> None:
    assert problems(EVERYTHING, *everything()) == []


def test_nothing_expected_and_nothing_seen_is_fine() -> None:
    assert problems([]) == []


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "no log with context 'LogJobAction', text 'done t-1' (by a.line)"),
        (1, "no email with to 'a@x.example', subject 'done' (by a.mail)"),
        (2, "no url with method 'GET', path '/done' (by a.call)"),
    ],
)
def test_one_that_is_missing_is_reported_with_its_rule(number: int, said: str) -> None:
    seen = everything()
    del seen[number]
    assert problems(EVERYTHING, *seen) == [said]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (entry("done t-1"), "unexpected log [LogJobAction] 'done t-1'"),
        (mail(), "unexpected email to a@x.example, subject 'done'"),
        (mail(to=""), "unexpected email to nobody, subject 'done'"),
        (call(query="a=b"), "unexpected url GET /done?a=b"),
        (message(DOCUMENT), "unexpected amqp run.jobs/usual at exchange"),
    ],
    ids=["line", "mail", "unaddressed-mail", "call", "message"],
)
def test_one_more_than_expected_is_reported(more: Arrival, said: str) -> None:
    assert problems(EVERYTHING, *everything(), more) == [said]
    assert problems([], more) == [said]


def test_the_same_effect_may_be_expected_twice() -> None:
    assert problems([calls(), calls()], call(), call()) == []
    assert problems([calls(), calls()], call()) == [
        "no url with method 'GET', path '/done' (by a.call)"
    ]


def test_one_that_is_not_quite_right_is_reported_by_what_is_wrong() -> None:
    assert problems([sends()], mail("{{s}}")) == [
        "email: subject '{{s}}' instead of 'done' (by a.mail)"
    ]


def test_the_nearest_is_taken_for_the_one_that_was_meant() -> None:
    far, near = mail("other", to="b@x.example"), mail("other")
    assert problems([sends()], far, near) == [
        "email: subject 'other' instead of 'done' (by a.mail)",
        "unexpected email to b@x.example, subject 'other'",
    ]


def test_an_effect_of_another_channel_is_no_near_miss() -> None:
    assert problems([sends()], call()) == [
        "no email with to 'a@x.example', subject 'done' (by a.mail)",
        "unexpected url GET /done",
    ]


def test_keys_that_are_not_named_are_not_judged() -> None:
    assert problems([sends()], mail(**{"from": "anybody"}, html=None)) == []


def test_several_recipients_are_one_text() -> None:
    expected = sends(to=Text("", "a@x.example, b@x.example"))
    assert problems([expected], mail(to="a@x.example,b@x.example")) == []
    assert problems([expected], mail()) != []


def test_the_line_break_that_ends_every_mail_is_not_the_templates() -> None:
    expected = sends(html=Text("", "<p>\ndone</p>"))
    assert problems([expected], mail(html="<p>\r\ndone</p>\r\n")) == []
    assert problems([expected], mail(html="<p>done</p>\r\n")) != []


def test_a_path_is_compared_with_its_query() -> None:
    assert problems([calls("/done?a=b")], call(query="a=b")) == []
    assert problems([calls()], call(query="a=b")) == [
        "url: path '/done?a=b' instead of '/done' (by a.call)"
    ]


def test_expected_headers_must_be_among_those_seen() -> None:
    expected = calls(headers={"X-Token": Text("", "$token")})
    assert problems([expected], call(headers=[["X-TOKEN", "t-1"], ["Accept", "*"]])) == []
    assert problems([expected], call(headers=[["x-token", "t-2"]])) == [
        "url: header x-token is 't-2' instead of 't-1' (by a.call)"
    ]
    assert problems([expected], call()) == [
        "url: header x-token is None instead of 't-1' (by a.call)"
    ]


def test_a_message_holds_the_stored_job_and_nothing_else() -> None:
    assert problems([publishes()], message({**DOCUMENT, "type": "other", "more": 1})) == [
        "amqp: message has type 'other', stored is 'archive' (by a.message)",
        "amqp: message has more 1, stored is None (by a.message)",
    ]
    assert problems([publishes()], message({"id": "id-1"})) == [
        "amqp: message has type None, stored is 'archive' (by a.message)"
    ]


def test_a_message_that_is_no_document_is_reported() -> None:
    assert problems([publishes()], message(None)) == [
        "amqp: message None instead of {'id': 'id-1', 'type': 'archive'} (by a.message)"
    ]


def test_where_no_job_is_stored_no_message_can_be_right() -> None:
    seen = seen_effects([message(DOCUMENT)])
    (found,) = effect_differences([publishes()], seen, LiveValues(VALUES.names))
    assert (found.path, found.expected) == ("effects.amqp.json", None)


def test_properties_of_a_message_are_judged() -> None:
    assert problems([publishes()], message(DOCUMENT, properties={"delivery_mode": 1})) == [
        "amqp: delivery_mode 1 instead of 2 (by a.message)"
    ]


def test_mails_and_calls_keep_their_order() -> None:
    assert problems([calls(), sends()], call(), mail()) == []
    assert problems([sends(), calls()], call(), mail()) == [
        "in the wrong order: url GET /done before email to a@x.example, subject 'done'"
    ]


def test_messages_keep_their_order_at_each_place() -> None:
    other = Effect(Channel.AMQP, {**publishes().content, "key": "second"}, "a.message")
    first, second = message(DOCUMENT), message(DOCUMENT, key="second")
    assert problems([publishes(), other], first, second) == []
    assert problems([other, publishes()], first, second) == [
        "in the wrong order: amqp run.jobs/usual at exchange "
        "before amqp run.jobs/second at exchange"
    ]


def test_copies_at_different_places_have_no_order() -> None:
    queue, exchange = message(DOCUMENT, source="run.usual"), message(DOCUMENT)
    assert problems([publishes(), publishes("$run.usual")], queue, exchange) == []


def test_lines_keep_their_order() -> None:
    expected = [writes("one"), writes("two")]
    assert problems(expected, entry("one"), entry("two")) == []
    assert problems(expected, entry("two"), entry("one")) == [
        "in the wrong order: log [LogJobAction] 'two' before log [LogJobAction] 'one'"
    ]


def test_channels_have_no_order_among_each_other() -> None:
    assert (
        problems([writes("one"), calls(), publishes()], message(DOCUMENT), call(), entry("one"))
        == []
    )


def test_long_values_are_cut() -> None:
    (text,) = problems([sends()], mail("x" * 5000))
    assert len(text) < 500
    assert "..." in text


def test_a_dollar_that_is_meant_is_written_twice() -> None:
    assert problems([writes("5 $$ for $token")], entry("5 $ for t-1")) == []


def test_a_name_that_the_run_does_not_know_is_no_silent_match() -> None:
    with pytest.raises(KeyError, match="nobody"):
        problems([writes("$nobody")], entry("$nobody"))


def spooled(*values: Any, kind: str = "spool", **more: Any) -> list[Arrival]:
    """What the probe of a plugin saw."""
    return [
        Arrival(number, 0.0, Channel.OTHER, kind, (), None, {"line": value, "kind": kind, **more})
        for number, value in enumerate(values)
    ]


def spools(line: Any) -> Effect:
    """A line is expected by a probe."""
    return Effect(Channel.OTHER, {"line": line, "kind": "spool"}, "a.plugin")


def test_what_a_probe_saw_is_judged_like_anything_else() -> None:
    first, second = spools("$token"), spools({"of": ["$id", 1]})
    assert problems([first], *spooled("t-1")) == []
    assert problems([second], *spooled({"of": ["id-1", 1]})) == []
    assert problems([first], *spooled("t-2")) == [
        "other: line 't-2' instead of 't-1' (by a.plugin)"
    ]
    assert problems([first], *spooled("t-1", "t-1")) == ["unexpected spool with line 't-1'"]
    assert problems([first]) == ["no other with line 't-1', kind 'spool' (by a.plugin)"]


def test_each_probe_keeps_an_order() -> None:
    found = spooled("b", "a")
    assert problems([spools("a"), spools("b")], *found) == [
        "in the wrong order: spool with line 'b' before spool with line 'a'"
    ]


def test_words_of_other_channels_mean_nothing_in_what_a_probe_saw() -> None:
    found = spooled("a", accepted=False, headers=[], json=None)
    assert problems([spools("a")], *found) == []
    assert problems([], *found) != []
