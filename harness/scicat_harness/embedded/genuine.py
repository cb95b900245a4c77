"""The JavaScript libraries of the real backend, for what the embedded backend does not do itself.

Partials and decorators in templates, scripts in paths, and keywords beside ``$ref`` are left to
Handlebars, JSONPath-Plus and Ajv. They run in one Node process, which starts with the first use;
without them such a configuration stops the start, with a message that says how to get them.
"""

import atexit
from collections.abc import Mapping
from typing import Any

from scicat_harness.embedded.failures import BootFailure, Thrown
from scicat_harness.embedded.handlebars.scope import Opaque
from scicat_harness.javascript.engine import JavaScriptEngine
from scicat_harness.javascript.failure import EngineFault, JavaScriptError
from scicat_harness.javascript.finding import Missing, find_engine
from scicat_harness.javascript.values import Concealed

__all__ = ["GENUINE", "GenuineLibraries"]


class GenuineLibraries:
    """Owns the Node process."""

    def __init__(self) -> None:
        self._found: JavaScriptEngine | Missing | None = None
        self._helpers: frozenset[str] | None = None

    def require(self, what: str, instead: str) -> None:
        """Raise BootFailure unless the libraries are there.

        ``what`` is what needs them, such as ``a decorator in a template``; ``instead`` is the other
        way out, an imperative sentence.
        """
        engine = self._engine()
        if isinstance(engine, Missing):
            raise BootFailure(
                f"Error: the embedded backend does not support {what} by itself, and"
                f" {engine.reason}. {instead}"
            )

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        """Return a rendered template; raises Thrown with the error of Handlebars."""
        return str(self._asked("render", template, _plain(context)))

    def has_helper(self, name: str) -> bool:
        """Return whether a build of the backend has a helper of its own by this name."""
        engine = self._engine()
        if isinstance(engine, Missing):
            return False
        if self._helpers is None:
            try:
                self._helpers = engine.helpers()
            except (JavaScriptError, EngineFault):
                self._helpers = frozenset()
        return name in self._helpers

    def accepts_template(self, template: str) -> bool:
        """Return whether Handlebars is there and can parse a template."""
        engine = self._engine()
        if isinstance(engine, Missing):
            return False
        try:
            engine.parse_template(template)
        except (JavaScriptError, EngineFault):
            return False
        return True

    def select(self, path: str, root: object) -> list[Any]:
        """Return the values at a path; raises Thrown with the error of JSONPath-Plus."""
        return list(self._asked("select", path, _plain(root)))

    def accepts(self, schema: object, value: object) -> bool:
        """Return whether a value satisfies a schema by Ajv."""
        return bool(self._asked("check_schema", schema, _plain(value)))

    def close(self) -> None:
        """End the process; the next use starts another one."""
        found, self._found, self._helpers = self._found, None, None
        if isinstance(found, JavaScriptEngine):
            found.close()

    def _asked(self, question: str, *given: Any) -> Any:
        engine = self._engine()
        if isinstance(engine, Missing):
            raise Thrown(engine.reason)
        try:
            return getattr(engine, question)(*given)
        except JavaScriptError as error:
            raise Thrown(error.message, error.name) from None
        except EngineFault as fault:
            raise Thrown(str(fault)) from None

    def _engine(self) -> JavaScriptEngine | Missing:
        if self._found is None:
            self._found = find_engine()
        return self._found


GENUINE = GenuineLibraries()
"""One for the process: templates and paths are values, and own nothing."""
atexit.register(GENUINE.close)


def _plain(value: Any) -> Any:
    """Return a value in the types that the engine takes."""
    if isinstance(value, Opaque):
        return Concealed(_plain(value.value))
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
