"""The engine: questions to Handlebars, Ajv, JSONPath-Plus and js-yaml, answered by Node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from scicat_harness.javascript.child import NodeProcess
from scicat_harness.javascript.environment import node_environment
from scicat_harness.javascript.failure import EngineFault, JavaScriptError, YamlError
from scicat_harness.javascript.template import Helper, Note, Variable, note_of
from scicat_harness.javascript.values import decoded, encoded

__all__ = ["DEADLINE", "Compiled", "JavaScriptEngine"]

DEADLINE = 20.0
"""Seconds one question may take: a template or a pattern can run for ever, a busy machine long."""
_SCRIPT = Path(__file__).with_name("engine.js")
_MEMORY = "--max-old-space-size=512"


@dataclass(frozen=True, slots=True)
class Compiled:
    """Where compiling schemas stopped: the place in the list, and what was thrown."""

    at: int
    message: str
    name: str = "Error"


class JavaScriptEngine:
    """Owns a Node process that starts with the first question; use it as a context manager.

    Every question may raise EngineFault, which says nothing about what was asked; the next
    question starts another process.
    """

    def __init__(
        self, node: Path, libraries: Path, *, script: Path = _SCRIPT, deadline: float = DEADLINE
    ) -> None:
        self.libraries = libraries
        self._deadline = deadline
        # No secret of the surroundings is any of the templates' business.
        command = [str(node), _MEMORY, str(script), str(libraries)]
        self._child = NodeProcess(command, node_environment())
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
        """The id of the Node process while there is one."""
        return self._child.pid

    def versions(self) -> dict[str, str]:
        """The versions of Node and the libraries."""
        return dict(self._ask("versions"))

    def read_yaml(self, text: str, name: str) -> Any:
        """What a YAML or JSON text says, as js-yaml reads it; raises YamlError."""
        return decoded(self._ask("yaml", text=text, name=name))

    def parse_template(self, text: str) -> list[Variable | Helper | Note]:
        """What a template uses, in its order; raises JavaScriptError where it cannot compile."""
        return [note_of(each) for each in self._ask("template", text=text)]

    def render(self, text: str, context: Any) -> str:
        """The rendered template, with the backend's helpers; raises JavaScriptError."""
        return str(self._ask("render", text=text, context=encoded(context)))

    def compile_schemas(self, schemas: Sequence[Any]) -> Compiled | None:
        """Where one Ajv with the backend's options, given all of them, stops; None if nowhere."""
        found = self._ask("schemas", schemas=[encoded(each) for each in schemas])
        return Compiled(found["at"], found["message"], found["name"]) if found else None

    def compile_schema(self, schema: Any) -> str | None:
        """Why Ajv cannot compile a schema, None if it can."""
        found = self.compile_schemas([schema])
        return found.message if found else None

    def check_schema(self, schema: Any, value: Any) -> bool:
        """Whether a value fits a schema; raises JavaScriptError for one that cannot compile."""
        return bool(self._ask("schema", schema=encoded(schema), value=encoded(value))["fits"])

    def schema_errors(self, schema: Any, value: Any) -> list[dict[str, Any]]:
        """Why it does not fit, in Ajv's own words."""
        answer = self._ask("schema", schema=encoded(schema), value=encoded(value))
        return list(answer["errors"])

    def select(self, path: str, value: Any) -> list[Any]:
        """What a JSONPath finds in a value; raises JavaScriptError for one that is none."""
        return list(decoded(self._ask("path", path=path, value=encoded(value))))

    def compile_path(self, path: str) -> str | None:
        """Why a JSONPath cannot be used, None if it can."""
        return self._complaint("pathSyntax", path=path)

    def compile_regex(self, text: str) -> str | None:
        """Why ``/pattern/flags`` is none, None if it is one."""
        return self._complaint("regex", text=text)

    def _complaint(self, what: str, **given: Any) -> str | None:
        try:
            self._ask(what, **given)
        except JavaScriptError as error:
            return error.message
        return None

    def _ask(self, what: str, **given: Any) -> Any:
        self._asked += 1
        answer = self._child.ask({"id": self._asked, "ask": what, **given}, self._deadline)
        if not isinstance(answer, dict) or answer.get("id") != self._asked:
            self.close()
            raise EngineFault("Node answered another question than the one that was asked")
        thrown = answer.get("thrown")
        if thrown is None:
            return answer.get("answer")
        name, message = str(thrown["name"]), str(thrown["message"])
        if name == "YAMLException":
            reason = str(thrown.get("reason", message))
            raise YamlError(name, message, reason, thrown.get("line", 0), thrown.get("column", 0))
        raise JavaScriptError(name, message)
