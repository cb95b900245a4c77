"""The engine: calls of Handlebars, Ajv, JSONPath-Plus and js-yaml, answered by Node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scicat_harness.javascript.child import AnsweringProcess
from scicat_harness.javascript.environment import node_environment
from scicat_harness.javascript.failure import EngineFault, JavaScriptError, YamlError
from scicat_harness.javascript.template import (
    Branch,
    Helper,
    Note,
    Variable,
    branch_of,
    note_of,
)
from scicat_harness.javascript.values import decoded, encoded

__all__ = ["DEADLINE", "Compiled", "JavaScriptEngine"]

DEADLINE = 20.0
"""Seconds for one call: a template or a pattern may never end, and a machine may be busy."""
_SCRIPT = Path(__file__).with_name("engine.js")
# Megabytes of the heap: a template of a stranger must not use up the memory of the machine.
_MEMORY = "--max-old-space-size=512"


@dataclass(frozen=True, slots=True)
class Compiled:
    """The error at which compiling a list of schemas stopped; ``at`` is the index of the schema."""

    at: int
    message: str
    name: str = "Error"


class JavaScriptEngine:
    """Owns a Node process that starts with the first call; use it as a context manager.

    ``libraries`` is a ``node_modules`` folder, ``helpers`` the compiled module with the template
    helpers of a build. Every call may raise EngineFault if Node fails; that
    says nothing about the template or schema, and the next call starts another process. Values are
    JSON types, and dates as ``datetime``::

        with JavaScriptEngine(Path("/usr/bin/node"), Path("node_modules")) as engine:
            engine.check_schema({"type": "string"}, 1)  # False
    """

    def __init__(
        self,
        node: Path,
        libraries: Path,
        *,
        helpers: Path | None = None,
        script: Path = _SCRIPT,
        deadline: float = DEADLINE,
    ) -> None:
        self.libraries = libraries
        self._deadline = deadline
        # Without our environment: a template could show its secrets.
        command = [str(node), _MEMORY, str(script), str(libraries)]
        command += [str(helpers)] if helpers is not None else []
        self._child = AnsweringProcess(command, node_environment())
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._child.close()

    @property
    def pid(self) -> int | None:
        """The id of the Node process, or None while none runs."""
        return self._child.pid

    def helpers(self) -> frozenset[str]:
        """Return the names of the helpers of the build; none without one."""
        return frozenset(map(str, self._ask("helpers")))

    def versions(self) -> dict[str, str]:
        """Return the versions of Node and of the libraries by their names."""
        return dict(self._ask("versions"))

    def read_yaml(self, text: str, name: str) -> Any:
        """Return the value of a YAML or JSON text, as js-yaml reads it.

        ``name`` is the file name for the message. Raises YamlError if the text is not YAML, and
        JavaScriptError for a value that contains itself or has more than 300,000 parts.
        """
        return decoded(self._ask("yaml", text=text, name=name))

    def parse_template(self, text: str) -> list[Variable | Helper | Note]:
        """Return the variables, helpers and partials of a template, in their order.

        Raises JavaScriptError if Handlebars cannot parse or compile the template.
        """
        return [note_of(each) for each in self._ask("template", text=text)]

    def branches(self, text: str) -> list[Branch]:
        """Return the branches of a template, by their numbers.

        Raises JavaScriptError if Handlebars cannot parse the template.
        """
        return [branch_of(each) for each in self._ask("branches", text=text)]

    def entered(self, text: str, context: Any) -> set[int]:
        """Return the numbers of the branches that a rendering enters, also one that fails."""
        return set(self._ask("entered", text=text, context=encoded(context)))

    def render(self, text: str, context: Any) -> str:
        """Render a template with the helpers of the backend (specification: templates.helpers).

        Raises JavaScriptError if the template cannot be compiled or a helper fails.
        """
        return str(self._ask("render", text=text, context=encoded(context)))

    def compile_schemas(self, schemas: Sequence[Any]) -> Compiled | None:
        """Compile schemas one by one with one Ajv, and return where it stops, or None.

        Ajv has the options of the backend. One instance for all of them matters: schemas with the
        same ``$id`` conflict.
        """
        found = self._ask("schemas", schemas=[encoded(each) for each in schemas])
        return Compiled(found["at"], found["message"], found["name"]) if found else None

    def compile_schema(self, schema: Any) -> str | None:
        """Return the message with which Ajv refuses a schema, or None."""
        found = self.compile_schemas([schema])
        return found.message if found else None

    def check_schema(self, schema: Any, value: Any) -> bool:
        """Return whether a value satisfies a schema.

        Raises JavaScriptError if Ajv cannot compile the schema.
        """
        return bool(self._ask("schema", schema=encoded(schema), value=encoded(value))["fits"])

    def schema_errors(self, schema: Any, value: Any) -> list[dict[str, Any]]:
        """Return Ajv's errors for a value, empty if it satisfies the schema."""
        answer = self._ask("schema", schema=encoded(schema), value=encoded(value))
        return list(answer["errors"])

    def select(self, path: str, value: Any) -> list[Any]:
        """Return the values at a JSONPath; raises JavaScriptError if the path is invalid."""
        return list(decoded(self._ask("path", path=path, value=encoded(value))))

    def compile_path(self, path: str) -> str | None:
        """Return the message with which JSONPath-Plus refuses a path, or None.

        Filters and scripts are compiled as well, which JSONPath-Plus does only when they are used.
        """
        return self._error_of("pathSyntax", path=path)

    def compile_regex(self, text: str) -> str | None:
        """Return the message with which JavaScript refuses ``/pattern/flags``, or None."""
        return self._error_of("regex", text=text)

    def _error_of(self, what: str, **given: Any) -> str | None:
        try:
            self._ask(what, **given)
        except JavaScriptError as error:
            return error.message
        return None

    def _ask(self, what: str, **given: Any) -> Any:
        self._asked += 1
        answer = self._child.ask({"id": self._asked, "ask": what, **given}, self._deadline)
        # An answer with another id would be that of an earlier request.
        if not isinstance(answer, dict) or answer.get("id") != self._asked:
            self.close()
            raise EngineFault("Node answered another question than the one that was asked")
        thrown = answer.get("thrown")
        if thrown is None:
            return answer.get("answer")
        name, message = str(thrown["name"]), str(thrown["message"])
        # The name of js-yaml's own error; others are errors of JavaScript itself.
        if name == "YAMLException":
            reason = str(thrown.get("reason", message))
            raise YamlError(name, message, reason, thrown.get("line", 0), thrown.get("column", 0))
        raise JavaScriptError(name, message)
