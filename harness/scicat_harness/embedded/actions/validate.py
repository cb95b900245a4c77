"""The ``validate`` action: check parts of the request and of the datasets against JSON schemas.

See specification: action.validate. On update ``datasets`` is ignored.
"""

from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.actions import Context
from scicat_harness.embedded.actions.schemas import Schema
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootFailure, HttpFailure, rejection
from scicat_harness.embedded.jsonpath import JsonPath

__all__ = ["ValidateAction"]


@dataclass(frozen=True, slots=True)
class _Rule:
    """One path and the compiled schema that its values must satisfy."""

    path: JsonPath
    schema: Schema

    def check(self, root: object, defect: Defects) -> None:
        values = self.path.select(root)
        # Null counts as a value, an empty list at l[*] as nothing.
        if not values and not defect("actions.validate.absence-accepted"):
            raise rejection(f"Invalid request. Requires '{self.path.text}'")
        if defect("actions.validate.first-match-only"):
            values = values[:1]
        if not all(self.schema.accepts(value) for value in values):
            raise rejection(f"Invalid request. Invalid value for '{self.path.text}'")


@dataclass(frozen=True, slots=True)
class ValidateAction:
    """A validate action; ``datasets`` is None if not configured, or if the operation is update."""

    defect: Defects
    request: tuple[_Rule, ...]
    datasets: tuple[_Rule, ...] | None
    kind: str = "validate"

    @classmethod
    def build(cls, options: dict[str, Any], operation: str, defect: Defects) -> "ValidateAction":
        """Return the action for accepted options.

        Raises BootFailure for a schema that is no object or invalid, and for a JSONPath that is not
        supported here.
        """
        datasets = options.get("datasets")
        if operation == "update" and not defect("actions.validate.update-checks-datasets"):
            datasets = None
        return cls(
            defect,
            _rules(options.get("request") or {}, defect),
            None if datasets is None else _rules(datasets, defect),
        )

    @staticmethod
    def accepts(options: dict[str, Any]) -> bool:
        """Return whether the options are valid for a validate action; other keys are ignored."""
        return all(isinstance(options.get(key, {}), dict) for key in ("request", "datasets"))

    async def validate(self, context: Context) -> None:
        """Check the request, then each dataset; raise 400 for the first path that fails.

        Raises Thrown, which is swallowed, if the filter of a path reads a member of null.
        """
        if self.defect("actions.validate.skipped"):
            return
        if context.operation == "update" and self.defect("actions.validate.update-skipped"):
            return
        try:
            self._check(context)
        except HttpFailure as refusal:
            # Observed: on create it refuses a moment later than error does (actions.phases).
            refusal.delay = int(context.operation == "create")
            raise

    def _check(self, context: Context) -> None:
        rules = self.request
        if self.defect("actions.validate.first-path-only"):
            rules = rules[:1]
        for rule in rules:
            rule.check(context.request, self.defect)
        if self.datasets is None:
            return
        if not context.datasets:
            if self.defect("actions.validate.datasets-not-required"):
                return
            raise rejection("'jobParams.datasetList' is required.")
        checked = context.datasets
        if self.defect("actions.validate.first-dataset-only"):
            checked = checked[:1]
        # Each dataset against all rules before the next one: this decides which path is named.
        for dataset in checked:
            for rule in self.datasets:
                rule.check(dataset, self.defect)

    async def perform(self, context: Context) -> None:
        """Do nothing: everything was checked while validating."""


def _rules(schemas: dict[str, Any], defect: Defects) -> tuple[_Rule, ...]:
    if defect("startup.bad-schema-accepted"):
        schemas = {path: schema for path, schema in schemas.items() if isinstance(schema, dict)}
    if not all(isinstance(schema, dict) for schema in schemas.values()):
        raise BootFailure("Error: Schema must be a valid object.")
    return tuple(_Rule(JsonPath.parse(path), Schema(schema)) for path, schema in schemas.items())
