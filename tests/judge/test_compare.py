"""Replies and owners, held against what is expected of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scicat_harness.client.transcript import Exchange
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.expecting import expectation_of
from scicat_harness.judge.judging import reply_decision, reply_differences
from scicat_harness.judge.stored import owner_differences
from scicat_harness.judge.wording import in_words, sentences
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.observation import Observation
from scicat_harness.model.outcome import Decision, StoredJob
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.request import Api, CreateRequest, Ownership
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View

from ..stubs import exchange_of


def expected(release: Release = CURRENT) -> Expectation:
    """user1 names a foreign owner group: 403, and 400 before v5.2.0."""
    request = CreateRequest("all_access", ownership=Ownership(group="group2"))
    return expectation_of(Oracle(SITE, View(release)).create(SITE.identity("user1"), request))


def observed(exchange: Exchange) -> Observation:
    """What came back."""
    return Observation(exchange.status, exchange.message, exchange.json)


def mismatches(exchange: Exchange) -> list[str]:
    """In what a reply differs, in words."""
    return sentences([*reply_differences(expected(), observed(exchange))])


def decision(exchange: Exchange, wanted: Expectation) -> Decision:
    """The outcome class of a reply."""
    return reply_decision(wanted, observed(exchange))


def owner_mismatches(document: Mapping[str, object], api: Api = Api.V4) -> list[str]:
    """In what the owners of a job differ, in words."""
    return [in_words(each) for each in owner_differences(STORED, document, api)]


REFUSAL = {"message": "Invalid new job. User needs to belong to job owner group."}


def test_the_reply_that_was_predicted_has_no_mismatch() -> None:
    assert mismatches(exchange_of(403, REFUSAL)) == []


def test_another_status_is_reported_without_the_text() -> None:
    assert mismatches(exchange_of(404, {"message": "x"})) == ["status 404 instead of 403"]


def test_another_reason_behind_the_same_status_is_reported() -> None:
    (text,) = mismatches(exchange_of(403, {"message": "Forbidden resource"}))
    assert "'Forbidden resource' is not of the class" in text


DECISIONS = {201: Decision.ALLOW, 401: Decision.DENY, 403: Decision.DENY, 500: Decision.INVALID}


@pytest.mark.parametrize("status", DECISIONS)
def test_the_outcome_class_of_a_status(status: int) -> None:
    assert decision(exchange_of(status, REFUSAL), expected()) is DECISIONS[status]


def test_a_status_that_was_used_for_refusals_too_is_distinguished_by_its_text() -> None:
    old = expected(Release(5, 0, 1))
    invalid = exchange_of(400, {"message": "Invalid job type: x"})
    assert decision(exchange_of(400, REFUSAL), old) is Decision.DENY
    assert decision(invalid, old) is Decision.INVALID


STORED = StoredJob("user1", frozenset({"user1"}), frozenset({"g1", "g2"}), frozenset({""}))


def test_any_acceptable_value_of_an_owner_field_will_do() -> None:
    for group in ("g1", "g2"):
        document = {
            "createdBy": "user1",
            "ownerUser": "user1",
            "ownerGroup": group,
            "contactEmail": "",
        }
        assert owner_mismatches(document) == []


def test_every_owner_field_is_compared() -> None:
    assert owner_mismatches({}) == [
        "ownerUser is None instead of 'user1'",
        "ownerGroup is None instead of 'g1' or 'g2'",
        "contactEmail is None instead of ''",
        "createdBy is None instead of 'user1'",
    ]


def test_a_v3_document_shows_the_contact_only_and_leaves_an_empty_one_out() -> None:
    assert owner_mismatches({}, Api.V3) == []
    assert owner_mismatches({"emailJobInitiator": "x"}, Api.V3) == [
        "emailJobInitiator is 'x' instead of ''"
    ]
