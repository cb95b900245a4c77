"""From the options in a configuration file to actions: which types exist, and who builds them.

Reads the rows of section 1.2 about actions: unknown types, bad options, a broker that is not
enabled. Types in :mod:`harness.embedded.actions.pending` are refused once everything else about
the configuration has proved right.
"""

from dataclasses import dataclass, field
from typing import Any

from harness.embedded.actions import Action
from harness.embedded.actions.error import ErrorAction
from harness.embedded.actions.log import LogAction
from harness.embedded.actions.pending import PENDING, check_body_template, check_mail_template
from harness.embedded.actions.validate import ValidateAction
from harness.embedded.defects import Defects
from harness.embedded.failures import BootFailure
from harness.embedded.javascript import stringify
from harness.embedded.nestlog import NestLog

__all__ = ["Workshop"]


@dataclass(slots=True)
class Workshop:
    """Builds the actions of one configuration file."""

    path: str
    log: NestLog
    defect: Defects
    rabbitmq_enabled: bool = False
    _refused: list[str] = field(default_factory=list)

    def build(self, options: dict[str, Any], operation: str) -> Action:
        """The action of its options; raises BootFailure."""
        match options["actionType"]:
            case "log":
                self._require(LogAction.accepts(options), options)
                return LogAction.build(options, self.log, self.defect)
            case "error":
                self._require(ErrorAction.accepts(options), options)
                return ErrorAction.build(options, self.log, self.defect)
            case "validate":
                self._require(ValidateAction.accepts(options), options)
                return ValidateAction.build(options, operation, self.defect)
            case kind if kind in PENDING:
                self._check_pending(kind, options)
                return _Nothing(kind)
            case kind:
                raise BootFailure(f"Error: Unknown action type {kind} in {self.path}")

    def refuse_pending(self) -> None:
        """Raise BootFailure if an action was asked for that is not performed yet."""
        if self._refused:
            kinds = ", ".join(dict.fromkeys(self._refused))
            raise BootFailure(
                f"Error: the embedded backend does not perform these actions yet: {kinds}"
                f" (in {self.path})"
            )

    def _check_pending(self, kind: str, options: dict[str, Any]) -> None:
        if kind == "rabbitmq" and not self.rabbitmq_enabled:
            raise BootFailure(
                f"Error: Action type rabbitmq in {self.path} wasn't correctly initialized"
            )
        self._require(PENDING[kind](options), options)
        if kind == "email":
            check_mail_template(options)
        if kind == "url":
            check_body_template(options)
        if kind == "switch":
            for case in options["cases"]:
                for inner in case["actions"]:
                    self.build(inner, "create")
        self._refused.append(kind)

    def _require(self, accepted: bool, options: dict[str, Any]) -> None:
        if not accepted:
            kind = options["actionType"]
            raise BootFailure(f"Error: Invalid options for {kind} action: {stringify(options)}")


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Stands for a pending action until the configuration is refused."""

    kind: str

    async def validate(self, context: Any) -> None:
        """Never called."""

    async def perform(self, context: Any) -> None:
        """Never called."""
