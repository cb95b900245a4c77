"""Bearer tokens: issue them, and find the caller of a presented one.

See specification: token. A token that does not verify makes the caller anonymous; only a genuine
but expired one is refused.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from scicat_harness.embedded.access import ANONYMOUS, RequestCaller
from scicat_harness.embedded.accounts import FunctionalAccount, FunctionalAccounts
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import denial

__all__ = ["Tokens"]

_BEARER = re.compile(r"(\S+)\s+(\S+)")
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}")
_ALGORITHMS = ["HS256", "HS384", "HS512"]
# The library of the real backend checks these claims only on request; PyJWT checks them always.
_UNCHECKED = {
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues and verifies tokens with one secret; ``lifetime`` is in seconds."""

    secret: str
    lifetime: int
    accounts: FunctionalAccounts
    defect: Defects

    @property
    def _key(self) -> bytes:
        # HMAC pads short keys with zeros itself, so padding changes no signature.
        return self.secret.encode().ljust(64, b"\0")

    def issue(self, account: FunctionalAccount) -> str:
        """Return a login token of an account."""
        return self.sign(account.document())

    def issue_for(self, caller: RequestCaller) -> str:
        """Return a token for a caller, for an anonymous one with the user name ``anonymous``."""
        account = self.accounts.by_id(caller.id or "")
        return self.issue(account) if account else self.sign({"username": caller.username})

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return a genuine token with these claims, which begins now."""
        issued = int(time.time())
        claims = {**claims, "iat": issued, "exp": issued + self.lifetime}
        return jwt.encode(claims, self._key, algorithm="HS256")

    def caller(self, authorization: str | None, query: str | None) -> RequestCaller:
        """Return the caller of a request, given its header and its query parameter.

        ``query`` is the parameter ``access_token``, which needs the word ``Bearer``, too. Without a
        valid token the caller is anonymous. Raises HttpFailure: 401 for a genuine, expired token.
        """
        token = self._bearer(authorization) or self._bearer(query)
        if token is None:
            return ANONYMOUS
        try:
            claims = self._claims(token)
        # PyJWT verifies the signature first, so an expired forgery is not refused but anonymous.
        except jwt.ExpiredSignatureError:
            if self.defect("tokens.expired-as-anonymous"):
                return ANONYMOUS
            raise denial(401, "SESSION_EXPIRED") from None
        except jwt.InvalidTokenError:
            if self.defect("tokens.garbage-refused"):
                raise denial(401, "Unauthorized") from None
            return ANONYMOUS
        return self._known(claims)

    def _bearer(self, text: str | None) -> str | None:
        parts = _BEARER.match(text or "")
        if parts is None:
            return None
        if self.defect("tokens.scheme-case-sensitive"):
            return parts[2] if parts[1] == "Bearer" else None
        return parts[2] if parts[1].lower() == "bearer" else None

    def _claims(self, token: str) -> dict[str, object]:
        options: dict[str, bool] = dict(_UNCHECKED)
        if self.defect("tokens.expired-accepted"):
            options["verify_exp"] = False
        if self.defect("tokens.signature-unchecked"):
            options["verify_signature"] = False
        claims: dict[str, object] = jwt.decode(
            token,
            self._key,
            algorithms=_ALGORITHMS,
            options=options,  # type: ignore[arg-type]
        )
        return claims

    def _known(self, claims: dict[str, object]) -> RequestCaller:
        id_, username, email = (claims.get(key) for key in ("_id", "username", "email"))
        # An id of any other form cannot be that of an account; the caller counts as anonymous.
        if id_ is not None and not (isinstance(id_, str) and _OBJECT_ID.fullmatch(id_)):
            return ANONYMOUS
        # Groups come from the account, never from the token (specification: identity.kinds).
        account = self.accounts.by_id(id_) if isinstance(id_, str) else None
        if account is None and self.defect("tokens.unknown-user-refused"):
            raise denial(401, "Unauthorized")
        groups = account.groups if account else ()
        if id_ is None and self.defect("tokens.anonymous-jwt-has-groups"):
            groups = tuple(sorted({group for other in self.accounts for group in other.groups}))
        return RequestCaller(
            username if isinstance(username, str) else "",
            email if isinstance(email, str) else None,
            groups,
            id_,
        )
