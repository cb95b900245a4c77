"""The ``log`` action: write lines to the backend's log.

See specification: action.log. ``init`` is written at the start and ``validate`` in that phase,
unless they are empty; ``perform`` always, even if empty. Unknown options stop the start.
"""

from dataclasses import dataclass
from typing import Any

from scicat_harness.embedded.actions import Context
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.nestlog import NestLog
from scicat_harness.embedded.templates import Template, TemplateFailure

__all__ = ["LogAction"]

_CONTEXT = "LogJobAction"
_DEFAULT_PERFORM = "Performing job for {{{ job.type }}}"
_TEXTS = ("init", "validate", "perform")
# The real backend loads the configuration twice, so init lines appear twice (specification: start).
_INSTANTIATIONS = 2


@dataclass(frozen=True, slots=True)
class LogAction:
    """A log action with the templates of both phases."""

    log: NestLog
    defect: Defects
    on_validate: Template
    on_perform: Template
    kind: str = "log"

    @classmethod
    def build(cls, options: dict[str, Any], log: NestLog, defect: Defects) -> "LogAction":
        """Return the action for accepted options, and log its ``init`` text.

        The context of ``init`` are the options themselves. Raises BootFailure if it cannot be
        rendered: of all templates only this one stops the start.
        """
        merged = {"init": "", "validate": "", "perform": _DEFAULT_PERFORM, **options}
        templates = {name: Template(merged[name], defect) for name in _TEXTS}
        for template in templates.values():
            template.refuse_unsupported()
        try:
            # Of all templates the only one that is rendered, and so parsed, at the start.
            text = templates["init"].render(merged)
        except TemplateFailure as failure:
            raise BootFailure(f"Error: {failure}") from None
        if text:
            for _ in range(_INSTANTIATIONS):
                log.log(_CONTEXT, text)
        return cls(log, defect, templates["validate"], templates["perform"])

    @staticmethod
    def accepts(options: dict[str, Any]) -> bool:
        """Return whether the options are valid for a log action."""
        # Unlike most actions this one refuses unknown options (specification: configuration.file).
        known = set(options) <= {"actionType", *_TEXTS}
        return known and all(isinstance(options.get(name, ""), str) for name in _TEXTS)

    async def validate(self, context: Context) -> None:
        """Log the ``validate`` text unless it is empty."""
        if self.defect("actions.log.validate-skipped"):
            return
        text = self.on_validate.render(context.values())
        if text:
            self.log.log(_CONTEXT, text)

    async def perform(self, context: Context) -> None:
        """Log the ``perform`` text, even if it is empty."""
        if self.defect("actions.log.perform-skipped"):
            return
        text = self.on_perform.render(context.values())
        if self.defect("actions.log.perform-unrendered"):
            text = self.on_perform.text
        self.log.log(_CONTEXT, text)
        if self.defect("actions.log.perform-twice"):
            self.log.log(_CONTEXT, text)
