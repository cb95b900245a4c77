"""The job configuration: job types with the auth values and actions of their operations.

See specification: configuration.file, start.errors. Errors are found in the order of the real
backend: file, schema, duplicate types, missing operations, actions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.embedded.actions import ActionHandler
from scicat_harness.embedded.actions.registry import ActionFactory
from scicat_harness.embedded.configfile import read_document
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.javascript import PROTOTYPE_NAMES, stringify

__all__ = ["INHERITED", "ConfiguredOperation", "ConfiguredType", "JobConfiguration"]


@dataclass(frozen=True, slots=True)
class ConfiguredOperation:
    """The auth value (None if missing) and the actions of one operation of a job type."""

    auth: str | None
    actions: tuple[ActionHandler, ...]


INHERITED = ConfiguredOperation(None, ())
"""The operation of a "job type" such as ``constructor``, which every JavaScript object has.

The lookup of the type succeeds, and the create then fails with 500 (specification: create.steps).
"""


@dataclass(frozen=True, slots=True)
class ConfiguredType:
    """One job type of the configuration."""

    name: str
    create: ConfiguredOperation
    update: ConfiguredOperation


@dataclass(frozen=True, slots=True)
class JobConfiguration:
    """All job types by name, and the ``configVersion`` of the file."""

    version: str = ""
    types: Mapping[str, ConfiguredType] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str, factory: ActionFactory) -> "JobConfiguration":
        """Return the configuration in a file, an empty one without a path.

        Raises BootFailure for the first error, with the message of specification: start.errors.
        """
        if not path:
            return cls()
        document = read_document(path)
        _check_schema(document, path)
        entries: list[dict[str, Any]] = document["jobs"]
        names = [entry["jobType"] for entry in entries]
        for name in names:
            # Types are kept in an object, which has some properties from its beginning.
            known = names.count(name) > 1 or name in PROTOTYPE_NAMES
            if known and not factory.defect("startup.duplicate-type-accepted"):
                raise BootFailure(f"Error: Duplicate job type {name} in {path}")
        types = {entry["jobType"]: _job_type(entry, factory) for entry in entries}
        return cls(document["configVersion"], types)

    def create_auths(self) -> frozenset[str | None]:
        """Return the create auth values of all types; endpoint authorization depends on them."""
        return frozenset(job_type.create.auth for job_type in self.types.values())

    def update_auths(self) -> frozenset[str | None]:
        """Return the update auth values of all types; endpoint authorization depends on them."""
        return frozenset(job_type.update.auth for job_type in self.types.values())


def _job_type(entry: dict[str, Any], factory: ActionFactory) -> ConfiguredType:
    # Create first: an error in its actions is reported before a missing update.
    create = _operation(entry, factory, "create")
    return ConfiguredType(entry["jobType"], create, _operation(entry, factory, "update"))


def _operation(job_type: dict[str, Any], factory: ActionFactory, name: str) -> ConfiguredOperation:
    if name not in job_type and not factory.defect("startup.missing-operation-accepted"):
        raise BootFailure(
            "TypeError: Cannot read properties of undefined (reading 'actions')"
            f" [job type {job_type['jobType']} has no '{name}']"
        )
    entry = job_type.get(name, {})
    auth = entry.get("auth")
    actions = [factory.build(options, name) for options in entry.get("actions") or []]
    return ConfiguredOperation(auth if isinstance(auth, str) else None, tuple(actions))


def _check_schema(document: object, path: str) -> None:
    error = _first_error(document)
    if error:
        raise BootFailure(f"Error: Invalid job configuration ({path}): {stringify([error], 2)}")


# Written by hand, since the order and the wording of the errors are those of Ajv, which stops at
# the first one.
def _first_error(document: object) -> dict[str, Any] | None:
    if not isinstance(document, dict):
        return _mistyped("", "object")
    for name, kind in (("configVersion", str), ("jobs", list)):
        if name not in document:
            return _missing("", name)
        if not isinstance(document[name], kind):
            return _mistyped(f"/{name}", "string" if kind is str else "array")
    errors = (_entry_error(entry, f"/jobs/{n}") for n, entry in enumerate(document["jobs"]))
    return next((error for error in errors if error), None)


def _entry_error(entry: object, at: str) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        return _mistyped(at, "object")
    if "jobType" not in entry:
        return _missing(at, "jobType")
    if not isinstance(entry["jobType"], str):
        return _mistyped(f"{at}/jobType", "string")
    # Optional for the schema; a missing one is an error of its own, after the schema.
    for name in ("create", "update"):
        error = _operation_error(entry[name], f"{at}/{name}") if name in entry else None
        if error:
            return error
    return None


def _operation_error(entry: object, at: str) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        return _mistyped(at, "object")
    if "auth" in entry and not isinstance(entry["auth"], str):
        return _mistyped(f"{at}/auth", "string")
    actions = entry.get("actions", [])
    if not isinstance(actions, list):
        return _mistyped(f"{at}/actions", "array")
    for number, action in enumerate(actions):
        here = f"{at}/actions/{number}"
        if not isinstance(action, dict):
            return _mistyped(here, "object")
        if "actionType" not in action:
            return _missing(here, "actionType")
        if not isinstance(action["actionType"], str):
            return _mistyped(f"{here}/actionType", "string")
    return None


def _mistyped(at: str, kind: str) -> dict[str, Any]:
    return {
        "instancePath": at,
        "keyword": "type",
        "params": {"type": kind},
        "message": f"must be {kind}",
    }


def _missing(at: str, name: str) -> dict[str, Any]:
    return {
        "instancePath": at,
        "keyword": "required",
        "params": {"missingProperty": name},
        "message": f"must have required property '{name}'",
    }
