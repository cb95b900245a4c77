"""The facility file: the setup of a facility, and what is allowed on a running instance of it.

It is YAML in the facility's own repository; relative paths start from its folder. It never contains
passwords or tokens, only the name of an environment variable or file that does. The models of this
module give its JSON Schema, ``facility.schema.json``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from scicat_harness.config.address import base_address
from scicat_harness.config.login import Login, LoginWay
from scicat_harness.errors import UsageFault
from scicat_harness.files import read_given
from scicat_harness.model.identity import CONTACT
from scicat_harness.secrets import hide
from scicat_harness.validation import described

__all__ = [
    "SCHEMA_ID",
    "FacilitySetup",
    "Files",
    "Instance",
    "Limits",
    "Person",
    "Samples",
    "read_facility",
    "schema",
    "template",
]

SAMPLES: Mapping[str, str] = {
    "id": "3c9a1f5e-7b42-4d0e-9a61-2f8d5b7c1e04",
    "created_at": "2026-01-15T09:30:00.000Z",
    "updated_at": "2026-01-15T10:05:00.000Z",
    "contact": CONTACT,
    "default_from": "EMAIL_FROM",
    "default_reply_to": "EMAIL_REPLYTO",
}
"""The values of ``preview`` where the facility file has none."""
SCHEMA_ID = "https://github.com/SciCatProject/scicat-harness/facility/1"
_TEMPLATE = Path(__file__).with_name("facility.yaml")


class _Part(BaseModel):
    # A misspelt key is an error: it might be the limit that was meant to protect an instance.
    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(_Part):
    """The place of a password or token: either an environment variable or a file."""

    env: str | None = Field(default=None, description="Name of an environment variable.")
    file: Path | None = Field(default=None, description="A file with nothing else in it.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("give either env or file, never the secret itself")
        return self

    def read(self, folder: Path, environment: Mapping[str, str] = os.environ) -> str:
        """Return the secret; a relative file starts from ``folder``.

        From then on it is hidden in everything that the run prints. Raises UsageFault if the
        variable is not set, or the file is empty or cannot be read.
        """
        if self.env is not None:
            # CI systems pass a missing secret as an empty variable.
            value = environment.get(self.env, "")
            if not value:
                raise UsageFault(f"the environment variable {self.env} is not set; set it")
            hide(value)
            return value
        assert self.file is not None
        path = folder / self.file
        # Editors and echo end a file with a line break, which is no part of the secret.
        value = read_given(path, str(path), "write the secret into it").strip()
        if not value:
            raise UsageFault(f"{path}: is empty; write the secret into it")
        hide(value)
        return value


class Person(_Part):
    """A user of the instance, with a password or an ID token to log in, or a token."""

    name: str = Field(description="User name on the instance.")
    groups: tuple[str, ...] = Field(default=(), description="Groups of the user on the instance.")
    email: str | None = Field(
        default=None, description="E-mail address; default: that in files.accounts."
    )
    kind: str = Field(
        default="user of the facility", description="Kind of user, in words for reports."
    )
    password: Secret | None = None
    token: Secret | None = Field(default=None, description="A token of SciCat.")
    id_token: Secret | None = Field(
        default=None, description="An ID token of the OpenID provider of the instance."
    )
    login: Literal["local", "ldap"] = Field(
        default="local", description="Who knows the password: the instance, or its LDAP service."
    )
    login_name: str = Field(
        default="", description="The name to log in with, where it is not the user name."
    )

    @model_validator(mode="after")
    def _has_a_secret(self) -> Person:
        if [self.password, self.token, self.id_token].count(None) != 2:
            raise ValueError(f"{self.name}: give one of password, token and id_token")
        if self.password is None and (self.login_name or self.login != "local"):
            raise ValueError(
                f"{self.name}: login and login_name are for a password; leave them out"
            )
        return self

    @property
    def way(self) -> Login:
        """How the user logs in, where there is no token."""
        if self.id_token is not None:
            return Login(LoginWay.OIDC)
        return Login(LoginWay(self.login), self.login_name)


class Limits(_Part):
    """Limits of what a run writes, and of its pace."""

    datasets: int = Field(default=40, ge=0)
    jobs: int = Field(default=200, ge=0)
    requests_per_second: float = Field(default=5.0, gt=0)
    seconds: float = Field(default=900.0, gt=0, description="The run ends after this time.")


def _is_address(value: str) -> str:
    try:
        return base_address(value, "url")
    except UsageFault as error:
        # pydantic collects ValueErrors, so that all errors of the file are shown at once.
        raise ValueError(str(error)) from None


class Instance(_Part):
    """A running instance, and what is allowed on it."""

    url: Annotated[str, AfterValidator(_is_address)]
    ca_bundle: Path | None = Field(
        default=None, description="PEM file of authorities to trust instead of the usual ones."
    )
    client_cert: Path | None = Field(
        default=None, description="PEM file with a client certificate and its key."
    )
    people: tuple[Person, ...] = Field(min_length=1)
    janitor: str = Field(
        description="Name in people of the user who makes datasets and jobs, and removes them."
    )
    job_types: tuple[str, ...] = Field(
        default=(), description="The only job types that may be triggered."
    )
    may_reach: tuple[str, ...] = Field(
        default=(), description="Job types whose mails, calls and messages may be sent."
    )
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _names_are_known(self) -> Instance:
        names = [each.name for each in self.people]
        if self.janitor not in names:
            raise ValueError(f"janitor {self.janitor!r} is not one of people ({', '.join(names)})")
        if len(set(names)) < len(names):
            raise ValueError("people: two have the same name; rename one")
        strange = set(self.may_reach) - set(self.job_types)
        if strange:
            raise ValueError(f"may_reach: {', '.join(sorted(strange))}: not among job_types")
        return self


class Files(_Part):
    """The files with which a backend of the facility is started."""

    job_config: Path
    env: Path | tuple[Path, ...] = ()
    accounts: Path | None = None
    templates: Path | None = None

    @property
    def env_files(self) -> tuple[Path, ...]:
        """The env files, the one that counts last."""
        return (self.env,) if isinstance(self.env, Path) else self.env


class Samples(_Part):
    """Values that ``preview`` shows in the place of those that only a run knows."""

    id: str = Field(default=SAMPLES["id"], description="Id of the job.")
    created_at: str = Field(default=SAMPLES["created_at"], alias="createdAt")
    updated_at: str = Field(default=SAMPLES["updated_at"], alias="updatedAt")
    contact: str = Field(default=SAMPLES["contact"], alias="contactEmail")
    sender: str = Field(
        default=SAMPLES["default_from"], alias="from", description="Sender of mails without one."
    )
    reply_to: str = Field(default=SAMPLES["default_reply_to"], alias="replyTo")
    dataset: dict[str, Any] = Field(
        default_factory=dict,
        description="Fields of the datasets, where no condition of an action needs another value.",
    )

    def values(self) -> dict[str, str]:
        """Return the values by their names in the texts of the oracle."""
        given = self.model_dump(exclude={"dataset", "sender", "reply_to"})
        return {**given, "default_from": self.sender, "default_reply_to": self.reply_to}

    def with_addresses_of(self, env: Mapping[str, str]) -> Samples:
        """Return the samples with the sender of the environment, where the file has none."""
        given = {"sender": env.get("EMAIL_FROM"), "reply_to": env.get("EMAIL_REPLYTO")}
        missing = {
            name: value
            for name, value in given.items()
            if value and name not in self.model_fields_set
        }
        return self.model_copy(update=missing)


class FacilitySetup(_Part):
    """The content of a facility file."""

    facility: str = Field(description="Name in reports.")
    files: Files
    release: str | None = Field(default=None, pattern=r"^v\d+\.\d+\.\d+$")
    never: tuple[str, ...] = Field(
        default=(), description="Hosts that a run never writes to, above all production."
    )
    samples: Samples = Samples()
    instance: Instance | None = None

    @model_validator(mode="after")
    def _is_not_production(self) -> FacilitySetup:
        if self.instance is not None:
            host = urlsplit(self.instance.url).hostname or ""
            # Names of hosts have no case.
            if host.lower() in (each.lower() for each in self.never):
                raise ValueError(f"instance.url: {host} is listed under never; use another host")
        return self


def read_facility(path: Path) -> FacilitySetup:
    """Read and validate a facility file.

    Raises UsageFault with one line per error, each with file, key and reason; the value is shown
    unless it may be a secret.
    """
    text = read_given(path, str(path), "scicat-harness init writes one")
    try:
        content = yaml.safe_load(text)
    # Impossible dates and deep nesting are no YAMLError in PyYAML.
    except (ValueError, RecursionError) as error:
        raise UsageFault(f"{path}: not valid YAML ({error})") from None
    except yaml.YAMLError as error:
        raise UsageFault(f"{path}: not valid YAML ({str(error).splitlines()[0]})") from None
    try:
        return FacilitySetup.model_validate(content)
    except ValidationError as error:
        raise UsageFault(described(path, error)) from None


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file, as published in ``facility.schema.json``."""
    made = FacilitySetup.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **made}


def template() -> str:
    """Return a facility file with explanations, as ``scicat-harness init`` writes it."""
    return _TEMPLATE.read_text(encoding="utf-8")
