"""The files and the environment that a backend is started with, made from a site.

Source: specification: environment.groups to environment.services, accounts.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from scicat_harness.config.jobconfig import job_config_yaml, mail_bodies
from scicat_harness.config.login import Login
from scicat_harness.errors import EnvironmentFault
from scicat_harness.files import write_private
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

# A day, so that no token expires during a run; the default of a backend is an hour.
_TOKEN_SECONDS = "86400"
JOB_CONFIG = "jobConfig.yaml"
ACCOUNTS = "functionalAccounts.json"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords by user name, and the secret that signs tokens; ``repr`` does not show them.

    ``jwt`` is None for a backend that somebody else configured. ``logins`` has the users who do not
    log in with an account of the backend; their password is whatever that login takes.
    """

    passwords: Mapping[str, str] = field(repr=False)
    jwt: str | None = field(repr=False)
    logins: Mapping[str, Login] = field(default_factory=dict)

    @classmethod
    def fresh(cls, site: Site) -> Secrets:
        """Return new random secrets for every account of a site."""
        accounts = [each.name for each in site.identities.values() if each.has_account]
        return cls({name: secrets.token_urlsafe(18) for name in accounts}, secrets.token_hex(32))


@dataclass(frozen=True, slots=True)
class ServiceAddresses:
    """The addresses of sinks and broker, as a backend reaches them.

    ``sink`` is the URL of the URL sink, ``mail_servers`` are ports on ``host`` by name, ``broker``
    are the variables that configure the broker, and ``closed`` is a port on ``host`` that refuses
    connections.
    """

    run: str = ""
    """The name of the run, part of the names of exchanges and queues."""
    sink: str = ""
    mail_servers: Mapping[str, int] = field(default_factory=dict)
    broker: Mapping[str, str] = field(default_factory=dict, repr=False)
    closed: int = 0
    host: str = "127.0.0.1"
    """The address of this machine for a backend; another one from inside a container."""


NOWHERE = ServiceAddresses()
SINK_VARIABLE = "SCICAT_HARNESS_SINK"
"""The variable with the address of the URL sink, for templates."""
CLOSED_VARIABLE = "SCICAT_HARNESS_CLOSED"
"""The variable with an address at which nobody listens, for templates."""
DEFAULT_SENDER = "scicat@facility.example"
REPLY_TO = "helpdesk@facility.example"


@dataclass(frozen=True, slots=True)
class Startup:
    """The written files, and the environment that names them.

    The deployment adds PORT and MONGODB_URI. If ``first_accounts`` is set, the backend has to be
    started once with that file before. That is for releases with one role per account: at every
    start they add the roles of the file to users that exist already.
    """

    job_config: Path
    accounts: Path
    environment: Mapping[str, str] = field(repr=False)
    first_accounts: Path | None = None


def write_startup(
    site: Site,
    secret: Secrets,
    folder: Path,
    services: ServiceAddresses = NOWHERE,
    release: Release = CURRENT,
    *,
    seen: PurePath | None = None,
) -> Startup:
    """Write ``jobConfig.yaml``, mail templates and ``functionalAccounts.json`` into a folder.

    For releases with one role per account also ``firstAccounts.json``. ``seen`` is the path of the
    folder for the backend, if it is another one, as in a container. Raises EnvironmentFault if the
    folder cannot be written.
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
        job_config.write_text(job_config_yaml(types, services.run, site.version), encoding="utf-8")
        _write_privately(accounts, entries)
        if first is not None:
            _write_privately(first, _once_per_user(entries))
        for name, body in mail_bodies(types).items():
            (folder / name).write_text(body, encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(f"cannot write into {folder}: {error.strerror}") from None
    environment = _environment(site, secret, there) | _service_variables(site, services)
    # Settings of the site come last: they may replace every other variable.
    return Startup(job_config, accounts, {**environment, **site.settings}, first)


Entry = dict[str, Any]


def _entries(site: Site, secret: Secrets) -> list[Entry]:
    return [
        # Not global: a global account would be in the group ``globalaccess``, too.
        {**_person(each, secret), "role": _roles(site, each), "global": False}
        for each in site.identities.values()
        if each.has_account
    ]


def _roles(site: Site, identity: Identity) -> list[str]:
    """Return the groups that the accounts file gives somebody; the environment adds the others."""
    return [group for group in identity.groups if group not in site.static_groups]


def _entries_by_role(site: Site, secret: Secrets) -> list[Entry]:
    """Return one entry per user and role, and one without a role for a user who has none."""
    entries = []
    for each in site.identities.values():
        if each.has_account:
            roles: list[Entry] = [{"role": group} for group in _roles(site, each)]
            # No role "" instead: it would be a group of that name.
            for role in roles or [{}]:
                entries.append({**_person(each, secret), **role, "global": False})
    return entries


def _once_per_user(entries: list[Entry]) -> list[Entry]:
    """Return the first entry of each user: two entries of a new user would be a duplicate."""
    # Reversed, because the last value of a key wins in a dictionary.
    return list({each["username"]: each for each in reversed(entries)}.values())


def _person(identity: Identity, secret: Secrets) -> Entry:
    return {
        "username": identity.name,
        "email": identity.email,
        "password": secret.passwords[identity.name],
    }


def _write_privately(path: Path, entries: list[Entry]) -> None:
    # Passwords are stored in plain text (specification: accounts).
    write_private(path, json.dumps(entries, indent=2) + "\n")


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
        # Every identity may create datasets for its own groups.
        "CREATE_DATASET_GROUPS": "#all",
        "CREATE_DATASET_PRIVILEGED_GROUPS": _list(roles.create_datasets_privileged),
        "CREATE_DATASET_WITH_PID_GROUPS": _list(roles.create_datasets_with_pid),
        "PID_PREFIX": "20.500.00000",
        **(
            {"ACCESS_GROUPS_STATIC_VALUES": _list(site.static_groups)} if site.static_groups else {}
        ),
        # Replaced by the variables of the broker if the site has messages.
        "RABBITMQ_ENABLED": "no",
    }


def first_status(site: Site) -> tuple[str, str]:
    """Return status code and status message of a new job.

    An empty variable counts as not set. The defaults are those since v4.17.0 (specification:
    environment.jobs).
    """
    settings = site.settings
    return (
        settings.get("JOB_DEFAULT_STATUS_CODE") or "jobSubmitted",
        settings.get("JOB_DEFAULT_STATUS_MESSAGE") or "Job submitted.",
    )


def basic_environment(there: PurePath) -> dict[str, str]:
    """Return the minimal environment that a backend starts with.

    It names files in the folder ``there``, which need not exist yet.
    """
    return {
        "JWT_SECRET": secrets.token_hex(32),
        "FUNCTIONAL_ACCOUNTS_FILE": str(there / ACCOUNTS),
        "JOB_CONFIGURATION_FILE": str(there / JOB_CONFIG),
        "ADMIN_GROUPS": "admin",
        "RABBITMQ_ENABLED": "no",
    }


def _service_variables(site: Site, services: ServiceAddresses) -> dict[str, str]:
    """Return the variables that the actions of a site need."""
    variables = {SINK_VARIABLE: services.sink} if services.sink else {}
    if services.closed:
        variables[CLOSED_VARIABLE] = f"http://{services.host}:{services.closed}"
    if site.mail_server:
        variables |= {
            "EMAIL_TYPE": "smtp",
            "EMAIL_FROM": DEFAULT_SENDER,
            "EMAIL_REPLYTO": REPLY_TO,
            "SMTP_HOST": services.host,
            "SMTP_PORT": str(services.mail_servers[site.mail_server]),
            # Plain at first, STARTTLS where the server offers it.
            "SMTP_SECURE": "no",
        }
    return variables | (dict(services.broker) if site.messages else {})


def _list(groups: tuple[str, ...]) -> str:
    """Return the names with a space after each comma, which a backend must remove."""
    return ", ".join(groups)
