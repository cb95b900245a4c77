"""Ways to log in: with an account of the backend, of an LDAP service, or of an OpenID provider.

Source: specification: login.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["LOCAL", "Login", "LoginWay"]


class LoginWay(StrEnum):
    """The service that knows the user."""

    LOCAL = "local"
    LDAP = "ldap"
    OIDC = "oidc"


_PATHS = {
    LoginWay.LOCAL: "/api/v3/auth/login",
    LoginWay.LDAP: "/api/v3/auth/ldap",
    LoginWay.OIDC: "/api/v3/auth/oidc/token",
}


@dataclass(frozen=True, slots=True)
class Login:
    """How a user logs in; ``name`` is the name there, "" for the one that SciCat uses, too.

    The secret of ``oidc`` is an ID token of the provider, that of the others a password.
    """

    way: LoginWay = LoginWay.LOCAL
    name: str = ""

    @property
    def path(self) -> str:
        """The path of the endpoint."""
        return _PATHS[self.way]

    def body(self, user: str, secret: str) -> dict[str, str]:
        """Return the body of the request for a user of SciCat."""
        if self.way is LoginWay.OIDC:
            return {"idToken": secret}
        return {"username": self.name or user, "password": secret}


LOCAL = Login()
