"""Errors of JavaScript: the engine fails, or a library refuses what it was given.

EnvironmentFault
 `- EngineFault        Node ended, answered nonsense or took too long
Exception
 `- JavaScriptError    a library threw an error
     `- YamlError      js-yaml threw it, with a position
"""

from __future__ import annotations

from scicat_harness.errors import EnvironmentFault

__all__ = ["EngineFault", "JavaScriptError", "YamlError"]


class EngineFault(EnvironmentFault):
    """The engine gave no answer: it ended, answered nonsense, or took too long.

    It says nothing about the template or schema, which is not verifiable then.
    """


class JavaScriptError(Exception):
    """An error that a library threw; as text it is ``name: message``."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class YamlError(JavaScriptError):
    """An error of js-yaml; line and column count from 1, or are 0 if it gives none.

    ``message`` is the whole text, which quotes the lines around the error; ``reason`` is its first
    part.
    """

    def __init__(self, name: str, message: str, reason: str, line: int, column: int) -> None:
        super().__init__(name, message)
        self.reason = reason
        self.line = line
        self.column = column
