"""Logins: one token per identity and run, by login where there is an account, else made here."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import jwt

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import HttpRequest, Transport
from scicat_harness.config.login import LOCAL, Login, LoginWay
from scicat_harness.config.startup import Secrets
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.identity import Identity, Token
from scicat_harness.model.site import Site
from scicat_harness.secrets import hide

__all__ = ["Logins"]

_LONGEST = 200


@dataclass(slots=True)
class Logins:
    """Makes the tokens of identities.

    ``given`` are tokens that the user supplied, by name of the identity; they are used as they
    are. ``missing`` collects identities whose token cannot be made here, with the reason.
    """

    transport: Transport
    secrets: Secrets
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    missing: dict[str, str] = field(default_factory=dict)

    def tokens_for(self, site: Site) -> dict[str, str | None]:
        """Return one token per identity of the site, by name; None for no header.

        Identities that cannot have one are left out, and in ``missing``. Raises EnvironmentFault
        when a login fails. All tokens and passwords are masked in texts from then on.
        """
        # Before the first login, whose failure may quote what was sent.
        hide(self.secrets.jwt, *self.secrets.passwords.values(), *self.given.values())
        made: dict[str, str | None] = {}
        for identity in site.identities.values():
            try:
                made[identity.name] = self._token(identity)
            except _CannotMake as reason:
                self.missing[identity.name] = str(reason)
        hide(*made.values())
        return made

    def _token(self, identity: Identity) -> str | None:
        if identity.name in self.given:
            return self.given[identity.name]
        if identity.token is Token.NONE:
            return None
        if identity.token is Token.GARBAGE:
            return "nobody-issued-this"
        if identity.token is Token.ANONYMOUS_JWT:
            return self._anonymous_jwt()
        # The claims are genuine, only the signature is not.
        if identity.token is Token.FOREIGN_SIGNATURE:
            return self._signed(identity, "another-secret-than-the-backend-has", lifetime=3600)
        if identity.token is Token.EXPIRED:
            if not self.secrets.jwt:
                raise _CannotMake("an expired token needs the backend's JWT_SECRET")
            return self._signed(identity, self.secrets.jwt, lifetime=-60)
        return self._login(identity)

    def _login(self, identity: Identity) -> str:
        password = self.secrets.passwords.get(identity.name)
        if password is None:
            raise _CannotMake("the accounts file has neither password nor token for it")
        login = self.secrets.logins.get(identity.name, LOCAL)
        body = json.dumps(login.body(identity.name, password))
        reply = self.transport.send(HttpRequest("POST", login.path, identity.name, body=body))
        found = reply.json.get("access_token") if isinstance(reply.json, dict) else None
        if reply.status != 201 or not isinstance(found, str):
            raise EnvironmentFault(f"login of {identity.name!r} failed: {_why(reply, login)}")
        return found

    def _signed(self, identity: Identity, secret: str, *, lifetime: int) -> str:
        """Return a token as the backend would issue it, signed with this secret.

        ``lifetime`` is in seconds from now; a negative one makes an expired token.
        """
        # A real login first, for the claims: they have the user's id in the database.
        real = self._login(identity)
        claims = jwt.decode(real, options={"verify_signature": False})
        now = int(time.time())
        # Issued two minutes ago, so that an expired one was issued before it expired.
        return jwt.encode(
            {**claims, "iat": now - 120, "exp": now + lifetime}, secret, algorithm="HS256"
        )

    def _anonymous_jwt(self) -> str:
        # Issued to anybody, for a user called anonymous (specification: token).
        reply = self.transport.send(HttpRequest("POST", "/api/v3/users/jwt"))
        found = reply.json.get("jwt") if isinstance(reply.json, dict) else None
        if not isinstance(found, str):
            raise _CannotMake(f"POST /api/v3/users/jwt answered {reply.status} without a token")
        return found


def _why(reply: Exchange, login: Login) -> str:
    """Return the cause of a refused login, and the fix."""
    if reply.status == HTTPStatus.UNAUTHORIZED and login.way is LoginWay.LDAP:
        return (
            "the backend, or its LDAP service, refuses this name and password (401). Check both, "
            "and LDAP_URL, LDAP_SEARCH_BASE and LDAP_SEARCH_FILTER of the backend"
        )
    if reply.status == HTTPStatus.UNAUTHORIZED and login.way is LoginWay.OIDC:
        return (
            f"the backend refuses the ID token ({reply.summary()[:_LONGEST]}). Check that it has "
            "not expired, and that it is for OIDC_CLIENT_ID of the backend"
        )
    if reply.status == HTTPStatus.NOT_FOUND:
        return (
            f"there is no {login.path} (404). Check that the release has it, and that the backend "
            f"is set up for {login.way}"
        )
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return (
            "the backend refuses this password (401). Either the account is not there: start the "
            "backend with the accounts of this run (scicat-harness config DIR). Or its database "
            "keeps the password of an earlier start, for accounts that exist are not changed: give "
            "that password, or remove the account from the database"
        )
    if reply.status == HTTPStatus.FORBIDDEN:
        return (
            f"it is forbidden ({reply.summary()}). Check whether a firewall or a lock on this "
            "address refuses it"
        )
    if reply.status == HTTPStatus.CREATED:
        return (
            f"the reply has no access_token ({reply.summary()[:_LONGEST]}). Check that this is the "
            "address of a SciCat backend"
        )
    return f"the reply is {reply.summary()[:_LONGEST]}"


class _CannotMake(Exception):
    """The token of an identity cannot be made here; the message says why."""
