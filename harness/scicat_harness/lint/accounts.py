"""Functional accounts: the users and groups that an auth value may name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.accounts import NotJson, groups_of, parse_accounts
from scicat_harness.lint.document import read_text
from scicat_harness.lint.nodes import ShapeError, compose

__all__ = ["AccountProblem", "AccountsFile", "BrokenAccounts", "read_accounts"]


@dataclass(frozen=True, slots=True)
class AccountProblem:
    """Something wrong with an account; ``line`` counts from 1.

    ``message`` is the one with which the backend ends, or empty if it starts all the same.
    """

    rule: str
    sentence: str
    line: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class AccountsFile:
    """The user names and groups in a ``functionalAccounts.json``."""

    file: Path
    users: frozenset[str]
    groups: frozenset[str]
    problems: tuple[AccountProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenAccounts:
    """An accounts file that is not JSON; ``line`` counts from 1."""

    file: Path
    reason: str
    line: int


def read_accounts(file: Path) -> AccountsFile | BrokenAccounts:
    """Read a ``functionalAccounts.json``.

    Return BrokenAccounts for a text that is not JSON, which stops the backend (specification:
    start.errors). Raises UsageFault if the file cannot be read.
    """
    text = read_text(file, "a functionalAccounts.json")
    try:
        entries = parse_accounts(text)
    except NotJson as error:
        return BrokenAccounts(file, error.reason, error.line)
    # An object instead of a list means no accounts (specification: accounts).
    accounts = (
        [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    )
    users = {each["username"] for each in accounts if isinstance(each.get("username"), str)}
    groups = {group for each in accounts for group in groups_of(each)}
    problems = tuple(_problems(entries, text))
    return AccountsFile(file, frozenset(users), frozenset(groups), problems)


def _problems(entries: object, text: str) -> Iterator[AccountProblem]:
    """Yield what is wrong with the accounts (observed v5.2.1)."""
    if not isinstance(entries, list):
        yield AccountProblem(
            "account.no-list",
            "the file has no list, so no account is made and nobody can log in",
            1,
        )
        return
    addresses: dict[str, str] = {}
    for line, entry in zip(_lines(text, len(entries)), entries, strict=True):
        if entry is None:
            yield _ended(
                "an account is null",
                "TypeError: Cannot destructure property 'role' of 'account' as it is null.",
                line,
            )
        if not isinstance(entry, dict):
            continue
        role = entry.get("role")
        if role and not isinstance(role, str | list):
            yield _ended(
                f"the role of {entry.get('username')} is neither text nor a list",
                "TypeError: rolesList.forEach is not a function",
                line,
            )
        name = entry.get("username")
        if not name:
            also = ", which has 'account' instead" if entry.get("account") else ""
            yield _required("username", f"an account has no username{also}", line)
            # The backend ends here, so nothing else of the entry matters.
            continue
        email = entry.get("email")
        if not email:
            yield _required("email", f"the account {name} has no email", line)
        elif str(email) in addresses:
            first = addresses[str(email)]
            yield _ended(
                f"the accounts {first} and {name} have the same email",
                "MongoServerError: E11000 duplicate key error collection: User index: email_1 "
                f'dup key: {{ email: "{email}" }}',
                line,
            )
        addresses.setdefault(str(email), str(name))
        if not entry.get("password"):
            sentence = f"the account {name} has no password, so nobody can log in as it"
            yield AccountProblem("account.no-password", sentence, line)


def _ended(sentence: str, message: str, line: int) -> AccountProblem:
    return AccountProblem("start.account", sentence, line, message)


def _required(field: str, sentence: str, line: int) -> AccountProblem:
    message = f"ValidationError: User validation failed: {field}: Path `{field}` is required."
    return _ended(sentence, message, line)


def _lines(text: str, count: int) -> list[int]:
    """Return the lines on which the entries of a list begin, all of them 1 if they are unknown."""
    try:
        # Nearly all JSON is YAML, whose nodes have places.
        items = compose(text).items
    except ShapeError:
        items = ()
    return [each.line for each in items] if len(items) == count else [1] * count
