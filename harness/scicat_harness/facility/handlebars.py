"""Rendering by handlebars.js, and the values of a template that only the backend knows."""

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

_TESTING = frozenset({"each", "if", "unless", "with"})
"""Helpers that test or enter a value without showing the whole of it."""


class Handlebars:
    """Renders templates with an engine; each template is analysed once."""

    def __init__(self, engine: JavaScriptEngine, known: Collection[str] = ()) -> None:
        """Render with an engine; ``known`` are environment variables with known values."""
        self._engine = engine
        self._known = known
        self._unknown: dict[tuple[str, bool], str] = {}

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """Return the rendered text; raises RenderingFailure for an error of the template."""
        try:
            return self._engine.render(template, context)
        except JavaScriptError as error:
            raise RenderingFailure(error.name, error.message) from None

    def unknown(self, template: str, *, whole_environment: bool = False) -> str:
        """Return a phrase about a value that only the backend knows, or an empty text.

        A text with such a value is not judged. With ``whole_environment`` all variables are known.
        """
        key = template, whole_environment
        if key not in self._unknown:
            found = self._unknown_values(template)
            about = (phrase for of_env, phrase in found if not (of_env and whole_environment))
            self._unknown[key] = next(about, "")
        return self._unknown[key]

    def _unknown_values(self, template: str) -> Iterator[tuple[bool, str]]:
        """Yield phrases, each with whether it is about the environment alone."""
        if "{{" not in template:
            return
        try:
            used = self._engine.parse_template(template)
        except JavaScriptError:
            return  # rendering reports the error
        for each in used:
            if isinstance(each, Variable):
                of_env = each.path is not None and each.path[:1] == ("env",)
                yield from ((of_env, phrase) for phrase in self._of(each, template))

    def _of(self, variable: Variable, template: str) -> Iterator[str]:
        path = variable.path
        if path is None:
            # The path is unknown to the engine. It may lead into a dataset only if the template
            # names datasets at all; @index and its like never do.
            if "datasets" in template and not variable.name.startswith("@"):
                yield f"{variable.name} of a dataset is known to the backend only"
        elif not path or path[0] == "*":
            if not _only_looks(variable):
                yield f"{variable.name} is the whole context, which has the backend's environment"
        elif path[0] == "datasets" and _is_unknown(variable, path):
            yield f"{variable.name} of a dataset is known to the backend only"
        elif path[0] == "env" and self._is_unknown_variable(variable, path[1:]):
            yield f"{variable.name} has another value in the environment of the backend"

    def _is_unknown_variable(self, variable: Variable, name: tuple[str, ...]) -> bool:
        if not name:
            return variable.within == "each" or not _only_looks(variable)
        if name[0] in ("*", "?"):
            return True
        # Variables of the run and of a container image differ from those of the facility.
        own = is_of_the_run(name[0]) or may_be_of_the_image(name[0])
        return own and name[0] not in self._known and name[0] != SINK_VARIABLE


def _only_looks(variable: Variable) -> bool:
    """Return whether a value is tested or entered, and not shown as a whole."""
    return not variable.output and variable.within in _TESTING


def _is_unknown(variable: Variable, path: tuple[str, ...]) -> bool:
    fields = [each for each in path[1:] if each not in ("*", "?") and not each.isdigit()]
    if not fields:
        # A whole dataset, shown or passed to a helper that may show it.
        return not _only_looks(variable)
    # The backend adds fields to the lifecycle, so the whole of it is unknown.
    if fields == ["datasetlifecycle"]:
        return True
    return not set(fields) <= KNOWN_OF_DATASETS | {"length"}
