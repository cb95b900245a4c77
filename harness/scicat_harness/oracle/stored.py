"""Ownership of a stored job: owner user, owner group and contact address.

Source: specification: create.ownership; backend pull requests 1834 and 2796; observed on v4.20.2 to
v5.2.1. ``contactEmail`` of an anonymous job that gave none is the empty string.
"""

from __future__ import annotations

from collections.abc import Callable

from scicat_harness.model.outcome import ANY_UNSET, StoredJob
from scicat_harness.oracle.create_facts import CreateFacts
from scicat_harness.oracle.rule import Rule, RuleTable

__all__ = ["STORED"]

_Owners = Callable[[CreateFacts], StoredJob]
_R = Rule[CreateFacts, _Owners]
_BOTH = "observed v4.20.2 to v5.2.1"


def _just(value: str | None) -> frozenset[str | None]:
    # An empty text counts as not given.
    return frozenset({value or None})


def _stored(facts: CreateFacts, owner: str | None, mail: str) -> StoredJob:
    return StoredJob(
        created_by=facts.caller.name,
        owner_user=_just(owner),
        owner_group=_just(facts.owner.group),
        # The contact of the request wins over the address of any account.
        contact_email=frozenset({facts.owner.email or mail}),
    )


def _anonymous(facts: CreateFacts) -> StoredJob:
    contact: frozenset[str | None] = frozenset({facts.owner.email or ""})
    return StoredJob("anonymous", ANY_UNSET, ANY_UNSET, contact)


def _for_another(facts: CreateFacts) -> StoredJob:
    other = facts.owner.other
    assert other is not None
    return _stored(facts, other.name, other.email)


STORED: RuleTable[CreateFacts, _Owners] = RuleTable(
    "stored",
    (
        _R(
            "stored.anonymous",
            "a job of an anonymous caller has no owner; a requested owner is dropped silently",
            _BOTH,
            lambda f: f.caller.anonymous,
            _anonymous,
        ),
        _R(
            "stored.plain",
            "a job of a user without job privileges belongs to that user and the group they named",
            _BOTH,
            lambda f: f.caller.plain,
            lambda f: _stored(f, f.caller.name, f.caller.email),
        ),
        # From here on the caller is admin or create-privileged.
        _R(
            "stored.for-nobody",
            "a privileged user who names no owner creates a job without owner user",
            _BOTH,
            lambda f: not f.owner.user,
            lambda f: _stored(f, None, f.caller.email),
        ),
        _R(
            "stored.for-self",
            "a privileged user may own the job themselves",
            _BOTH,
            lambda f: f.owner.user == f.caller.name,
            lambda f: _stored(f, f.caller.name, f.caller.email),
        ),
        _R(
            "stored.for-another",
            "a privileged user may create a job for another user, whose address becomes the "
            "contact",
            _BOTH,
            lambda f: f.owner.other is not None,
            _for_another,
        ),
        _R(
            "stored.for-unknown",
            "an owner who does not exist is replaced by the caller",
            _BOTH,
            lambda _: True,
            lambda f: _stored(f, f.caller.name, f.caller.email),
        ),
    ),
)
