"""Secrets are left out of every text: known ones by their value, others by their look."""

from __future__ import annotations

import json

import pytest

from scicat_harness import secrets
from scicat_harness.secrets import hide, redact, redact_data


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test hides is no secret in the next."""
    monkeypatch.setattr(secrets, "_KNOWN", secrets._Known())


@pytest.mark.parametrize(
    "text",
    [
        "plain hunter-22 text",
        "Invalid header value b'Bearer hunter-22'",
        json.dumps({"deep": ["hunter-22"]}),
        "hunter-22hunter-22",
    ],
)
def test_a_known_secret_is_in_no_text(text: str) -> None:
    hide("hunter-22")
    assert "hunter-22" not in redact(text)
    assert "***" in redact(text)


def test_a_secret_is_known_as_addresses_and_json_write_it() -> None:
    hide('p/w:1@"x"')
    assert redact("amqp://h/p%2Fw%3A1%40%22x%22") == "amqp://h/***"
    assert redact(json.dumps('p/w:1@"x"')) == '"***"'


def test_of_two_secrets_the_longer_one_goes_whole() -> None:
    hide("secret-1", "secret-1-and-more")
    assert redact("secret-1-and-more secret-1") == "*** ***"


@pytest.mark.parametrize("value", ["", "admin", None])
def test_what_is_too_short_to_be_told_apart_is_no_secret(value: str | None) -> None:
    hide(value)
    assert redact("the admin is admin") == "the admin is admin"


def test_credentials_in_addresses_go_without_being_known() -> None:
    assert redact("mongodb://user:pw@host/db") == "mongodb://***@host/db"
    assert redact("see https://host/a@b") == "see https://host/a@b"


def test_data_without_secrets_is_handed_on_as_it_is() -> None:
    data = {"a": [1, "x"]}
    assert redact_data(data) is data


def test_data_is_cleaned_at_every_depth() -> None:
    hide("hunter-22")
    found = redact_data({"a": [{"b": "is hunter-22"}], "hunter-22": 1})
    assert found == {"a": [{"b": "is ***"}], "***": 1}


def test_a_secret_that_is_a_word_of_ours_changes_no_word_of_ours() -> None:
    hide("hidden", "rules_of")
    data = {"rules": ["job-hidden"], "rules_of": {"case": "hidden", "reason": "hidden"}}
    found = redact_data(data, frozenset({"rules", "rules_of.case"}))
    assert found == {"rules": ["job-hidden"], "rules_of": {"case": "hidden", "reason": "***"}}


def test_of_secrets_that_begin_alike_the_longest_is_masked() -> None:
    hide("alike-one", "alike-one-and-more", "alike-two", "other-secret")
    assert redact("alike-one-and-more alike-one alike-two alike-three") == "*** *** *** alike-three"
