"""Auth values of a job configuration, sorted into the kinds that the rules distinguish.

The backend does not validate auth values: an unknown one matches nobody.

Source: specification: configuration.auth; page authorization_jobs.md; ``#jobAdmin`` since
v4.15.0.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["DATASET_AUTHS", "CreateAuth", "UpdateAuth", "create_auth", "update_auth"]


class CreateAuth(StrEnum):
    """Kinds of ``create.auth``; ``GROUP`` and ``USER`` stand for every value of that form."""

    ALL = "#all"
    DATASET_PUBLIC = "#datasetPublic"
    AUTHENTICATED = "#authenticated"
    DATASET_ACCESS = "#datasetAccess"
    DATASET_OWNER = "#datasetOwner"
    JOB_ADMIN = "#jobAdmin"
    GROUP = "@GROUP"
    USER = "USER"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class UpdateAuth(StrEnum):
    """Kinds of ``update.auth``; values of create such as ``#authenticated`` are unknown here."""

    ALL = "#all"
    JOB_OWNER_USER = "#jobOwnerUser"
    JOB_OWNER_GROUP = "#jobOwnerGroup"
    JOB_ADMIN = "#jobAdmin"
    GROUP = "@GROUP"
    USER = "USER"
    ABSENT = "absent"
    UNKNOWN = "unknown"


DATASET_AUTHS = frozenset(
    {CreateAuth.DATASET_PUBLIC, CreateAuth.DATASET_ACCESS, CreateAuth.DATASET_OWNER}
)
"""Create auth values that depend on the listed datasets."""


def create_auth(value: str | None) -> CreateAuth:
    """Return the kind of a configured ``create.auth`` value (None when the key is missing).

    ``create_auth("@staff")`` is ``CreateAuth.GROUP``, ``create_auth("staff")`` is
    ``CreateAuth.USER``.
    """
    return CreateAuth(_kind(value, _CREATE_VALUES))


def update_auth(value: str | None) -> UpdateAuth:
    """Return the kind of a configured ``update.auth`` value (None when the key is missing)."""
    return UpdateAuth(_kind(value, _UPDATE_VALUES))


_CREATE_VALUES = frozenset(str(member) for member in CreateAuth)
_UPDATE_VALUES = frozenset(str(member) for member in UpdateAuth)


def _kind(value: str | None, hashes: frozenset[str]) -> str:
    if value is None:
        return "absent"
    # Values are case-sensitive: ``#ALL`` is unknown, not ``#all``.
    if value.startswith("#"):
        return value if value in hashes else "unknown"
    # A group that is written without @ is the name of a user, and admits no group.
    return "@GROUP" if value.startswith("@") else "USER"
