"""The users: functional accounts from a file, their passwords and their groups.

See specification: accounts. Groups are the roles of an account, ``globalaccess`` if it is global;
the static access groups join them when it logs in.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from scicat_harness.embedded.access import RequestCaller
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.javascript import parse_json

__all__ = ["FunctionalAccount", "FunctionalAccounts"]


@dataclass(frozen=True, slots=True)
class FunctionalAccount:
    """One local user."""

    id: str
    username: str
    email: str
    password: str
    groups: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """What the API shows of a user."""
        return {
            "username": self.username,
            "email": self.email,
            "authStrategy": "local",
            "_id": self.id,
            "__v": 0,
            "id": self.id,
        }

    def caller(self) -> RequestCaller:
        """The account as somebody who calls."""
        return RequestCaller(self.username, self.email, self.groups, self.id)


@dataclass(slots=True)
class FunctionalAccounts:
    """All users of one backend, by name and by id."""

    static_groups: tuple[str, ...] = ()
    _by_id: dict[str, FunctionalAccount] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        path: Path,
        static_groups: tuple[str, ...] = (),
        known: tuple[FunctionalAccount, ...] = (),
    ) -> "FunctionalAccounts":
        """The known accounts and those of a file; a file that does not exist holds none."""
        accounts = cls(
            tuple(group for group in static_groups if group),
            {account.id: account for account in known},
        )
        for entry in _entries(path):
            accounts.add(entry)
        return accounts

    def add(self, entry: dict[str, object]) -> None:
        """Create an account unless its name or e-mail address is taken."""
        username, email = str(entry.get("username", "")), str(entry.get("email", ""))
        if any(username == other.username or email == other.email for other in self):
            return
        id_ = secrets.token_hex(12)
        password = str(entry.get("password", ""))
        self._by_id[id_] = FunctionalAccount(id_, username, email, password, _groups(entry))

    def __iter__(self) -> Iterator[FunctionalAccount]:
        return iter(self._by_id.values())

    def by_id(self, id_: str) -> FunctionalAccount | None:
        """The account of an id."""
        return self._by_id.get(id_)

    def named(self, username: object) -> FunctionalAccount | None:
        """The account of a name."""
        return next((account for account in self if account.username == username), None)

    def log_in(self, username: object, password: object) -> FunctionalAccount | None:
        """The account if name and password fit; it gains the static access groups."""
        account = self.named(username)
        if account is None or not isinstance(password, str):
            return None
        if not secrets.compare_digest(account.password.encode(), password.encode()):
            return None
        groups = tuple(dict.fromkeys((*account.groups, *self.static_groups)))
        self._by_id[account.id] = account = replace(account, groups=groups)
        return account


def _groups(entry: dict[str, object]) -> tuple[str, ...]:
    role = entry.get("role")
    roles = role if isinstance(role, list) else [role]
    names = [name for name in roles if isinstance(name, str) and name.strip()]
    if entry.get("global") is True:
        names.append("globalaccess")
    return tuple(dict.fromkeys(names))


def _entries(path: Path) -> list[dict[str, object]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    try:
        entries = parse_json(text)
    except ValueError as error:
        raise BootFailure(f"SyntaxError: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BootFailure(f"TypeError: {path} is not a list of accounts")
    return entries
