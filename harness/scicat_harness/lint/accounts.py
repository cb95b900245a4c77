"""Functional accounts: the users and groups that an auth value may name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scicat_harness.lint.document import read_text

__all__ = ["AccountsFile", "BrokenAccounts", "read_accounts"]


@dataclass(frozen=True, slots=True)
class AccountsFile:
    """The user names and groups in a ``functionalAccounts.json``."""

    file: Path
    users: frozenset[str]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class BrokenAccounts:
    """An accounts file that is not JSON; ``line`` counts from 1."""

    file: Path
    reason: str
    line: int


def read_accounts(file: Path) -> AccountsFile | BrokenAccounts:
    """Read a ``functionalAccounts.json``.

    Return BrokenAccounts for a text that is not JSON, which stops the backend (specification:
    start.errors). Entries without a usable name or role are skipped, as the linter does not judge
    accounts. Raises UsageFault if the file cannot be read.
    """
    text = read_text(file, "a functionalAccounts.json")
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        # The rest of a JSON error is its position, which the finding shows as its place.
        return BrokenAccounts(file, str(error).split(":")[0], getattr(error, "lineno", 1))
    # An object instead of a list means no accounts (specification: accounts).
    accounts = (
        [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    )
    users = {each["username"] for each in accounts if isinstance(each.get("username"), str)}
    groups = {group for each in accounts for group in _groups(each)}
    return AccountsFile(file, frozenset(users), frozenset(groups))


def _groups(entry: dict[str, Any]) -> list[str]:
    # One role, or a list of them since v4.27.0 (specification: accounts).
    role = entry.get("role")
    roles = role if isinstance(role, list) else [role]
    found = [each for each in roles if isinstance(each, str) and each]
    return [*found, "globalaccess"] if entry.get("global") else found
