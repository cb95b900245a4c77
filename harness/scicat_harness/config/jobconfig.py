"""Job configurations: read in two dialects, and written for a backend.

Read: YAML or JSON, with ``update`` or, as in the design of 2024, ``statusUpdate`` (specification:
releases.before-v4.14). Written: YAML with ``update``, and a ``configVersion`` that is a fingerprint
of the content, so that a run can check that a backend was started with this configuration.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scicat_harness.errors import UsageFault
from scicat_harness.files import read_given
from scicat_harness.model.action import Action, Email, unfolded
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.site import Site
from scicat_harness.validation import described

__all__ = [
    "Dialect",
    "JobConfig",
    "config_version",
    "job_config_document",
    "job_config_yaml",
    "mail_bodies",
    "read_job_config",
    "template_file",
    "version_of",
]


class Dialect(StrEnum):
    """The name of the update operation in a configuration.

    ``SEED`` is that of the design of 2024; released backends do not start with it.
    """

    RELEASED = "update"
    SEED = "statusUpdate"


@dataclass(frozen=True, slots=True)
class JobConfig:
    """A job configuration as far as authorization needs it: job types without their actions."""

    version: str
    dialect: Dialect
    job_types: tuple[JobType, ...]


# Strict: 1 is no text, as for the backend. Unknown keys are ignored (specification:
# configuration.file).
class _Operation(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    auth: str | None = None


class _Entry(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    job_type: str = Field(alias="jobType")
    create: _Operation
    # Both optional here, so that the message for a missing one can show the fix (:func:`_dialect`).
    update: _Operation | None = None
    status_update: _Operation | None = Field(default=None, alias="statusUpdate")


class _File(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)

    config_version: str = Field(alias="configVersion")
    jobs: list[_Entry]


def read_job_config(path: Path) -> JobConfig:
    """Read a job configuration from a YAML or JSON file.

    Raises UsageFault naming the file, the key and the value for a file that cannot be read, a
    syntax error, a missing or wrong value, a job type that occurs twice, and a job type without an
    update section.
    """
    parsed = _parse(path)
    try:
        content = _File.model_validate(parsed)
    except ValidationError as error:
        raise UsageFault(described(path, error)) from None
    _refuse_duplicates(path, content)
    dialect = _dialect(path, content)
    return JobConfig(
        version=content.config_version,
        dialect=dialect,
        job_types=tuple(_job_type(entry) for entry in content.jobs),
    )


def _parse(path: Path) -> Any:
    # JSON is read as YAML, of which it is a subset but for rare cases.
    text = read_given(path, str(path), "give the path of a job configuration")
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = getattr(error, "problem", None) or "syntax error"
        raise UsageFault(
            f"{path}{where}: not valid YAML or JSON ({what}); fix the syntax"
        ) from None
    except (ValueError, RecursionError) as error:
        # Values such as the date 2026-99-99 fail when they are made, deep nesting in the parser.
        raise UsageFault(f"{path}: not valid YAML or JSON ({error}); fix the syntax") from None


def _refuse_duplicates(path: Path, content: _File) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(content.jobs):
        if entry.job_type in seen:
            raise UsageFault(
                f"{path}: jobs.{index}.jobType: {entry.job_type!r} occurs twice; rename one"
            )
        seen.add(entry.job_type)


def _dialect(path: Path, content: _File) -> Dialect:
    for index, entry in enumerate(content.jobs):
        if entry.update is None and entry.status_update is None:
            raise UsageFault(
                f"{path}: jobs.{index} ({entry.job_type}) has no 'update' section; "
                "add one, {} if only admins may update"
            )
    # One entry in the old dialect is enough: no released backend starts with it.
    seed = any(entry.update is None for entry in content.jobs)
    return Dialect.SEED if seed else Dialect.RELEASED


def _job_type(entry: _Entry) -> JobType:
    update = entry.update or entry.status_update
    assert update is not None
    return JobType(entry.job_type, entry.create.auth, update.auth)


def _jobs(job_types: Iterable[JobType]) -> list[dict[str, Any]]:
    return [
        {
            "jobType": each.name,
            "create": _operation(each.create, each.on_create),
            "update": _operation(each.update, each.on_update),
        }
        for each in job_types
    ]


def _operation(auth: str | None, actions: tuple[Action, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {} if auth is None else {"auth": auth}
    if actions:
        made["actions"] = [each.entry(template_file) for each in actions]
    return made


def template_file(body: str) -> str:
    """Return the name of the file that a mail body is written to.

    It is made of the content, so equal bodies share a file.
    """
    return f"mail-{hashlib.sha256(body.encode()).hexdigest()[:12]}.html"


def mail_bodies(job_types: Iterable[JobType]) -> dict[str, str]:
    """Return the mail bodies of a configuration by the names of their files."""
    types = tuple(job_types)
    actions = [action for each in types for action in each.actions]
    mails = (each for each in unfolded(actions) if isinstance(each, Email))
    return {template_file(each.body.template): each.body.template for each in mails}


def config_version(job_types: Iterable[JobType]) -> str:
    """Return the fingerprint of the job types, such as ``harness-0123456789ab``.

    It is the ``configVersion`` of a written configuration, which the backend stores with every job.
    """
    # Sorted keys: equal job types have one fingerprint, however their dictionaries were made.
    content = json.dumps(_jobs(job_types), sort_keys=True).encode()
    return f"harness-{hashlib.sha256(content).hexdigest()[:12]}"


def version_of(site: Site) -> str:
    """Return the ``configVersion`` that a backend of this site is started with."""
    return site.version or config_version(site.job_types.values())


def job_config_document(job_types: Iterable[JobType], version: str = "") -> dict[str, Any]:
    """Return the content of a configuration file; ``version`` "" means the fingerprint."""
    types = tuple(job_types)
    return {"configVersion": version or config_version(types), "jobs": _jobs(types)}


def job_config_yaml(job_types: Iterable[JobType], run: str = "", version: str = "") -> str:
    """Return the text of the configuration file for these job types.

    ``run`` replaces ``$run`` in the names of exchanges and queues. ``version`` "" means the
    fingerprint of the job types.
    """
    document = job_config_document(job_types, version)
    # The run is filled in last: the fingerprint stays the same for every run.
    return yaml.dump(document, Dumper=_NoAliases, sort_keys=False, width=100).replace("$run", run)


class _NoAliases(yaml.SafeDumper):
    """Writes equal parts twice instead of as an anchor and an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return True for every value."""
        del data
        return True
