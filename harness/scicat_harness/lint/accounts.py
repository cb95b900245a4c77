"""Who is known: functional accounts, and groups that the environment lists."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scicat_harness.lint.document import read_text

__all__ = ["AccountsFile", "BrokenAccounts", "read_accounts"]


@dataclass(frozen=True, slots=True)
class AccountsFile:
    """Names of functional accounts and of their groups."""

    file: Path
    users: frozenset[str]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class BrokenAccounts:
    """Why the file is none."""

    file: Path
    reason: str
    line: int


def read_accounts(file: Path) -> AccountsFile | BrokenAccounts:
    """Read functionalAccounts.json; raises UsageFault where it cannot be read."""
    text = read_text(file, "a functionalAccounts.json")
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        return BrokenAccounts(file, str(error).split(":")[0], getattr(error, "lineno", 1))
    known = (
        [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    )
    users = {each["username"] for each in known if isinstance(each.get("username"), str)}
    groups = {group for each in known for group in _groups(each)}
    return AccountsFile(file, frozenset(users), frozenset(groups))


def _groups(entry: dict[str, Any]) -> list[str]:
    role = entry.get("role")
    roles = role if isinstance(role, list) else [role]
    found = [each for each in roles if isinstance(each, str) and each]
    return [*found, "globalaccess"] if entry.get("global") else found
