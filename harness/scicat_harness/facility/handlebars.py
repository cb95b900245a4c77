"""Rendering by handlebars.js, and the values of a template that only the backend knows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from scicat_harness.config.startup import SINK_VARIABLE
from scicat_harness.config.variables import is_of_the_run, may_be_of_the_image
from scicat_harness.facility.rendering import RenderingFailure
from scicat_harness.javascript.engine import JavaScriptEngine
from scicat_harness.javascript.failure import JavaScriptError
from scicat_harness.javascript.template import Variable
from scicat_harness.model.release import DATASETS_LOADED, Release

__all__ = ["Handlebars"]

_SHOWN_OF_JOBS = frozenset(
    {"id", "type", "statusCode", "statusMessage", "createdBy", "jobParams", "contactEmail"}
)
"""What templates see of a job in v4.20.2, which loads no datasets either."""
_TESTING = frozenset({"each", "if", "unless", "with"})
"""Helpers that test or enter a value without showing the whole of it."""


class Handlebars:
    """Renders templates with an engine; each template is analysed once."""

    def __init__(
        self,
        engine: JavaScriptEngine,
        known: Collection[str] = (),
        release: Release = DATASETS_LOADED,
    ) -> None:
        """Render with an engine, as a release does.

        ``known`` are environment variables with known values.
        """
        self._engine = engine
        self._loads_datasets = release >= DATASETS_LOADED
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
            # The engine does not know where it leads. It may lead into a dataset only if the
            # template names datasets at all; @index and its like never do.
            may = "datasets" in template and not variable.name.startswith("@")
            if may and (not self._loads_datasets or variable.within == "unwrapJSON"):
                yield f"{variable.name} of a dataset is known to the backend only"
        elif not path or path[0] == "*":
            if not _only_looks(variable):
                yield f"{variable.name} is the whole context, which has the backend's environment"
        elif path[0] == "datasets" and (
            not self._loads_datasets or _looks_into_an_id(variable, path)
        ):
            yield f"{variable.name} of a dataset is known to the backend only"
        elif path[0] == "job" and not self._loads_datasets and not _SHOWN_OF_JOBS & set(path[1:2]):
            yield f"{variable.name} may be hidden from templates in this release"
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


def _looks_into_an_id(variable: Variable, path: tuple[str, ...]) -> bool:
    """Return whether a helper gets the parts of an object with an id of the database.

    Such an id is an object there, which looks like a text only where it is printed.
    """
    fields = [each for each in path[1:] if each not in ("*", "?") and not each.isdigit()]
    if fields[:2] == ["datasetlifecycle", "_id"]:
        return variable.within is not None
    return variable.within == "unwrapJSON" and fields in ([], ["datasetlifecycle"], ["techniques"])
