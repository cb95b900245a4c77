"""The ``validate`` action: JSON schemas over parts of the request and of the datasets.

See specification: action.validate. On update datasets are never checked, whatever is configured.
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
        if not values and not defect("actions.validate.absence-accepted"):
            raise rejection(f"Invalid request. Requires '{self.path.text}'")
        if defect("actions.validate.first-match-only"):
            values = values[:1]
        if not all(self.schema.accepts(value) for value in values):
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
        """Whether the options are those of a validate action."""
        return all(isinstance(options.get(key, {}), dict) for key in ("request", "datasets"))

    async def validate(self, context: Context) -> None:
        """Reject the request with the first rule that it breaks."""
        if self.defect("actions.validate.skipped"):
            return
        if context.operation == "update" and self.defect("actions.validate.update-skipped"):
            return
        try:
            self._check(context)
        except HttpFailure as refusal:
            # On create it waits for the part that both operations share.
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
        for dataset in checked:
            for rule in self.datasets:
                rule.check(dataset, self.defect)

    async def perform(self, context: Context) -> None:
        """Nothing is left to do after storing."""


def _rules(schemas: dict[str, Any], defect: Defects) -> tuple[_Rule, ...]:
    if defect("startup.bad-schema-accepted"):
        schemas = {path: schema for path, schema in schemas.items() if isinstance(schema, dict)}
    if not all(isinstance(schema, dict) for schema in schemas.values()):
        raise BootFailure("Error: Schema must be a valid object.")
    return tuple(_Rule(JsonPath.parse(path), Schema(schema)) for path, schema in schemas.items())
