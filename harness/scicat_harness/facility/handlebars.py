"""Handlebars.js as the renderer, and what of a template nobody can tell before a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from scicat_harness.config.startup import SINK_VARIABLE
from scicat_harness.config.variables import is_of_the_run, may_be_of_the_image
from scicat_harness.facility.contexts import KNOWN_OF_DATASETS
from scicat_harness.facility.rendering import RenderingFailure
from scicat_harness.javascript.engine import JavaScriptEngine
from scicat_harness.javascript.failure import JavaScriptError
from scicat_harness.javascript.template import Variable

__all__ = ["Handlebars"]

_LOOKING = frozenset({"each", "if", "unless", "with"})
"""Helpers that ask for a value without showing all of it."""


class Handlebars:
    """Renders with the engine; what a template reads is asked once."""

    def __init__(self, engine: JavaScriptEngine, told: Collection[str] = ()) -> None:
        """Render with an engine; ``told`` are the variables whose values are known."""
        self._engine = engine
        self._told = told
        self._unknown: dict[str, str] = {}

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """The text; an error of the template is a TemplateFailure."""
        try:
            return self._engine.render(template, context)
        except JavaScriptError as error:
            raise RenderingFailure(error.name, error.message) from None

    def unknown(self, template: str) -> str:
        """Which value it shows that only the backend knows; "" for none."""
        if template not in self._unknown:
            self._unknown[template] = next(self._beyond(template), "")
        return self._unknown[template]

    def _beyond(self, template: str) -> Iterator[str]:
        if "{{" not in template:
            return
        try:
            used = self._engine.parse_template(template)
        except JavaScriptError:
            return  # rendering tells what is wrong with it
        for each in used:
            if isinstance(each, Variable):
                yield from self._of(each, template)

    def _of(self, variable: Variable, template: str) -> Iterator[str]:
        path = variable.path
        if path is None:
            # What a block was handed to a partial for is told by what is in the block.
            if "datasets" in template and not variable.name.startswith("@"):
                yield f"{variable.name} of a dataset is the backend's to say"
        elif not path or path[0] == "*":
            if not _only_looks(variable):
                yield f"{variable.name} is the whole context, with the backend's environment"
        elif path[0] == "datasets" and _is_unknown(variable, path):
            yield f"{variable.name} of a dataset is the backend's to say"
        elif path[0] == "env" and self._is_unknown_variable(variable, path[1:]):
            yield f"{variable.name} is another one in the environment of the backend"

    def _is_unknown_variable(self, variable: Variable, name: tuple[str, ...]) -> bool:
        if not name:
            return variable.within == "each" or not _only_looks(variable)
        if name[0] in ("*", "?"):
            return True
        own = is_of_the_run(name[0]) or may_be_of_the_image(name[0])
        return own and name[0] not in self._told and name[0] != SINK_VARIABLE


def _only_looks(variable: Variable) -> bool:
    """Whether a value is asked about, and not shown as a whole."""
    return not variable.output and variable.within in _LOOKING


def _is_unknown(variable: Variable, path: tuple[str, ...]) -> bool:
    fields = [each for each in path[1:] if each not in ("*", "?") and not each.isdigit()]
    if not fields:
        # The whole of a dataset, shown or handed to somebody who may show it.
        return not _only_looks(variable)
    if fields == ["datasetlifecycle"]:
        return True
    return not set(fields) <= KNOWN_OF_DATASETS | {"length"}
