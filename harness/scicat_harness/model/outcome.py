"""Outcomes: decisions, verdicts and the ownership of stored jobs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ANY_UNSET", "Decision", "StoredJob", "Verdict"]

ANY_UNSET: frozenset[str | None] = frozenset({None})
"""The set of acceptable values for an owner field that must not be set."""


class Decision(StrEnum):
    """The class of an outcome, the same for every release.

    The status and message of an answer differ between releases, its class does not.
    """

    ALLOW = "allow"
    DENY = "deny"
    INVALID = "invalid"


class Verdict(StrEnum):
    """The result of a check; only the first three let a run pass."""

    PASSED = "passed"
    DEVIATING = "deviating"
    # Failed, in a way that a file of accepted differences names (scicat_harness.accepted).
    ACCEPTED = "accepted"
    FAILED = "failed"
    # Neither passed nor failed: both are counted, with their reasons.
    NOT_VERIFIABLE = "not_verifiable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StoredJob:
    """Ownership of a stored job; each field holds the acceptable values (None: key absent).

    There is more than one value only if it depends on the order of a list that is not specified.
    """

    created_by: str
    owner_user: frozenset[str | None]
    owner_group: frozenset[str | None]
    contact_email: frozenset[str | None]
