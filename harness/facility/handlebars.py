"""Handlebars.js as the renderer, and what of a template nobody can tell before a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.facility.contexts import KNOWN_OF_DATASETS
from harness.facility.rendering import TemplateFailure
from harness.javascript.engine import Engine
from harness.javascript.failure import JavaScriptError
from harness.javascript.template import Variable

__all__ = ["Handlebars"]

_LOOKING = frozenset({"each", "if", "unless", "with"})
"""Helpers that ask for a value without showing all of it."""


class Handlebars:
    """Renders with the engine; what a template reads is asked once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._unknown: dict[str, str] = {}

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """The text; an error of the template is a TemplateFailure."""
        try:
            return self._engine.render(template, context)
        except JavaScriptError as error:
            raise TemplateFailure(error.name, error.message) from None

    def unknown(self, template: str) -> str:
        """Which part of a dataset it shows that only the backend knows; "" for none."""
        if template not in self._unknown:
            self._unknown[template] = next(self._beyond(template), "")
        return self._unknown[template]

    def _beyond(self, template: str) -> Iterator[str]:
        if "datasets" not in template:
            return
        try:
            used = self._engine.parse_template(template)
        except JavaScriptError:
            return  # rendering tells what is wrong with it
        for each in used:
            if isinstance(each, Variable) and _is_unknown(each):
                yield f"{each.name} of a dataset is the backend's to say"


def _is_unknown(variable: Variable) -> bool:
    path = variable.path
    if path is None:
        # What a block was handed to a partial for is told by what is in the block.
        return not variable.name.startswith("@")
    if path[0] != "datasets":
        return False
    fields = [each for each in path[1:] if each not in ("*", "?") and not each.isdigit()]
    if not fields:
        # The whole of a dataset, shown or handed to somebody who may show it.
        return variable.output or variable.within not in _LOOKING
    if fields == ["datasetlifecycle"]:
        return True
    return not set(fields) <= KNOWN_OF_DATASETS | {"length"}
