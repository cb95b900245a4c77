"""Defects by which a request is authenticated that has no valid Bearer token."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jwt

from scicat_harness.embedded.accounts import FunctionalAccounts
from scicat_harness.embedded.beside.table import Table

__all__ = ["CREDENTIALS", "Presented"]

_ALGORITHMS = ["HS256"]
_WELL_KNOWN = ("secret", "scicat", "defaultSecret", "changeme", "jwt_secret")


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request presents: its headers in lower case and its query."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    accounts: FunctionalAccounts
    genuine: Callable[[Mapping[str, object]], str]
    """Signs claims with the secret of the backend."""

    @property
    def token(self) -> str:
        """The token of the ``Authorization`` header, "" without one."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def reissued(
        self, key: str, algorithms: list[str] | None = None, **options: bool
    ) -> str | None:
        """Return a genuine token with the claims of one that this key signs; None for others."""
        try:
            claims = jwt.decode(
                self.token,
                key.encode().ljust(32, b"\0"),
                algorithms=algorithms or _ALGORITHMS,
                options={"verify_aud": False, **options},  # type: ignore[arg-type]
            )
        except jwt.InvalidTokenError:
            return None
        return self.genuine(claims)

    def login_of(self, username: str) -> str | None:
        """Return a genuine token of an account; None if there is none."""
        for account in self.accounts:
            if account.document()["username"] == username:
                return self.genuine(account.document())
        return None


CREDENTIALS: Table[Callable[[Presented], str | None]] = Table("credentials")
"""Each returns the token that counts in place of the presented one; None to leave it."""


@CREDENTIALS.add("credentials.cookie-accepted", "A token in a cookie is accepted.")
def _(seen: Presented) -> str | None:
    for each in seen.headers.get("cookie", "").split(";"):
        _, _, value = each.strip().partition("=")
        if value.startswith("eyJ"):
            return value
    return None


@CREDENTIALS.add(
    "credentials.bare-query-accepted", "A token in the query is accepted without Bearer."
)
def _(seen: Presented) -> str | None:
    return seen.query.get("access_token") or seen.query.get("token")


@CREDENTIALS.add("credentials.basic-accepted", "A user name in Basic credentials is believed.")
def _(seen: Presented) -> str | None:
    scheme, _, encoded = seen.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name = base64.b64decode(encoded).decode("utf-8", "replace").partition(":")[0]
    except ValueError:
        return None
    return seen.login_of(name)


@CREDENTIALS.add("credentials.forwarded-user-accepted", "X-Forwarded-User is believed.")
def _(seen: Presented) -> str | None:
    name = seen.headers.get("x-forwarded-user") or seen.headers.get("x-remote-user")
    return seen.login_of(name) if name else None


@CREDENTIALS.add("credentials.none-algorithm-accepted", "A token without a signature is accepted.")
def _(seen: Presented) -> str | None:
    try:
        header = jwt.get_unverified_header(seen.token)
        claims = jwt.decode(seen.token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    return seen.genuine(claims) if str(header.get("alg")).lower() == "none" else None


@CREDENTIALS.add(
    "credentials.empty-secret-accepted", "A token signed with an empty key is accepted."
)
def _(seen: Presented) -> str | None:
    return seen.reissued("")


@CREDENTIALS.add(
    "credentials.well-known-secret-accepted", "A token signed with a usual key is accepted."
)
def _(seen: Presented) -> str | None:
    return next(filter(None, (seen.reissued(key) for key in _WELL_KNOWN)), None)


@CREDENTIALS.add("credentials.bare-token-accepted", "Without the word Bearer a token is accepted.")
def _(seen: Presented) -> str | None:
    bare = seen.headers.get("authorization", "")
    return bare if bare.startswith("eyJ") else None
