"""Identities: who sends a request, with which groups and which kind of token."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ANONYMOUS", "CONTACT", "JANITOR", "Identity", "Roles", "Token"]

CONTACT = "contact@elsewhere.example"
"""An address of nobody's account, for requests that have to name a contact."""


class Token(StrEnum):
    """The kind of token in the Authorization header (specification: token)."""

    NONE = "none"
    LOGIN = "login"
    GARBAGE = "garbage"
    FOREIGN_SIGNATURE = "foreign-signature"
    EXPIRED = "expired"
    ANONYMOUS_JWT = "anonymous-jwt"
    """The JWT that ``POST /api/v3/users/jwt`` hands to a caller who never logged in."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller; ``groups`` are the roles of its functional account, in no promised order.

    ``sentence`` describes it in case descriptions. ``address`` is the e-mail address of an account
    that the harness did not make; "" for one that it makes.
    """

    name: str
    groups: tuple[str, ...] = ()
    token: Token = Token.LOGIN
    sentence: str = ""
    address: str = ""

    @property
    def email(self) -> str:
        """The e-mail address of the functional account."""
        return self.address or f"{self.name}@facility.example"

    @property
    def has_account(self) -> bool:
        """True if a functional account of this name exists."""
        # Garbage names no user, and the anonymous JWT a user without an account.
        return self.token in (Token.LOGIN, Token.EXPIRED, Token.FOREIGN_SIGNATURE)


ANONYMOUS = Identity("anonymous", token=Token.NONE, sentence="sends no token")


@dataclass(frozen=True, slots=True)
class Roles:
    """The group lists in the backend's environment that grant job and dataset rights.

    Source: specification: environment.groups.
    """

    admin: tuple[str, ...] = ()
    create_privileged: tuple[str, ...] = ()
    update_privileged: tuple[str, ...] = ()
    delete_jobs: tuple[str, ...] = ()
    delete_datasets: tuple[str, ...] = ()
    create_datasets_with_pid: tuple[str, ...] = ()
    create_datasets_privileged: tuple[str, ...] = ()


JANITOR = Identity(
    "janitor",
    # "admin" grants no right here. Without it nothing could be prepared on a sabotaged backend that
    # takes the group called admin for the admin groups.
    ("facility-admins", "job-cleaners", "harness-janitors", "admin"),
    sentence="prepares datasets and jobs, audits and cleans up; never judged",
)
