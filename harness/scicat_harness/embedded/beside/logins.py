"""Defects by which something logs in that only resembles a name and its password."""

from collections.abc import Callable
from typing import Any

from scicat_harness.embedded.accounts import FunctionalAccount, FunctionalAccounts
from scicat_harness.embedded.beside.table import Table
from scicat_harness.embedded.defects import Defects

__all__ = ["LOGINS", "logged_in"]

LOGINS: Table[Callable[[FunctionalAccounts, Any, Any], tuple[Any, Any]]] = Table("logins")
"""Each returns the name and the password that count in place of the ones that were sent."""


def logged_in(
    accounts: FunctionalAccounts, defect: Defects, name: Any, password: Any
) -> FunctionalAccount | None:
    """Return the account that a name and a password log in; None if they do not."""
    damage = LOGINS.selected(defect)
    if damage is not None:
        name, password = damage(accounts, name, password)
    return accounts.log_in(name, password)


@LOGINS.add("login.by-address", "The e-mail address of an account stands for its name.")
def _(accounts: FunctionalAccounts, name: Any, password: Any) -> tuple[Any, Any]:
    found = next((each for each in accounts if each.email == name), None)
    return (found.username if found is not None else name), password


@LOGINS.add("login.name-in-other-letters", "Capitals and spaces of a name do not matter.")
def _(_accounts: FunctionalAccounts, name: Any, password: Any) -> tuple[Any, Any]:
    return str(name).strip().lower(), password


@LOGINS.add("login.name-as-a-condition", "A condition of MongoDB stands for a name.")
def _(_accounts: FunctionalAccounts, name: Any, password: Any) -> tuple[Any, Any]:
    return (name.get("$eq") if isinstance(name, dict) else name), password


@LOGINS.add("login.half-the-password", "The beginning of a password is enough.")
def _(accounts: FunctionalAccounts, name: Any, password: Any) -> tuple[Any, Any]:
    found = accounts.named(name)
    enough = found is not None and password and found.password.startswith(str(password))
    return name, (found.password if found is not None and enough else password)


@LOGINS.add("login.any-password", "The password does not matter.")
def _(accounts: FunctionalAccounts, name: Any, password: Any) -> tuple[Any, Any]:
    found = accounts.named(name)
    return name, (found.password if found is not None else password)
