"""Functional accounts: the entries of a ``functionalAccounts.json``, and the groups of each.

Source: specification: accounts; observed v5.2.1 for the values that count as true.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["GLOBAL_ACCESS", "NotJson", "groups_of", "parse_accounts"]

GLOBAL_ACCESS = "globalaccess"
"""The group of every account whose ``global`` is true."""
# What JavaScript takes for false; an empty list or object is true.
_FALSE: tuple[Any, ...] = (None, False, 0, "")


class NotJson(ValueError):
    """A text that is not JSON; the message says why, and where if that is known.

    ``reason`` is the message without the place, ``line`` counts from 1.
    """

    def __init__(self, error: Exception) -> None:
        self.reason, self.line, place = str(error), 1, ""
        if isinstance(error, json.JSONDecodeError):
            self.reason, self.line = error.msg, error.lineno
            place = f"line {error.lineno}, column {error.colno}: "
        super().__init__(f"{place}{self.reason}")


def parse_accounts(text: str) -> object:
    """Return what the text of an accounts file is in JSON: a list of objects, if it is right.

    Raises NotJson.
    """
    try:
        found: object = json.loads(text)
    # Thousands of nested brackets, or a number of thousands of digits, are no JSON error.
    except (ValueError, RecursionError) as error:
        raise NotJson(error) from None
    return found


def groups_of(account: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the groups of an entry: its roles, and that of global access behind them.

    A role is one text, or a list of texts since v4.27.0; what is no text is left out.

        groups_of({"role": ["archivers"], "global": True})  # ("archivers", "globalaccess")
    """
    role = account.get("role")
    roles = role if isinstance(role, list) else [role]
    names = [each for each in roles if isinstance(each, str) and each]
    # False == 0 in Python, as both are false here.
    if account.get("global") not in _FALSE:
        names.append(GLOBAL_ACCESS)
    return tuple(dict.fromkeys(names))
