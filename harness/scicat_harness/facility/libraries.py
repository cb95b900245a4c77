"""The JavaScript libraries as a plan uses them: to follow paths, and to see branches entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scicat_harness.facility.branching import Entered
from scicat_harness.javascript.engine import JavaScriptEngine
from scicat_harness.javascript.failure import EngineFault, JavaScriptError
from scicat_harness.javascript.finding import Missing
from scicat_harness.oracle.work import TooMuch

__all__ = ["entered_by", "following"]


def entered_by(engine: JavaScriptEngine | Missing) -> Entered | None:
    """Return the record of entered branches, or None without Handlebars."""
    return None if isinstance(engine, Missing) else Entered(engine)


def following(engine: JavaScriptEngine | Missing) -> Callable[[str, object], list[Any]] | None:
    """Return what follows paths by JSONPath-Plus, or None without it."""
    if isinstance(engine, Missing):
        return None

    def follow(path: str, root: object) -> list[Any]:
        try:
            return engine.select(path, root)
        except (JavaScriptError, EngineFault) as error:
            raise TooMuch(f"a path cannot be followed here: {error}") from None

    return follow
