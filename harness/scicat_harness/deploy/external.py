"""The external deployment: a backend that somebody else started, and that the run does not own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from scicat_harness.accounts import NotJson, parse_accounts
from scicat_harness.config.address import base_address
from scicat_harness.config.login import LOCAL, Login, LoginWay
from scicat_harness.config.startup import NOWHERE, Secrets, ServiceAddresses
from scicat_harness.config.tls import USUAL_TLS, Tls
from scicat_harness.deploy.deployment import Backend
from scicat_harness.deploy.host import LOOPBACK
from scicat_harness.deploy.readiness import wait_healthy
from scicat_harness.dotenv import variables
from scicat_harness.errors import UsageFault
from scicat_harness.files import read_given
from scicat_harness.model.site import Site
from scicat_harness.secrets import hide

__all__ = ["ExternalDeployment", "GivenAccounts", "read_accounts", "read_env_file"]

_HEALTH_DEADLINE = 5.0
"""Short, for the backend must be running already."""


class _Account(BaseModel):
    # A functional accounts file has further fields, such as the groups.
    model_config = ConfigDict(extra="allow")

    username: str
    password: str | None = None
    token: str | None = None
    id_token: str | None = Field(default=None, alias="idToken")
    login: Literal["local", "ldap"] = "local"
    login_name: str = Field(default="", alias="loginName")


@dataclass(frozen=True, slots=True)
class GivenAccounts:
    """Passwords and tokens by user name; values are masked in all later texts.

    ``logins`` has the users of other services; the password of one is what that login takes.

    Raises UsageFault, naming the user, for a value that cannot be sent in a request.
    """

    passwords: Mapping[str, str] = field(repr=False)
    tokens: Mapping[str, str] = field(repr=False)
    logins: Mapping[str, Login] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hide the values, and refuse those that cannot be sent, without showing them."""
        hide(*self.passwords.values(), *self.tokens.values())
        for name, password in self.passwords.items():
            # Half of a surrogate pair, which JSON can write as \ud800: UTF-8 cannot encode it.
            if any("\ud800" <= each <= "\udfff" for each in password):
                raise UsageFault(
                    f"the password of {name!r} has a character that cannot be encoded; "
                    "write it again"
                )
        for name, token in self.tokens.items():
            # A line break would end the header and begin another one.
            if not token.isascii() or not token.isprintable() or " " in token:
                raise UsageFault(
                    f"the token of {name!r} has a blank, a line break or another character in it "
                    "that no token has; copy it again, as one word"
                )


class ExternalDeployment:
    """A backend at ``url``, which is only checked, never started or ended.

    ``jwt_secret`` signs expired tokens, None where its owner did not give it; ``pace`` is the
    least time between two requests, in seconds.
    """

    name = "external"
    host = LOOPBACK

    def __init__(
        self,
        url: str,
        accounts: GivenAccounts,
        jwt_secret: str | None,
        pace: float = 0.0,
        tls: Tls = USUAL_TLS,
    ) -> None:
        self._url = base_address(url)
        self._accounts = accounts
        self._jwt_secret = jwt_secret
        self._pace = pace
        self._tls = tls

    def start(self, site: Site, around: ServiceAddresses = NOWHERE) -> Backend:
        """Return the backend after checking that it is healthy.

        Its owner must have started it with the configuration of ``site``; the first logins and
        the first job show whether that is so. Raises EnvironmentFault when it is not healthy
        within 5 s.
        """
        del site, around
        wait_healthy(self._url, deadline=_HEALTH_DEADLINE, tls=self._tls)
        given = self._accounts
        secrets = Secrets(given.passwords, self._jwt_secret, given.logins)
        tokens = dict(self._accounts.tokens)
        return Backend(
            self._url, secrets, owned=False, tokens=tokens, pace=self._pace, tls=self._tls
        )

    def close(self) -> None:
        """Do nothing: the backend belongs to somebody else."""


def read_accounts(path: Path) -> GivenAccounts:
    """Read a functional accounts file, or a list of ``{"username": ..., "token": ...}``.

    ``"login": "ldap"`` and ``"loginName"`` are for users of an LDAP service, ``"idToken"`` is an ID
    token of an OpenID provider, which is exchanged for a token.

    Entries may have both forms, and further fields. Raises UsageFault naming the line or the key
    that is wrong.
    """
    named = f"--accounts {path}"
    text = read_given(path, named, "give the accounts of the backend, as 'config' writes them")
    try:
        found = TypeAdapter(list[_Account]).validate_python(parse_accounts(text))
    except NotJson as error:
        raise UsageFault(f"{named}: not JSON ({error})") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageFault(
            f"{named}: {key or '(top level)'}: {first['msg']}; give a JSON list of "
            'objects {"username": ..., "password": ...} or {"username": ..., "token": ...}'
        ) from None
    return GivenAccounts(
        passwords={
            each.username: secret for each in found if (secret := each.password or each.id_token)
        },
        tokens={each.username: each.token for each in found if each.token},
        logins={each.username: way for each in found if (way := _login_of(each)) != LOCAL},
    )


def _login_of(account: _Account) -> Login:
    if account.id_token and not account.password:
        return Login(LoginWay.OIDC)
    return Login(LoginWay(account.login), account.login_name)


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of an environment file as the backend reads it.

    Raises UsageFault when the file cannot be read.
    """
    fix = "give the environment of the backend, as 'config' writes it"
    text = read_given(path, f"--backend-env {path}", fix)
    return {each.name: each.value for each in variables(text)}
