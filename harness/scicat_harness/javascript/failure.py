"""What can go wrong when JavaScript is asked: the engine fails, or the thing asked about does."""

from __future__ import annotations

from scicat_harness.errors import EnvironmentFault

__all__ = ["EngineFault", "JavaScriptError", "YamlError"]


class EngineFault(EnvironmentFault):
    """The engine gave no answer: it ended, answered nonsense, or took too long."""


class JavaScriptError(Exception):
    """What a library threw about the thing it was given, as ``name: message``."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class YamlError(JavaScriptError):
    """Why js-yaml cannot read a text; line and column count from 1, 0 where it names none.

    ``message`` is the whole text with the lines around the mistake, ``reason`` the first part.
    """

    def __init__(self, name: str, message: str, reason: str, line: int, column: int) -> None:
        super().__init__(name, message)
        self.reason = reason
        self.line = line
        self.column = column
