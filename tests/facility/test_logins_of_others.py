"""Users of an LDAP service and of an OpenID provider: a real slapd, a provider, a real backend."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
import requests

from scicat_harness.deploy.readiness import wait_healthy
from scicat_harness.processes.sockets import free_port

from ..plugin.runs import Run, harness
from ..realbackend import REAL, mongo, needs_real_backend

SLAPD = shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
BASE = "dc=facility,dc=example"
DEADLINE = 60.0
PEOPLE = f"""\
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: facility
dc: facility

dn: uid=alice.a,{BASE}
objectClass: inetOrgPerson
uid: alice.a
cn: Alice
sn: A
displayName: alice
mail: alice@facility.example
userPassword: alices-password

dn: cn=group-a,{BASE}
objectClass: groupOfNames
cn: group-a
member: uid=alice.a,{BASE}
"""
BOB = {
    "sub": "bob",
    "name": "Bob",
    "preferred_username": "bob",
    "email": "bob@facility.example",
    "groups": ["group-b"],
}
FACILITY = """\
facility: with logins of others
files: {job_config: jobConfig.yaml}
instance:
  url: URL
  people:
  - {name: root, groups: [admin], password: {env: ROOT}}
  - name: alice
    groups: [group-a]
    password: {env: ALICE}
    login: ldap
    login_name: alice.a
  - {name: bob, groups: [group-b], id_token: {env: BOB}}
  janitor: root
"""
JOBS = "configVersion: v1\njobs:\n- {jobType: t, create: {auth: '#all'}, update: {auth: '#all'}}\n"


@pytest.fixture
def ldap(tmp_path: Path) -> Iterator[str]:
    """The URL of an LDAP service that knows Alice."""
    if SLAPD is None:
        pytest.skip("needs slapd (Debian package slapd)")
    (tmp_path / "db").mkdir()
    port = free_port()
    schemas = (f"include /etc/ldap/schema/{name}.schema" for name in _SCHEMAS)
    (tmp_path / "slapd.conf").write_text("\n".join((*schemas, _SLAPD, f"directory {tmp_path}/db")))
    (tmp_path / "people.ldif").write_text(PEOPLE)
    conf = ("-f", str(tmp_path / "slapd.conf"))
    subprocess.run([SLAPD, "-T", "add", *conf, "-l", str(tmp_path / "people.ldif")], check=True)
    url = f"ldap://127.0.0.1:{port}"
    with running([SLAPD, *conf, "-h", url, "-d", "0"], port):
        yield url


_SCHEMAS = ("core", "cosine", "inetorgperson")
_SLAPD = f"""
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "{BASE}"
rootdn "cn=admin,{BASE}"
rootpw secret"""


@pytest.fixture
def provider() -> Iterator[str]:
    """The address of an OpenID provider that knows Bob."""
    if importlib.util.find_spec("oidc_provider_mock") is None:
        pytest.skip("needs oidc-provider-mock")
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port)]
    with running([*command, "--user-claims", json.dumps(BOB)], port):
        yield f"http://127.0.0.1:{port}"


@needs_real_backend
def test_people_log_in_where_they_are_known(ldap: str, provider: str, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    callback = f"{url}/api/v3/auth/oidc/callback"
    with (
        mongo() as server,
        backend(tmp_path, port, server.uri, _settings(ldap, provider, callback)),
    ):
        wait_healthy(url, deadline=DEADLINE)
        (tmp_path / "jobConfig.yaml").write_text(JOBS)
        (tmp_path / "facility.yaml").write_text(FACILITY.replace("URL", url))
        secrets = {
            "ROOT": "roots-password",
            "ALICE": "alices-password",
            "BOB": id_token(provider, callback),
        }
        looked = inspected(tmp_path, secrets)
        assert looked.code == 0, looked.output
        assert looked.says("alice: group-a", "bob: group-b")
        wrong = inspected(tmp_path, {**secrets, "ALICE": "another-password"})
        assert wrong.code == 2, wrong.output
        assert wrong.says("login of 'alice' failed", "LDAP service, refuses", "LDAP_SEARCH_FILTER")
        stale = inspected(tmp_path, {**secrets, "BOB": "no.id.token"})
        assert stale.code == 2, stale.output
        assert stale.says("login of 'bob' failed", "refuses the ID token", "OIDC_CLIENT_ID")
        assert not looked.says("alices-password")


def inspected(folder: Path, secrets: dict[str, str]) -> Run:
    given = ("verify", "--facility=facility.yaml", "--instance")
    return harness(*given, cwd=folder, environment=secrets)


def _settings(ldap: str, provider: str, callback: str) -> dict[str, str]:
    return {
        "ADMIN_GROUPS": "admin",
        "LDAP_URL": ldap,
        "LDAP_BIND_DN": f"cn=admin,{BASE}",
        "LDAP_BIND_CREDENTIALS": "secret",
        "LDAP_SEARCH_BASE": BASE,
        "LDAP_SEARCH_FILTER": "(uid={{username}})",
        "LDAP_GROUP_SEARCH_BASE": BASE,
        "LDAP_GROUP_SEARCH_FILTER": "(member={{dn}})",
        "LDAP_USERNAME_ATTR": "displayName",
        "ACCESS_GROUPS_LDAPPAYLOAD_ENABLED": "true",
        "ACCESS_GROUPS_OIDCPAYLOAD_ENABLED": "true",
        "OIDC_ACCESS_GROUPS_PROPERTY": "groups",
        "OIDC_ISSUER": provider,
        "OIDC_CLIENT_ID": "scicat",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_CALLBACK_URL": callback,
        "OIDC_SCOPE": "openid profile email",
        "OIDC_SUCCESS_URL": "http://127.0.0.1:1/login",
        "OIDC_RETURN_URL": "/datasets",
    }


@contextmanager
def backend(folder: Path, port: int, mongo_uri: str, settings: dict[str, str]) -> Iterator[None]:
    """A real backend with one functional account."""
    root = {
        "account": "root",
        "username": "root",
        "password": "roots-password",
        "email": "root@facility.example",
        "role": ["admin"],
        "global": False,
    }
    (folder / "functionalAccounts.json").write_text(json.dumps([root]))
    node = shutil.which("node")
    assert node is not None
    env = {
        **settings,
        "PORT": str(port),
        "MONGODB_URI": f"{mongo_uri}/logins",
        "JWT_SECRET": "a-key",
        "EXPRESS_SESSION_SECRET": "another-key",
    }
    with running([node, f"{REAL}/dist/main"], port, folder, env):
        yield


def id_token(provider: str, callback: str) -> str:
    """An ID token for Bob, by the code flow of a client."""
    asked = {"client_id": "scicat", "response_type": "code", "redirect_uri": callback}
    agreed = requests.post(
        f"{provider}/oauth2/authorize",
        params={**asked, "scope": "openid profile email", "state": "s"},
        data={"sub": "bob"},
        allow_redirects=False,
        timeout=10,
    )
    (code,) = parse_qs(urlsplit(agreed.headers["location"]).query)["code"]
    given = requests.post(
        f"{provider}/oauth2/token",
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": callback},
        auth=("scicat", "secret"),
        timeout=10,
    )
    token: str = given.json()["id_token"]
    return token


@contextmanager
def running(
    command: list[str], port: int, folder: Path | None = None, env: dict[str, str] | None = None
) -> Iterator[None]:
    """A process that listens at a port, until the end of the block."""
    with psutil.Popen(
        command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            give_up = time.monotonic() + DEADLINE
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1.0).close()
                    break
                except OSError:
                    assert process.poll() is None
                    assert time.monotonic() < give_up
            yield
        finally:
            process.kill()
