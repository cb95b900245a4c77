"""What a backend is started with: accounts, job configuration and environment, made from a site."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from scicat_harness.config.jobconfig import job_config_yaml, mail_bodies
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.identity import Identity
from scicat_harness.model.release import ACCOUNTS_WITH_ROLES, CURRENT, Release
from scicat_harness.model.site import Site

__all__ = [
    "ACCOUNTS",
    "CLOSED_VARIABLE",
    "DEFAULT_SENDER",
    "JOB_CONFIG",
    "REPLY_TO",
    "SINK_VARIABLE",
    "Secrets",
    "ServiceAddresses",
    "Startup",
    "basic_environment",
    "first_status",
    "write_startup",
]

_TOKEN_SECONDS = "86400"
JOB_CONFIG = "jobConfig.yaml"
ACCOUNTS = "functionalAccounts.json"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords by user name and the secret tokens are signed with; never shown by repr."""

    passwords: Mapping[str, str] = field(repr=False)
    jwt: str | None = field(repr=False)

    @classmethod
    def fresh(cls, site: Site) -> Secrets:
        """New random secrets for every account of a site."""
        accounts = [each.name for each in site.identities.values() if each.has_account]
        return cls({name: secrets.token_urlsafe(18) for name in accounts}, secrets.token_hex(32))


@dataclass(frozen=True, slots=True)
class ServiceAddresses:
    """Where a backend finds what its actions talk to.

    ``mail_servers`` are ports on ``host`` by name; ``broker`` the variables that name one;
    ``closed`` is a port on ``host`` that refuses connections.
    """

    run: str = ""
    """The name that stands in the names of exchanges and queues."""
    sink: str = ""
    mail_servers: Mapping[str, int] = field(default_factory=dict)
    broker: Mapping[str, str] = field(default_factory=dict, repr=False)
    closed: int = 0
    host: str = "127.0.0.1"
    """This machine, as a backend calls it."""


NOWHERE = ServiceAddresses()
SINK_VARIABLE = "SCICAT_HARNESS_SINK"
"""Where templates find the address of the URL sink."""
CLOSED_VARIABLE = "SCICAT_HARNESS_CLOSED"
"""Where templates find an address at which nobody listens."""
DEFAULT_SENDER = "scicat@facility.example"
REPLY_TO = "helpdesk@facility.example"


@dataclass(frozen=True, slots=True)
class Startup:
    """The written files, and the environment that names them; PORT and MONGODB_URI are added.

    ``first_accounts``, where there are some, are what the backend has to be started with once
    before: a release that knows one role per account adds to what a user has at every start.
    """

    job_config: Path
    accounts: Path
    environment: Mapping[str, str] = field(repr=False)
    first_accounts: Path | None = None


def write_startup(
    site: Site,
    secret: Secrets,
    folder: Path,
    around: ServiceAddresses = NOWHERE,
    release: Release = CURRENT,
    *,
    seen: PurePath | None = None,
) -> Startup:
    """Write ``jobConfig.yaml``, mail templates and ``functionalAccounts.json`` into a folder.

    For releases that know one role per account also ``firstAccounts.json``. ``seen`` is where the
    backend finds what is in the folder, if not there. Raises EnvironmentFault when the folder
    cannot be written.
    """
    there = seen or folder.resolve()
    job_config = folder / JOB_CONFIG
    accounts = folder / ACCOUNTS
    one_role = release < ACCOUNTS_WITH_ROLES
    first = folder / "firstAccounts.json" if one_role else None
    entries = _entries_by_role(site, secret) if one_role else _entries(site, secret)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        types = site.job_types.values()
        job_config.write_text(job_config_yaml(types, around.run, site.version), encoding="utf-8")
        _write_privately(accounts, entries)
        if first is not None:
            _write_privately(first, _once_per_user(entries))
        for name, body in mail_bodies(types).items():
            (folder / name).write_text(body, encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(f"cannot write into {folder}: {error.strerror}") from None
    environment = _environment(site, secret, there) | _effects(site, around)
    return Startup(job_config, accounts, {**environment, **site.settings}, first)


Entry = dict[str, Any]


def _entries(site: Site, secret: Secrets) -> list[Entry]:
    return [
        {**_person(each, secret), "role": list(each.groups), "global": False}
        for each in site.identities.values()
        if each.has_account
    ]


def _entries_by_role(site: Site, secret: Secrets) -> list[Entry]:
    """One entry per user and role; without a role for who has none, because "" would be one."""
    entries = []
    for each in site.identities.values():
        if each.has_account:
            roles: list[Entry] = [{"role": group} for group in each.groups]
            for role in roles or [{}]:
                entries.append({**_person(each, secret), **role, "global": False})
    return entries


def _once_per_user(entries: list[Entry]) -> list[Entry]:
    """The first entry of each user: two of a user who does not exist yet would collide."""
    return list({each["username"]: each for each in reversed(entries)}.values())


def _person(identity: Identity, secret: Secrets) -> Entry:
    return {
        "username": identity.name,
        "email": identity.email,
        "password": secret.passwords[identity.name],
    }


def _write_privately(path: Path, entries: list[Entry]) -> None:
    path.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o600)


def _environment(site: Site, secret: Secrets, there: PurePath) -> dict[str, str]:
    roles = site.roles
    return {
        "JWT_SECRET": secret.jwt or "",
        "JWT_EXPIRES_IN": _TOKEN_SECONDS,
        "FUNCTIONAL_ACCOUNTS_FILE": str(there / ACCOUNTS),
        "JOB_CONFIGURATION_FILE": str(there / JOB_CONFIG),
        "ADMIN_GROUPS": _list(roles.admin),
        "CREATE_JOB_PRIVILEGED_GROUPS": _list(roles.create_privileged),
        "UPDATE_JOB_PRIVILEGED_GROUPS": _list(roles.update_privileged),
        "DELETE_JOB_GROUPS": _list(roles.delete_jobs),
        "DELETE_GROUPS": _list(roles.delete_datasets),
        "CREATE_DATASET_GROUPS": "#all",
        "CREATE_DATASET_PRIVILEGED_GROUPS": _list(roles.create_datasets_privileged),
        "CREATE_DATASET_WITH_PID_GROUPS": _list(roles.create_datasets_with_pid),
        "PID_PREFIX": "20.500.00000",
        "RABBITMQ_ENABLED": "no",
    }


def first_status(site: Site) -> tuple[str, str]:
    """Status code and message of a new job; a variable that is empty counts as not set."""
    told = site.settings
    return (
        told.get("JOB_DEFAULT_STATUS_CODE") or "jobSubmitted",
        told.get("JOB_DEFAULT_STATUS_MESSAGE") or "Job submitted.",
    )


def basic_environment(there: PurePath) -> dict[str, str]:
    """What a backend needs to start at all, with files of a folder that need not be there."""
    return {
        "JWT_SECRET": secrets.token_hex(32),
        "FUNCTIONAL_ACCOUNTS_FILE": str(there / ACCOUNTS),
        "JOB_CONFIGURATION_FILE": str(there / JOB_CONFIG),
        "ADMIN_GROUPS": "admin",
        "RABBITMQ_ENABLED": "no",
    }


def _effects(site: Site, around: ServiceAddresses) -> dict[str, str]:
    """What the actions of a site need to know."""
    told = {SINK_VARIABLE: around.sink} if around.sink else {}
    if around.closed:
        told[CLOSED_VARIABLE] = f"http://{around.host}:{around.closed}"
    if site.mail_server:
        told |= {
            "EMAIL_TYPE": "smtp",
            "EMAIL_FROM": DEFAULT_SENDER,
            "EMAIL_REPLYTO": REPLY_TO,
            "SMTP_HOST": around.host,
            "SMTP_PORT": str(around.mail_servers[site.mail_server]),
            "SMTP_SECURE": "no",
        }
    return told | (dict(around.broker) if site.messages else {})


def _list(groups: tuple[str, ...]) -> str:
    """With a space after each comma, as people write it; backends must trim."""
    return ", ".join(groups)
