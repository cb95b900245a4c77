"""Texts of a configuration are shown without secrets, wherever these stand."""

from __future__ import annotations

import pytest

from scicat_harness.lint.words import without_secrets


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example/api?id=1&access_token=planted&y=2",
        r'"body":"{\"user\":\"u\",\"password\":\"planted\"}"',
        "password: planted",
        "Authorization: Bearer planted",
        "http://user:planted@host/",
    ],
)
def test_a_secret_is_hidden(text: str) -> None:
    safe = without_secrets(text)
    assert "planted" not in safe
    assert "***" in safe


@pytest.mark.parametrize("text", ["?token={{{env.TOKEN}}}", "?page=2&sort=name"])
def test_a_template_and_other_parameters_stay(text: str) -> None:
    assert without_secrets(text) == text
