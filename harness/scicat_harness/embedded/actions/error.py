"""The ``error`` action: refuse every request with a configured status and message.

See specification: action.error. It refuses in the validate phase. Status 0 or none is 400; a status
that HTTP does not have becomes 500.
"""

from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.actions import Context
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import crash, rejection
from scicat_harness.embedded.nestlog import NestLog
from scicat_harness.embedded.templates import Template

__all__ = ["ErrorAction"]


@dataclass(frozen=True, slots=True)
class ErrorAction:
    """An error action with the template of its message."""

    log: NestLog
    defect: Defects
    message: Template
    status: int
    kind: str = "error"

    @classmethod
    def build(cls, options: dict[str, Any], log: NestLog, defect: Defects) -> "ErrorAction":
        """Return the action for accepted options; raise BootFailure for an unsupported template."""
        message = Template(options["message"], defect)
        message.refuse_unsupported()
        return cls(log, defect, message, int(options.get("status") or 400))

    @staticmethod
    def accepts(options: dict[str, Any]) -> bool:
        """Return whether the options are valid for an error action."""
        status = options.get("status", 0)
        # In Python a bool is an int.
        numeric = isinstance(status, int | float) and not isinstance(status, bool)
        return isinstance(options.get("message"), str) and numeric

    async def validate(self, context: Context) -> None:
        """Raise HttpFailure with the configured status and the rendered message.

        A message that cannot be rendered raises Thrown, which is swallowed: the request goes on.
        """
        if self.defect("actions.error.skipped") or self.defect("actions.error.raised-in-perform"):
            return
        if context.operation == "update" and self.defect("actions.error.update-skipped"):
            return
        self._throw(context)

    async def perform(self, context: Context) -> None:
        """Do nothing: the error was raised while validating."""
        if self.defect("actions.error.raised-in-perform"):
            self._throw(context)

    def _throw(self, context: Context) -> None:
        message = self.message.render(context.values())
        if self.defect("actions.error.message-unrendered"):
            message = self.message.text
        # The real line has no context, and the configured status even where the reply is 500.
        self.log.error("", f"Executing error action [{self.status}]: {message}")
        status = 400 if self.defect("actions.error.status-ignored") else self.status
        # Neither 1xx nor a status that HTTP does not have can end a reply; the attempt is 500.
        raise rejection(message, status) if 200 <= status <= 999 else crash()
