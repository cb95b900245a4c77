"""Logging in, tokens of every quality, and the body parsers."""

import time
from typing import Any

import jwt
import pytest

from .facility import Build, World

KEY = b"secret".ljust(64, b"\0")
EXPIRED = {"message": "SESSION_EXPIRED", "error": "Unauthorized", "statusCode": 401}
LOGIN = "/api/v3/auth/login"
WHOAMI = "/api/v3/auth/whoami"


def token(**claims: Any) -> str:
    return jwt.encode(claims, KEY, algorithm="HS256")


def test_login(world: World) -> None:
    answer = world.ask(None, "POST", LOGIN, {"username": "user1", "password": "pw"})
    assert answer.status == 201
    body = answer.json
    assert list(body) == ["access_token", "id", "expires_in", "ttl", "created", "userId", "user"]
    assert body["user"]["username"] == "user1"
    claims = jwt.decode(body["id"], KEY, algorithms=["HS256"])
    assert list(claims) == [
        "username", "email", "authStrategy", "_id", "__v", "id", "iat", "exp",
    ]  # fmt: skip
    assert claims["exp"] - claims["iat"] == 3600
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (
        world.client.ask("POST", LOGIN, b"username=user1&password=pw", headers=form).status == 201
    )


@pytest.mark.parametrize("body", [{}, {"username": "user1", "password": "x"}, {"username": "x"}])
def test_wrong_credentials(world: World, body: dict[str, str]) -> None:
    answer = world.ask(None, "POST", LOGIN, body)
    assert (answer.status, answer.json) == (401, {"message": "Unauthorized", "statusCode": 401})


def test_who_is_calling(world: World) -> None:
    assert world.ask("user1", "GET", WHOAMI).json["currentGroups"] == ["g1", "g5"]
    assert world.ask("loner", "GET", WHOAMI).json["currentGroups"] == []
    assert world.ask(None, "GET", WHOAMI).text == ""
    assert world.ask("user1", "GET", "/api/v3/users/my/self").json["username"] == "user1"
    answer = world.ask(None, "GET", "/api/v3/users/my/self")
    assert answer.json == {
        "message": "Unauthenticated",
        "error": "Unauthorized",
        "statusCode": 401,
    }


def test_logging_out(world: World) -> None:
    answer = world.ask("user1", "POST", "/api/v3/auth/logout")
    assert (answer.status, answer.json) == (200, {"logout": "successful"})
    assert world.ask("user1", "GET", WHOAMI).json["username"] == "user1"
    answer = world.ask(None, "POST", "/api/v3/auth/logout")
    assert (answer.status, answer.json) == (401, "Not logged in")


def test_trap(world: World) -> None:
    answer = world.ask(None, "POST", "/api/v3/users/login", {"username": "user1"})
    assert (answer.status, answer.text) == (201, "")


def test_expired_everywhere(world: World) -> None:
    old = {"authorization": f"Bearer {token(username='user1', exp=int(time.time()) - 10)}"}
    for method, path in (("GET", "/api/v3/health"), ("POST", LOGIN), ("GET", "/api/v4/jobs")):
        answer = world.client.ask(method, path, {}, headers=old)
        assert (answer.status, answer.json) == (401, EXPIRED)


def bad_tokens() -> dict[str, str]:
    good = token(username="user1", _id="0" * 24)
    return {
        "garbage": "Bearer garbage",
        "wrong-signature": "Bearer " + jwt.encode({"username": "user1"}, b"x" * 64),
        "without-algorithm": "Bearer " + jwt.encode({"username": "user1"}, "", "none"),
        "no-scheme": good,
        "bad-id": f"Bearer {token(username='user1', _id='zz')}",
    }


@pytest.mark.parametrize("kind", bad_tokens())
def test_bad_tokens_are_anonymous(world: World, kind: str) -> None:
    headers = {"authorization": bad_tokens()[kind]}
    assert world.client.ask("GET", WHOAMI, headers=headers).text == ""
    body = {"type": "c-all", "jobParams": {}}
    assert world.client.ask("POST", "/api/v4/jobs", body, headers=headers).status == 201
    assert world.client.ask("GET", "/api/v4/jobs", headers=headers).status == 403


def test_unknown_user_has_no_groups(world: World) -> None:
    headers = {"authorization": f"bearer {token(username='ghost', _id='0' * 24)}"}
    answer = world.client.ask("GET", WHOAMI, headers=headers)
    assert (answer.json["username"], answer.json["currentGroups"]) == ("ghost", [])
    assert world.client.ask("GET", "/api/v4/jobs", headers=headers).json == []


def test_token_in_the_query(world: World) -> None:
    good = world.log_in("user1")
    for value, name in ((f"Bearer {good}", "user1"), (good, None)):
        answer = world.client.ask("GET", WHOAMI, query={"access_token": value})
        assert (answer.json or {}).get("username") == name


def test_anonymous_token_counts_as_a_user(world: World) -> None:
    made = world.ask(None, "POST", "/api/v3/users/jwt")
    assert made.status == 201
    headers = {"authorization": f"Bearer {made.json['jwt']}"}
    assert world.client.ask("GET", WHOAMI, headers=headers).json["currentGroups"] == []
    assert world.client.ask("GET", "/api/v4/jobs", headers=headers).json == []
    id_ = world.stored("u-all", ownerGroup="g1")
    body = {"statusCode": "s", "statusMessage": "m"}
    path = f"/api/v4/jobs/{id_}"
    assert world.client.ask("PATCH", path, body).status == 403
    assert world.client.ask("PATCH", path, body, headers=headers).status == 200


def test_static_groups_come_with_the_login(build: Build) -> None:
    world = build(environment={"ACCESS_GROUPS_STATIC_VALUES": "visitors , "})
    assert world.ask("user1", "GET", WHOAMI).json["currentGroups"] == ["g1", "g5", "visitors"]
    disabled = {"ACCESS_GROUPS_STATIC_VALUES": "visitors", "ACCESS_GROUPS_STATIC_ENABLED": "false"}
    off = build(environment=disabled)
    assert off.ask("user1", "GET", WHOAMI).json["currentGroups"] == ["g1", "g5"]


BODIES: list[tuple[str, bytes, str, int]] = [
    ("malformed", b"{", "application/json", 400),
    ("text", b'"x"', "application/json", 400),
    ("null", b"null", "application/json", 400),
    ("not-a-number", b'{"type":NaN}', "application/json", 400),
    ("other-type", b'{"type":"c-all","jobParams":{}}', "text/plain", 400),
    ("charset", b"{}", "application/json; charset=latin-1", 500),
    ("json", b'{"type":"c-all","jobParams":{}}', "application/json; charset=utf-8", 201),
    ("form", b"type=c-all&jobParams[a]=1", "application/x-www-form-urlencoded", 201),
    ("too-large", b'{"a":"' + b"x" * 2000 + b'"}', "application/json", 500),
]


@pytest.mark.parametrize(
    ("raw", "content_type", "status"), [pytest.param(*row[1:], id=row[0]) for row in BODIES]
)
def test_body_parsers(build: Build, raw: bytes, content_type: str, status: int) -> None:
    world = build(environment={"MAX_FILE_UPLOAD_SIZE": "1kb"})
    headers = {"content-type": content_type}
    answer = world.client.ask("POST", "/api/v4/jobs", raw, headers=headers)
    assert answer.status == status
    if content_type.endswith("urlencoded"):
        assert answer.json["jobParams"] == {"a": "1"}


def test_openapi(world: World) -> None:
    assert world.ask(None, "GET", "/explorer-json").json["info"]["version"] == "5.2.1"
