"""What was received, in full: by channel, cut, and without secrets."""

from __future__ import annotations

import base64

from scicat_harness.judge.channels import in_full
from scicat_harness.sinks.arrival import Arrival

from ..arrivals import call, entry, mail, message
from ..stubs import TOKEN


def test_a_mail_shows_its_recipients_headers_and_text() -> None:
    assert in_full([mail("done", to="a@x.example,b@x.example", reply_to="help@x.example")]) == [
        "email through smtp, accepted",
        "  recipients: a@x.example, b@x.example",
        "  from: scicat@facility.example",
        "  reply_to: help@x.example",
        "  subject: done",
        "  html: <p>done</p>",
    ]


def test_a_mail_that_was_not_accepted_shows_how_far_it_got() -> None:
    shown = in_full([mail(accepted=False, stage="rcpt", to="", html=None, refused=["a@x.example"])])
    assert shown[0] == "email through smtp, not accepted (reached rcpt)"
    assert shown[1:3] == ["  recipients: (none)", "  refused: a@x.example"]


def test_a_mail_without_html_shows_its_text() -> None:
    assert "  text: plain" in in_full([mail(html=None, text="plain")])


def test_a_call_shows_path_headers_and_body() -> None:
    headers = [["Host", "127.0.0.1"], ["X-Token", "t-1"], ["Authorization", "Bearer secret"]]
    assert in_full([call(query="a=b", method="POST", headers=headers, body='{"a":1}')]) == [
        "url POST /done?a=b, answered 200",
        "  X-Token: t-1",
        "  Authorization: ***",
        '  body: {"a":1}',
    ]


def test_a_call_that_got_no_answer_says_so() -> None:
    assert in_full([call(status=None)]) == ["url GET /done, no answer"]


def test_a_body_that_is_no_text_is_shown_encoded() -> None:
    encoded = base64.b64encode(b"\xff").decode()
    assert f"  body: (base64) {encoded}" in in_full([call(body=None, body_base64=encoded)])


def test_a_message_shows_its_document_line_by_line() -> None:
    assert in_full([message({"id": "1", "type": "archive"})]) == [
        "amqp run.jobs/usual at exchange",
        "  delivery_mode: 2",
        "  json:",
        "    {",
        '     "id": "1",',
        '     "type": "archive"',
        "    }",
    ]


def test_a_message_that_is_no_document_shows_its_body() -> None:
    assert "  body: hello" in in_full([message(None, body="hello")])


def test_a_copy_is_not_shown_twice() -> None:
    shown = in_full([message({"id": "1"}), message({"id": "1"}, source="run.usual")])
    assert shown[-2:] == ["amqp run.jobs/usual at run.usual", "  (as above)"]
    assert sum('"id"' in line for line in shown) == 1


def test_a_line_shows_its_text() -> None:
    assert in_full([entry("one\ntwo")]) == [
        "log [LogJobAction] LOG",
        "  text:",
        "    one",
        "    two",
    ]


def test_long_texts_are_cut_and_say_so() -> None:
    shown = in_full([mail("x" * 1500, html="line\n" * 40)])
    assert f"  subject: {'x' * 1000}... (500 more characters)" in shown
    assert shown[-1] == "    (28 more lines)"


def test_nothing_secret_is_shown() -> None:
    shown = "\n".join(in_full([mail(TOKEN), call(body=f'{{"password": "{TOKEN}"}}')]))
    assert TOKEN not in shown
    assert "***" in shown


def test_what_a_probe_saw_is_shown_key_by_key() -> None:
    content = {"topic": "jobs", "value": {"id": 1}, "kind": "kafka"}
    seen = Arrival(1, 0.0, "other", "kafka", (), None, content)
    assert in_full([seen]) == [
        "kafka, as its probe saw it",
        "  topic: jobs",
        '  value: {"id": 1}',
    ]
