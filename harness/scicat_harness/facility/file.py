"""The facility file: a facility's setup and what may be done to a running instance of it.

YAML, in the facility's own repository; relative paths are relative to it. Passwords and tokens are
never in it, only where they are: a variable of the environment, or a file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
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
from scicat_harness.errors import UsageFault
from scicat_harness.files import read_given
from scicat_harness.secrets import hide

__all__ = [
    "SCHEMA_ID",
    "FacilitySetup",
    "Files",
    "Instance",
    "Limits",
    "Person",
    "read_facility",
    "schema",
    "template",
]

SCHEMA_ID = "https://github.com/SciCatProject/scicat-harness/facility/1"
_TEMPLATE = Path(__file__).with_name("facility.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(_Part):
    """Where a password or token is; exactly one of the two."""

    env: str | None = Field(default=None, description="Name of an environment variable.")
    file: Path | None = Field(default=None, description="A file with nothing else in it.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("give either env or file, never the secret itself")
        return self

    def read(self, folder: Path, environment: Mapping[str, str] = os.environ) -> str:
        """The secret; a UsageFault names the variable or file that does not have it."""
        if self.env is not None:
            value = environment.get(self.env, "")
            if not value:
                raise UsageFault(f"the environment variable {self.env} is not set; set it")
            hide(value)
            return value
        assert self.file is not None
        path = folder / self.file
        value = read_given(path, str(path), "write the secret into it").strip()
        if not value:
            raise UsageFault(f"{path}: is empty; write the secret into it")
        hide(value)
        return value


class Person(_Part):
    """One who may be logged in as, or whose token is given."""

    name: str = Field(description="User name, as the instance knows it.")
    groups: tuple[str, ...] = Field(default=(), description="Groups the instance has them in.")
    email: str | None = Field(
        default=None, description="Their address; default: that of files.accounts."
    )
    kind: str = Field(default="user of the facility", description="What they stand for.")
    password: Secret | None = None
    token: Secret | None = None

    @model_validator(mode="after")
    def _has_a_secret(self) -> Person:
        if (self.password is None) == (self.token is None):
            raise ValueError(f"{self.name}: give either password or token")
        return self


class Limits(_Part):
    """How much is written at most, and how fast."""

    datasets: int = Field(default=40, ge=0)
    jobs: int = Field(default=200, ge=0)
    requests_per_second: float = Field(default=5.0, gt=0)
    seconds: float = Field(default=900.0, gt=0, description="The whole run ends after that.")


def _is_address(value: str) -> str:
    try:
        return base_address(value, "url")
    except UsageFault as error:
        raise ValueError(str(error)) from None


class Instance(_Part):
    """A running instance, and what may be done to it."""

    url: Annotated[str, AfterValidator(_is_address)]
    ca_bundle: Path | None = Field(
        default=None, description="PEM file of the authorities to believe, instead of the usual."
    )
    client_cert: Path | None = Field(
        default=None, description="PEM file with a certificate to show, and its key."
    )
    people: tuple[Person, ...] = Field(min_length=1)
    janitor: str = Field(description="Who makes datasets and jobs, and cleans up: one of people.")
    job_types: tuple[str, ...] = Field(
        default=(), description="The only job types that may be triggered."
    )
    may_reach: tuple[str, ...] = Field(
        default=(), description="Job types whose effects may reach what they are configured for."
    )
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _names_are_known(self) -> Instance:
        names = [each.name for each in self.people]
        if self.janitor not in names:
            raise ValueError(f"janitor {self.janitor!r} is none of people ({', '.join(names)})")
        if len(set(names)) < len(names):
            raise ValueError("people: two have the same name")
        strange = set(self.may_reach) - set(self.job_types)
        if strange:
            raise ValueError(f"may_reach: {', '.join(sorted(strange))}: not among job_types")
        return self


class Files(_Part):
    """What a backend of the facility is started with."""

    job_config: Path
    env: Path | None = None
    accounts: Path | None = None
    templates: Path | None = None


class FacilitySetup(_Part):
    """The whole file."""

    facility: str = Field(description="What it is called in reports.")
    files: Files
    release: str | None = Field(default=None, pattern=r"^v\d+\.\d+\.\d+$")
    never: tuple[str, ...] = Field(
        default=(), description="Hosts that nothing is ever written to, production above all."
    )
    instance: Instance | None = None

    @model_validator(mode="after")
    def _is_not_production(self) -> FacilitySetup:
        if self.instance is not None:
            host = urlsplit(self.instance.url).hostname or ""
            if host.lower() in (each.lower() for each in self.never):
                raise ValueError(f"instance.url: {host} is among never, so nothing is done to it")
        return self


def read_facility(path: Path) -> FacilitySetup:
    """Read a facility file; every defect is a UsageFault naming file, key, value and fix."""
    text = read_given(path, str(path), "scicat-harness init writes one")
    try:
        content = yaml.safe_load(text)
    except (ValueError, RecursionError) as error:
        raise UsageFault(f"{path}: not valid YAML ({error})") from None
    except yaml.YAMLError as error:
        raise UsageFault(f"{path}: not valid YAML ({str(error).splitlines()[0]})") from None
    try:
        return FacilitySetup.model_validate(content)
    except ValidationError as error:
        raise UsageFault("\n".join(_told(path, each) for each in error.errors())) from None


def _told(path: Path, error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"]) or "(top level)"
    message = str(error["msg"]).removeprefix("Value error, ")
    # What stands where a secret was wanted may be the secret.
    shown = "" if "password" in key or "token" in key else f"; found {_short(error['input'])}"
    return f"{path}: {key}: {message}{shown}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, as it is published."""
    made = FacilitySetup.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **made}


def template() -> str:
    """A facility file with remarks, to begin with."""
    return _TEMPLATE.read_text(encoding="utf-8")
