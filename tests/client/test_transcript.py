"""Exchanges: their message, their curl line, and what is never shown."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from scicat_harness.secrets import redact

from ..stubs import TOKEN, exchange_of


def test_tokens_are_taken_out() -> None:
    assert redact(f"Bearer {TOKEN} and {TOKEN}") == "Bearer *** and ***"


@pytest.mark.parametrize(
    "shown", ['{"password":"x y"}', '{"password" : "x y"}', r'{"password":"a\"x y"}']
)
def test_passwords_are_taken_out(shown: str) -> None:
    assert "x y" not in redact(shown)
    assert "***" in redact(shown)


def test_other_text_is_left_alone() -> None:
    assert redact('{"username":"user1"}') == '{"username":"user1"}'


MESSAGES = {
    "text": ({"message": "Forbidden resource"}, "Forbidden resource"),
    "list": ({"message": ["a must be b", "c should not exist"]}, "a must be b; c should not exist"),
    "bare-string": ("Internal server error", "Internal server error"),
    "no-message": ({"id": "1"}, None),
    "number": ({"message": 5}, None),
    "a-list-of-jobs": ([{"id": "1"}], None),
}


@pytest.mark.parametrize(("body", "message"), MESSAGES.values(), ids=MESSAGES)
def test_the_message_of_every_error_shape(body: object, message: str | None) -> None:
    assert exchange_of(400, body).message == message


def test_a_reply_that_is_not_json_has_neither_json_nor_message() -> None:
    found = replace(exchange_of(502, ""), text="<html>Bad gateway</html>", _parsed=[])
    assert (found.json, found.message) == (None, None)


def test_the_curl_line_repeats_the_request_without_its_token() -> None:
    body = json.dumps({"type": 'it\'s "quoted"', "note": TOKEN})
    words = shlex.split(exchange_of(201, {}, request_body=body).curl())
    assert words[:4] == ["curl", "-X", "POST", "http://127.0.0.1:1/api/v4/jobs"]
    assert words[words.index("-d") + 1] == body.replace(TOKEN, "***")
    assert "Authorization: Bearer ***" in words
    assert TOKEN not in " ".join(words)


def test_a_curl_line_without_a_body_sends_none() -> None:
    assert "-d" not in shlex.split(exchange_of(200, {}, method="GET").curl())


def test_the_summary_shows_status_and_reply_without_secrets() -> None:
    found = exchange_of(201, {"access_token": TOKEN})
    assert found.summary() == '201 {"access_token": "***"}'


def test_a_long_reply_is_shortened_and_its_length_given() -> None:
    shown = exchange_of(200, "x" * 5000).summary()
    assert len(shown) < 1400
    assert "(5002 characters)" in shown
