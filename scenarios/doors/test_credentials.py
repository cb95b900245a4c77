"""Only a genuine Bearer token authenticates: no other header, cookie, parameter or signature does.

Source: specification: token (documentation: Migration.md; observed v4.20.2 to v5.2.1). Each
credential stands for an admin who may do everything. A caller without a token is refused here, so a
reply of success shows that the credential was accepted.
"""

from __future__ import annotations

import base64
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.matchers import holds, is_same_as
from scicat_harness.judge.must import must_not_be_logged
from scicat_harness.judge.pinned import since_v5_2
from scicat_harness.judge.trial import Trial
from scicat_harness.model.identity import ANONYMOUS
from scicat_harness.model.release import SESSION_EXPIRY_REPORTED, ByRelease
from scicat_harness.model.request import JobOwnership
from scicat_harness.scenarios.jobs import OPERATOR, STATUS

ONLY_BEARER = "a caller without a genuine Bearer token is anonymous (documentation: Migration.md)"
UPDATE_LOGGED = "the log names the job of each update, though there is none (observed v5.2.1)"
Headers = Mapping[str, str]


def _basic(trial: Trial) -> Headers:
    encoded = base64.b64encode(f"{OPERATOR.name}:{trial.token_of(OPERATOR.name)}".encode())
    return {"Authorization": f"Basic {encoded.decode()}"}


def _in_header(name: str, form: str = "{}") -> Callable[[Trial], Headers]:
    return lambda trial: {name: form.format(trial.token_of(OPERATOR.name))}


HEADERS: dict[str, Callable[[Trial], Headers]] = {
    "bare": _in_header("Authorization"),
    "token-scheme": _in_header("Authorization", "Token {}"),
    "jwt-scheme": _in_header("Authorization", "JWT {}"),
    "basic": _basic,
    "x-authorization": _in_header("X-Authorization", "Bearer {}"),
    "proxy-authorization": _in_header("Proxy-Authorization", "Bearer {}"),
    "x-access-token": _in_header("X-Access-Token"),
    "cookie-jwt": _in_header("Cookie", "jwt={}"),
    "cookie-access-token": _in_header("Cookie", "access_token={}"),
    "cookie-authorization": _in_header("Cookie", "Authorization=Bearer {}"),
    "x-forwarded-user": lambda _: {"X-Forwarded-User": OPERATOR.name},
    "x-remote-user": lambda _: {"X-Remote-User": OPERATOR.name},
    "x-forwarded-groups": lambda _: {"X-Forwarded-Groups": OPERATOR.groups[0]},
}

QUERIES: dict[str, Callable[[str], dict[str, str]]] = {
    "access-token": lambda token: {"access_token": token},
    "token": lambda token: {"token": token},
    "authorization": lambda token: {"authorization": f"Bearer {token}"},
}


def refused(trial: Trial, headers: Headers, params: dict[str, str] | None = None) -> None:
    """A list, a create and a delete of an admin are refused as those of an anonymous caller."""
    mark = trial.marks()
    body = {"type": "admin_access", "jobParams": mark, "contactEmail": "c@elsewhere.example"}
    tries: list[tuple[str, str, Any]] = [
        ("GET", "v4/jobs", None),
        ("POST", "v4/jobs", body),
        ("DELETE", "v4/jobs/00000000-0000-4000-8000-000000000000", None),
    ]
    for method, path, sent in tries:
        reply = trial.request(ANONYMOUS, method, path, sent, headers=headers, params=params)
        reply.must_answer(403, because=ONLY_BEARER)


@pytest.mark.parametrize("name", HEADERS)
def test_header(name: str, trial: Trial) -> None:
    """A token or a name in another place than ``Authorization: Bearer`` is not looked at."""
    refused(trial, HEADERS[name](trial))


@pytest.mark.parametrize("name", QUERIES)
def test_query(name: str, trial: Trial) -> None:
    """A token in the query needs the name access_token and the word Bearer."""
    # Not the one that the run works with: addresses of requests are logged.
    claims = {**_claims(trial), "jti": "sent in an address"}
    token = jwt.encode(claims, trial.signing_key(OPERATOR), algorithm="HS256")
    refused(trial, {}, QUERIES[name](token))


def _claims(trial: Trial) -> dict[str, Any]:
    token = trial.token_of(OPERATOR.name)
    if not token:
        trial.not_verifiable("needs a token of an admin to forge another", OPERATOR)
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def _unsigned(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", algorithm="none")


def _with_key(key: str, algorithm: str = "HS256") -> Callable[[dict[str, Any]], str]:
    # HMAC pads a key with zeros: a short one in this form signs like the bare one, and passes the
    # check of its length.
    return lambda claims: jwt.encode(claims, key.encode().ljust(64, b"\0"), algorithm=algorithm)


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "no-algorithm": _unsigned,
    "no-algorithm-in-capitals": lambda claims: _recoded(claims, "NONE"),
    "no-signature": lambda claims: _unsigned(claims).rpartition(".")[0] + ".",
    "empty-key": _with_key(""),
    "key-secret": _with_key("secret"),
    "key-scicat": _with_key("scicat"),
    "key-jwt-secret": _with_key("jwt_secret"),
    "key-default": _with_key("defaultSecret"),
    "key-changeme": _with_key("changeme"),
    "other-hash": _with_key("another", "HS512"),
    "other-claims": lambda claims: _spliced(claims),
}


def _recoded(claims: dict[str, Any], algorithm: str) -> str:
    header = base64.urlsafe_b64encode(f'{{"alg":"{algorithm}","typ":"JWT"}}'.encode())
    return f"{header.decode().rstrip('=')}.{_unsigned(claims).split('.')[1]}."


def _spliced(claims: dict[str, Any]) -> str:
    """The claims of an admin with the signature of other claims."""
    head, body, _ = _with_key("another")(claims).split(".")
    signature = _with_key("another")({**claims, "iat": 1}).split(".")[2]
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize("name", FORGED)
def test_forged_token(name: str, trial: Trial) -> None:
    """A token that the backend did not sign is no token."""
    refused(trial, {"Authorization": f"Bearer {FORGED[name](_claims(trial))}"})


OUT_OF_TIME: dict[str, ByRelease[int]] = {
    "exp": ByRelease(403, ((SESSION_EXPIRY_REPORTED, 401),)),
    "nbf": ByRelease(403),
}


@pytest.mark.parametrize("name", list(OUT_OF_TIME))
def test_genuine_token_out_of_its_time(name: str, trial: Trial) -> None:
    """A token that has expired, or is not valid yet, lets nobody in."""
    key = trial.signing_key(OPERATOR)
    now = int(time.time())
    times = {"exp": {"iat": now - 120, "exp": now - 5}, "nbf": {"nbf": now + 3600}}[name]
    token = jwt.encode({**_claims(trial), **times}, key, algorithm="HS256")
    headers = {"Authorization": f"Bearer {token}"}
    status = OUT_OF_TIME[name].at(trial.release)
    reply = trial.request(ANONYMOUS, "GET", "v4/jobs", headers=headers)
    reply.must_answer(status, because=ONLY_BEARER)
    # No other request may carry this token in its address: it is logged there.
    params = {"access_token": f"Bearer {token}"}
    reply = trial.request(ANONYMOUS, "GET", "v4/jobs", params=params)
    reply.must_answer(status, because=ONLY_BEARER)


def test_groups_in_a_genuine_token(trial: Trial) -> None:
    """Groups come from the account, not from the claims."""
    key, who = trial.signing_key(OPERATOR), SITE.identity("outsider")
    claims = jwt.decode(trial.token_of(who.name), options={"verify_signature": False})
    groups = {"groups": list(OPERATOR.groups), "currentGroups": list(OPERATOR.groups)}
    token = jwt.encode({**claims, **groups}, key, algorithm="HS256")
    headers = {"Authorization": f"Bearer {token}"}
    body = {"type": "admin_access", "jobParams": trial.marks(), "ownerGroup": OPERATOR.groups[0]}
    reply = trial.request(ANONYMOUS, "POST", "v4/jobs", body, headers=headers)
    status = since_v5_2(403, before=400).at(trial.release)
    reply.must_answer(status, because="groups are those of the account (observed v5.2.1)")


def test_token_in_a_body(trial: Trial) -> None:
    """A token in the body of a create is no credential."""
    token = jwt.encode({**_claims(trial), "jti": "sent in a body"}, trial.signing_key(OPERATOR))
    body = {"type": "admin_access", "jobParams": trial.marks(), "access_token": token}
    trial.request(ANONYMOUS, "POST", "v4/jobs", body).must_answer(
        400, because=ONLY_BEARER, message="property access_token should not exist"
    )


def test_token_of_a_user_who_is_gone(trial: Trial) -> None:
    """The id in a token counts: with an id of nobody, the name of an admin gives no rights."""
    gone = {**_claims(trial), "_id": "000000000000000000000000"}
    token = jwt.encode(gone, trial.signing_key(OPERATOR), algorithm="HS256")
    headers = {"Authorization": f"Bearer {token}"}
    job = trial.stored_job("all_access", JobOwnership("user5s", "user5", "group5"))["id"]
    body = {"type": "admin_access", "jobParams": trial.marks(), "ownerGroup": "group5"}
    for path in (f"v4/jobs/{job}", f"v3/jobs/{job}"):
        reply = trial.request(ANONYMOUS, "GET", path, headers=headers)
        reply.must_answer(403, because=ONLY_BEARER)
    status = since_v5_2(403, before=400).at(trial.release)
    reply = trial.request(ANONYMOUS, "POST", "v4/jobs", body, headers=headers)
    reply.must_answer(status, because=ONLY_BEARER)


@pytest.mark.parametrize("who", ["user1", "nobody-of-this-name"])
def test_failed_login(who: str, trial: Trial) -> None:
    """The reply does not say whether there is such a user, and no password is logged."""
    word = trial.new_mark()
    reply = trial.request(ANONYMOUS, "POST", "v3/auth/login", {"username": who, "password": word})
    reply.must_answer(401, because=ONLY_BEARER, message="Unauthorized")
    later = str(uuid.uuid4())
    trial.patch(OPERATOR, {"id": later}, STATUS).must_answer(400, because=UPDATE_LOGGED)
    must_not_be_logged(
        reply.log, re.escape(word), until=later, what="whether the password is logged"
    )


LOGINS: dict[str, Callable[[str, str], tuple[Any, Any]]] = {
    "e-mail-address": lambda name, password: (f"{name}@facility.example", password),
    "name-in-capitals": lambda name, password: (name.upper(), password),
    "name-and-a-space": lambda name, password: (f"{name} ", password),
    "condition-as-name": lambda name, password: ({"$eq": name}, password),
    "list-as-name": lambda name, password: ([name], password),
    "half-the-password": lambda name, password: (name, password[: len(password) // 2]),
    "password-and-more": lambda name, password: (name, f"{password}x"),
    "password-in-capitals": lambda name, password: (name, password.swapcase()),
    "condition-as-password": lambda name, _: (name, {"$ne": ""}),
    "no-password": lambda name, _: (name, ""),
    "password-null": lambda name, _: (name, None),
}


@pytest.mark.parametrize("row", LOGINS)
def test_almost_a_login(row: str, trial: Trial) -> None:
    """The name and the password of an account log in, and nothing that resembles them."""
    name, password = LOGINS[row]("user1", trial.password_of(SITE.identity("user1")))
    body = {"username": name, "password": password}
    reply = trial.request(ANONYMOUS, "POST", "v3/auth/login", body)
    reply.must_answer(401, because=ONLY_BEARER, message="Unauthorized")


def test_the_password_of_somebody_else(trial: Trial) -> None:
    """It logs nobody in under another name."""
    body = {"username": "user1", "password": trial.password_of(SITE.identity("user2"))}
    reply = trial.request(ANONYMOUS, "POST", "v3/auth/login", body)
    reply.must_answer(401, because=ONLY_BEARER, message="Unauthorized")


ABOUT_A_USER = {
    "v3/users/my/self": ("__v", "_id", "authStrategy", "email", "id", "username"),
    "v3/auth/whoami": ("_id", "authStrategy", "currentGroups", "email", "username"),
}


@pytest.mark.parametrize("path", ABOUT_A_USER)
def test_who_i_am(path: str, trial: Trial) -> None:
    """A user is told about themselves, and no secret; every reply is searched for those."""
    reply = trial.request(SITE.identity("user1"), "GET", path)
    reply.must_answer(
        200,
        holds({"username": "user1"}),
        is_same_as(list(ABOUT_A_USER[path]), sorted),
        because=ONLY_BEARER,
    )


def test_another_token_in_the_query(trial: Trial) -> None:
    """The token in the header counts."""
    claims = {**_claims(trial), "jti": "sent in an address, too"}
    token = jwt.encode(claims, trial.signing_key(OPERATOR), algorithm="HS256")
    params = {"access_token": f"Bearer {token}"}
    reply = trial.request(SITE.identity("user1"), "GET", "v3/auth/whoami", params=params)
    reply.must_answer(200, holds({"username": "user1"}), because=ONLY_BEARER)
