"""What an effect has beyond its action: headers, recipients of copies, parts."""

from __future__ import annotations

from typing import Any

import pytest

from scicat_harness.judge.channels import CHANNELS
from scicat_harness.model.effect import Channel

MAIL: dict[str, Any] = {
    "headers": [["From", "a"], ["To", "b"], ["Subject", "s"]],
    "html": "<p>x</p>",
    "parts": ["text/html"],
}
CALL: dict[str, Any] = {"headers": {"host": "h", "accept": "*/*", "x-job": "1"}}


def paths(channel: Channel, wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """The paths of what is too much."""
    return [each.path for each in CHANNELS[channel].surplus(wanted, found)]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"headers": [*MAIL["headers"], ["Cc", "c"]]}, "headers.cc"),
        ({"headers": [*MAIL["headers"], ["To", "c"]]}, "headers.to"),
        ({"parts": ["multipart/alternative", "text/plain", "text/html"]}, "parts"),
        ({"parts": ["text/plain"]}, "parts"),
    ],
)
def test_a_mail_that_has_more(change: dict[str, Any], path: str) -> None:
    assert paths(Channel.EMAIL, {}, {**MAIL, **change}) == [path]


@pytest.mark.parametrize("change", [{}, {"html": None, "parts": ["text/plain"]}])
def test_a_usual_mail(change: dict[str, Any]) -> None:
    assert paths(Channel.EMAIL, {}, {**MAIL, **change}) == []


def test_a_call() -> None:
    assert paths(Channel.URL, {"headers": {"X-Job": "1"}}, CALL) == []
    assert paths(Channel.URL, {}, CALL) == ["headers.x-job"]
    # A configured content type needs no body.
    typed = {"headers": {**CALL["headers"], "content-type": "text/x"}, "body": None}
    assert paths(Channel.URL, {"headers": {"X-Job": "1", "Content-Type": "text/x"}}, typed) == []
