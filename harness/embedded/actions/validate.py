"""The ``validate`` action: JSON schemas over parts of the request and of the datasets.

Reads section 7.9. Schemas are draft-07 without formats; what the schema library judges
differently from the real backend's is refused at the start instead of judged wrongly.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness.embedded.actions import Context
from harness.embedded.defects import Defects
from harness.embedded.failures import BootFailure, rejection
from harness.embedded.jsonpath import JsonPath

__all__ = ["ValidateAction"]

_DRAFT_07 = "http://json-schema.org/draft-07/schema"


@dataclass(frozen=True, slots=True)
class _Rule:
    """One path and the compiled schema that its values must satisfy."""

    path: JsonPath
    schema: Any

    def check(self, root: object) -> None:
        values = self.path.select(root)
        if not values:
            raise rejection(f"Invalid request. Requires '{self.path.text}'")
        if not all(self.schema.is_valid(_plain(value)) for value in values):
            raise rejection(f"Invalid request. Invalid value for '{self.path.text}'")


@dataclass(frozen=True, slots=True)
class ValidateAction:
    """Checks requests, and on create datasets, against schemas."""

    defect: Defects
    request: tuple[_Rule, ...]
    datasets: tuple[_Rule, ...] | None
    kind: str = "validate"

    @classmethod
    def build(cls, options: dict[str, Any], operation: str, defect: Defects) -> "ValidateAction":
        """The action of checked options; ``datasets`` count only on create."""
        datasets = options.get("datasets") if operation == "create" else None
        return cls(
            defect,
            _rules(options.get("request") or {}),
            None if datasets is None else _rules(datasets),
        )

    @staticmethod
    def accepts(options: dict[str, Any]) -> bool:
        """Whether the options are those of a validate action."""
        return all(isinstance(options.get(key, {}), dict) for key in ("request", "datasets"))

    async def validate(self, context: Context) -> None:
        """Reject the request with the first rule that it breaks."""
        if self.defect("actions.validate.skipped"):
            return
        for rule in self.request:
            rule.check(context.request)
        if self.datasets is None:
            return
        if not context.datasets:
            raise rejection("'jobParams.datasetList' is required.")
        checked = context.datasets
        if self.defect("actions.validate.first-dataset-only"):
            checked = checked[:1]
        for rule in self.datasets:
            for dataset in checked:
                rule.check(dataset)

    async def perform(self, context: Context) -> None:
        """Nothing is left to do after storing."""


def _rules(schemas: dict[str, Any]) -> tuple[_Rule, ...]:
    return tuple(_Rule(JsonPath.parse(path), _compiled(schema)) for path, schema in schemas.items())


def _compiled(schema: object) -> Any:
    # Imported late: the library takes longer to load than the rest of the backend.
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import SchemaError

    if not isinstance(schema, dict):
        raise BootFailure("Error: Schema must be a valid object.")
    dialect = schema.get("$schema", _DRAFT_07)
    if not isinstance(dialect, str) or dialect.rstrip("#") != _DRAFT_07:
        raise BootFailure(f'Error: no schema with key or ref "{dialect}"')
    _check_keywords(schema, schema)
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        at = "".join(f"/{part}" for part in error.absolute_path)
        raise BootFailure(f"Error: schema is invalid: data{at} {error.message}") from None
    return Draft7Validator(schema)


def _check_keywords(node: object, root: dict[str, Any]) -> None:
    """Refuse references that lead nowhere and keywords that are judged differently here."""
    if isinstance(node, list):
        for item in node:
            _check_keywords(item, root)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        if not _leads_somewhere(reference, root):
            raise BootFailure(f"Error: can't resolve reference {reference} from id #")
        if len(node) > 1:
            raise BootFailure("Error: the embedded backend supports no keywords beside '$ref'")
    if isinstance(node.get("nullable"), bool):
        raise BootFailure("Error: the embedded backend does not support the keyword 'nullable'")
    for value in node.values():
        _check_keywords(value, root)


def _leads_somewhere(reference: str, root: dict[str, Any]) -> bool:
    if not reference.startswith("#"):
        return False
    node: object = root
    for part in reference.lstrip("#").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or name not in node:
            return False
        node = node[name]
    return True


def _plain(value: object) -> object:
    """The value as the schema library should see it; a date is an object without members."""
    if isinstance(value, datetime):
        return {}
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
