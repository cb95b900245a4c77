"""The endpoints of logins: log in, log out, and show the current user.

See specification: login, token.
"""

from starlette.responses import Response

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.beside.logins import logged_in
from scicat_harness.embedded.failures import HttpFailure, denial
from scicat_harness.embedded.javascript import now
from scicat_harness.embedded.replies import empty, json_reply
from scicat_harness.embedded.requests import JobRequest

__all__ = ["issue_jwt", "log_in", "log_out", "my_self", "trap", "who_am_i"]


async def log_in(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``POST /auth/login``: 201 with a token, or 401 without a status text.

    The token is in ``access_token`` and ``id``, its lifetime in seconds in ``expires_in`` and
    ``ttl``.
    """
    body = call.document
    name, password = body.get("username"), body.get("password")
    account = logged_in(backend.accounts, backend.defect, name, password)
    if account is None:
        # Unlike shape A this body has no reason phrase (specification: login).
        raise HttpFailure(401, {"message": "Unauthorized", "statusCode": 401})
    token = backend.tokens.issue(account)
    lifetime = backend.settings.jwt_expires_in
    content = {
        "access_token": token,
        "id": token,
        "expires_in": lifetime,
        "ttl": lifetime,
        "created": now(),
        "userId": account.id,
        "user": account.document(),
    }
    return json_reply(content, 201)


async def log_out(_backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``POST /auth/logout``; the token stays valid, as no session is stored."""
    if not call.caller.authenticated:
        raise HttpFailure(401, "Not logged in")
    return json_reply({"logout": "successful"})


async def who_am_i(_backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /auth/whoami``, with an empty body for an anonymous caller."""
    caller = call.caller
    if not caller.authenticated:
        return empty()
    known = {"_id": caller.id, "username": caller.username, "email": caller.email}
    content: dict[str, object] = {key: value for key, value in known.items() if value is not None}
    return json_reply({**content, "currentGroups": list(caller.groups), "authStrategy": "local"})


async def my_self(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /users/my/self``; 401 for an anonymous caller."""
    if not call.caller.authenticated:
        raise denial(401, "Unauthenticated")
    # A token of an unknown user is valid; then there is no account to show.
    account = backend.accounts.by_id(call.caller.id or "")
    return json_reply(account.document()) if account else empty()


async def trap(_backend: EmbeddedBackend, _call: JobRequest) -> Response:
    """Answer ``POST /users/login`` with 201 and an empty body; nobody is logged in."""
    return empty(201)


async def issue_jwt(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``POST /users/jwt`` with a token, even for an anonymous caller."""
    return json_reply({"jwt": backend.tokens.issue_for(call.caller)}, 201)
