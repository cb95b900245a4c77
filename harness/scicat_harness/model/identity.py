"""Identities: who sends a request, with which groups and which kind of token."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ANONYMOUS", "JANITOR", "Identity", "Roles", "Token"]


class Token(StrEnum):
    """What an identity presents in the Authorization header."""

    NONE = "none"
    LOGIN = "login"
    GARBAGE = "garbage"
    FOREIGN_SIGNATURE = "foreign-signature"
    EXPIRED = "expired"
    ANONYMOUS_JWT = "anonymous-jwt"
    """The JWT that ``POST /api/v3/users/jwt`` hands to a caller who never logged in."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One caller; ``groups`` are the roles of its functional account, in no promised order."""

    name: str
    groups: tuple[str, ...] = ()
    token: Token = Token.LOGIN
    sentence: str = ""
    address: str = ""
    """Their e-mail address, where it is not ours to choose."""

    @property
    def email(self) -> str:
        """The e-mail address of the functional account."""
        return self.address or f"{self.name}@facility.example"

    @property
    def has_account(self) -> bool:
        """Whether a functional account of this name exists."""
        return self.token in (Token.LOGIN, Token.EXPIRED, Token.FOREIGN_SIGNATURE)


ANONYMOUS = Identity("anonymous", token=Token.NONE, sentence="sends no token")


@dataclass(frozen=True, slots=True)
class Roles:
    """The group lists of the backend's environment that grant job and dataset rights."""

    admin: tuple[str, ...] = ()
    create_privileged: tuple[str, ...] = ()
    update_privileged: tuple[str, ...] = ()
    delete_jobs: tuple[str, ...] = ()
    delete_datasets: tuple[str, ...] = ()
    create_datasets_with_pid: tuple[str, ...] = ()
    create_datasets_privileged: tuple[str, ...] = ()


JANITOR = Identity(
    "janitor",
    # "admin" gives no right; it keeps a backend workable that takes it for one (sabotage).
    ("facility-admins", "job-cleaners", "harness-janitors", "admin"),
    sentence="prepares datasets and jobs, audits and cleans up; never judged",
)
