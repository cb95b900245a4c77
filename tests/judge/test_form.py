"""The form of replies: what no expectation predicts is found."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.form import form_differences
from scicat_harness.judge.leaks import Planted
from scicat_harness.judge.wording import sentences
from scicat_harness.model.release import CURRENT

from ..stubs import exchange_of

SECRET = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoiYSJ9.c2lnbmF0dXJl"
PLANTED = Planted.of({"user2": SECRET, "anonymous": None}, {"JWT_SECRET": "0123456789abcdef"})
HEADERS = {
    "access-control-allow-origin": "*",
    "content-type": "application/json; charset=utf-8",
    "date": "now",
    "etag": "x",
}
REFUSED = {"message": "no", "error": "Forbidden", "statusCode": 403}


def reply(status: int, body: Any, **headers: str) -> Exchange:
    """A reply with the usual headers and these."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(exchange_of(status, {}), text=json.dumps(body), headers={**HEADERS, **named})


def found(exchange: Exchange, *, owned: bool = True) -> list[str]:
    """The findings, as sentences."""
    return sentences([*form_differences(exchange, PLANTED, CURRENT, owned=owned)])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, {"id": "x"}),
        (200, []),
        (403, REFUSED),
        (400, {"status": 400, "message": "Invalid job type: x"}),
        (422, {"message": "no", "error": '[{"property": "pid", "constraints": {"a": "b"}}]'}),
        (500, "Internal server error"),
    ],
)
def test_the_usual_replies_are_fine(status: int, body: Any) -> None:
    assert found(reply(status, body)) == []


@pytest.mark.parametrize("error", ["[]", "[{}]", "no list", None, '[{"pid": "a"}]'])
def test_an_error_that_does_not_say_what_is_wrong(error: str | None) -> None:
    (text,) = found(reply(422, {"message": "no", "error": error}))
    assert text == f"error is {error!r} instead of 'what is wrong with each dataset'"


def test_an_error_with_the_name_of_another_status() -> None:
    (text,) = found(reply(403, {**REFUSED, "error": "Bad Request"}))
    assert text == "error is 'Bad Request' instead of 'Forbidden'"


def test_a_header_that_no_reply_has() -> None:
    (text,) = found(reply(200, {}, set_cookie="a=b"))
    assert text == "the reply has an unknown header set-cookie: a=b"


def test_a_proxy_may_add_headers_in_front_of_a_backend_that_is_not_ours() -> None:
    assert found(reply(200, {}, via="1.1 proxy"), owned=False) == []


def test_another_media_type() -> None:
    (text,) = found(reply(200, {}, content_type="text/html"))
    assert "content-type is 'text/html' instead of 'application/json; charset=utf-8'" in text


@pytest.mark.parametrize("body", [{**REFUSED, "stack": "at x"}, {"message": "no"}, ["no"], None])
def test_an_error_of_another_form(body: Any) -> None:
    assert len(found(reply(403, body))) == 1


def test_an_error_that_names_another_status() -> None:
    (text,) = found(reply(403, {**REFUSED, "statusCode": 200}))
    assert text == "statusCode is 200 instead of 403"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (SECRET, "the token of user2"),
        ("key 0123456789abcdef", "JWT_SECRET"),
        ("owned by user3@facility.example", "the address user3@facility.example"),
        ("x\n    at f (/app/dist/main.js:1:2)", "the inner workings of the backend"),
        ("mongodb://db:27017", "the inner workings of the backend"),
    ],
)
def test_a_refusal_that_gives_something_away(text: str, name: str) -> None:
    assert found(reply(403, {**REFUSED, "message": text})) == [f"the reply gives away {name}"]


def test_the_actions_of_a_facility_may_refuse_with_any_text() -> None:
    refused = reply(403, {**REFUSED, "message": "ask helpdesk@facility.example"})
    assert [*form_differences(refused, PLANTED, CURRENT, owned=True, own_actions=False)] == []


def test_a_token_in_a_header() -> None:
    assert "the reply gives away the token of user2" in found(reply(200, {}, etag=SECRET))


def test_an_address_of_the_request_is_no_news() -> None:
    asked = replace(
        reply(400, {"status": 400, "message": "bad a@b.example"}), request_body='"a@b.example"'
    )
    assert found(asked) == []


def test_short_secrets_are_not_searched_for() -> None:
    assert [*Planted.of({"a": "word"}, {"b": "x"}).found_in("a word x")] == []


def test_a_reply_that_no_page_of_another_origin_can_read() -> None:
    headers = {name: value for name, value in HEADERS.items() if not name.startswith("access")}
    (text,) = found(replace(reply(200, {}), headers=headers))
    assert "access-control-allow-origin" in text
