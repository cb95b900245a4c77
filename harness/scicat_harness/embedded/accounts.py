"""Functional accounts: the users of a backend, their passwords and groups, from a file.

See specification: accounts. The groups of an account are its roles, and ``globalaccess`` if it is
global; at the login the static access groups are added.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from scicat_harness.embedded.access import RequestCaller
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.javascript import parse_json, truthy

__all__ = ["FunctionalAccount", "FunctionalAccounts"]


@dataclass(frozen=True, slots=True)
class FunctionalAccount:
    """One local user; the password is plain text, as in the file."""

    id: str
    username: str
    email: str
    password: str
    groups: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """Return the user document of the API, without password and groups."""
        return {
            "username": self.username,
            "email": self.email,
            "authStrategy": "local",
            "_id": self.id,
            "__v": 0,
            "id": self.id,
        }

    def caller(self) -> RequestCaller:
        """Return the caller that this account is when it sends a request."""
        return RequestCaller(self.username, self.email, self.groups, self.id)


@dataclass(slots=True)
class FunctionalAccounts:
    """All accounts of one backend; iterate over them in the order of their creation."""

    static_groups: tuple[str, ...] = ()
    _by_id: dict[str, FunctionalAccount] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        path: Path,
        static_groups: tuple[str, ...] = (),
        known: tuple[FunctionalAccount, ...] = (),
    ) -> "FunctionalAccounts":
        """Return the known accounts and those of a file; a missing file has none.

        ``known`` are the accounts of an earlier backend; they keep their ids and passwords. Raises
        BootFailure for a file that is no JSON list of objects.
        """
        accounts = cls(
            # An unset list splits into one empty name.
            tuple(group for group in static_groups if group),
            {account.id: account for account in known},
        )
        for entry in _entries(path):
            accounts.add(entry)
        return accounts

    def add(self, entry: dict[str, object]) -> None:
        """Create an account from an entry of the file, unless its name or address is taken."""
        username, email = str(entry.get("username", "")), str(entry.get("email", ""))
        if any(username == other.username or email == other.email for other in self):
            return
        # 24 hexadecimal digits, the form of an ObjectId of MongoDB.
        id_ = secrets.token_hex(12)
        password = str(entry.get("password", ""))
        self._by_id[id_] = FunctionalAccount(id_, username, email, password, _groups(entry))

    def __iter__(self) -> Iterator[FunctionalAccount]:
        return iter(self._by_id.values())

    def by_id(self, id_: str) -> FunctionalAccount | None:
        """Return the account with this id."""
        return self._by_id.get(id_)

    def named(self, username: object) -> FunctionalAccount | None:
        """Return the account with this user name."""
        return next((account for account in self if account.username == username), None)

    def log_in(self, username: object, password: object) -> FunctionalAccount | None:
        """Return the account if name and password match, now with the static access groups.

        Returns None for a wrong name or password. An account without a password in the file has an
        empty one here.
        """
        account = self.named(username)
        if account is None or not isinstance(password, str):
            return None
        # As bytes: compare_digest refuses texts that are not ASCII.
        if not secrets.compare_digest(account.password.encode(), password.encode()):
            return None
        groups = tuple(dict.fromkeys((*account.groups, *self.static_groups)))
        self._by_id[account.id] = account = replace(account, groups=groups)
        return account


def _groups(entry: dict[str, object]) -> tuple[str, ...]:
    role = entry.get("role")
    # A list since v4.27.0, one text before.
    roles = role if isinstance(role, list) else [role]
    names = [name for name in roles if isinstance(name, str) and name.strip()]
    # Behind the roles: v3 may take the first group as the owner group (v3.owner-group).
    if truthy(entry.get("global")):
        names.append("globalaccess")
    return tuple(dict.fromkeys(names))


def _entries(path: Path) -> list[dict[str, object]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        # A missing file is no error: the backend starts without accounts.
        return []
    try:
        entries = parse_json(text)
    except ValueError as error:
        raise BootFailure(f"SyntaxError: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BootFailure(f"TypeError: {path} is not a list of accounts")
    return entries
