"""Which values the case of a switch takes, as far as that is decided without a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scicat_harness.javascript import JavaScriptEngine

__all__ = ["same_condition", "takes"]

_MATCHES = "{{#if (matches value regex flags)}}yes{{/if}}"


def takes(engine: JavaScriptEngine | None, case: Mapping[str, Any], value: object) -> bool | None:
    """Return whether the condition of a case takes a value, or None if that is not decided here.

    Without an engine nothing is known about a regex. A text that is equal to a number may pass one.
    """
    if "schema" in case:
        return None
    if "regex" in case:
        if engine is None or not isinstance(value, str) or not isinstance(case["regex"], str):
            return None
        regex, _, flags = case["regex"][1:].rpartition("/")
        context = {"value": value, "regex": regex, "flags": flags}
        return engine.render(_MATCHES, context) == "yes"
    if "match" in case:
        match = case["match"]
        # Of true and false, ``==`` in JavaScript makes numbers; null is equal to null alone.
        if isinstance(match, bool) is not isinstance(value, bool):
            return None
        if match is None or value is None:
            return match is value
        # Loosely, as the backend compares them: 5 is "5".
        return str(match) == str(value)
    return True


def same_condition(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two cases have the same schema, or the same regex."""
    for name in ("schema", "regex"):
        if name in one or name in other:
            return name in one and name in other and one[name] == other[name]
    return False
