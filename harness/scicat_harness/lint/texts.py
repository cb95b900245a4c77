"""The templates of a job configuration: their place, and the phases that render them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.lint.document import Document, KeyPath
from scicat_harness.lint.entries import PERFORM, VALIDATE, ActionEntry
from scicat_harness.lint.finding import Place
from scicat_harness.lint.namedfile import NotRead
from scicat_harness.lint.subject import LintSubject

__all__ = ["ConfigText", "texts_of"]

_PERFORM_ONLY = frozenset({PERFORM})
_VALIDATE_ONLY = frozenset({VALIDATE})


@dataclass(frozen=True, slots=True)
class ConfigText:
    """One template of an action.

    ``field`` is the use of the rendered text: ``url``, ``body``, ``header``, ``subject``, ``to``,
    ``mail`` (the body of a mail), ``log`` or ``message`` (of an error action).
    """

    text: str
    field: str
    action: ActionEntry
    path: KeyPath
    phases: frozenset[str]
    """The phases in which it is rendered."""
    name: str
    """The option, or the name of the header."""
    file: Path | None = None
    """The file that holds it, or None for the job configuration."""

    @property
    def title(self) -> str:
        """The name in findings: the title of the action and the option."""
        return f"{self.action.title} {self.name}"

    def place(self, document: Document, line: int, column: int) -> Place:
        """Return the file position of a line and column of the template."""
        if self.file is not None:
            return Place(self.file, line, column)
        return document.inside(self.path, line, column)


def texts_of(subject: LintSubject, action: ActionEntry) -> Iterator[ConfigText]:
    """Yield the templates of one action, without those of actions inside it.

    The options and phases are those of specification: action.log, action.email, action.url and
    action.error. ``from`` of a mail and the options of rabbitmq are no templates.
    """
    match action.kind:
        case "log":
            yield from _option(action, "validate", "log", _VALIDATE_ONLY)
            yield from _option(action, "perform", "log", _PERFORM_ONLY)
        case "error":
            # It only acts while validating (specification: action.error).
            yield from _option(action, "message", "message", _VALIDATE_ONLY)
        case "email":
            yield from _option(action, "to", "to", _PERFORM_ONLY)
            yield from _option(action, "subject", "subject", _PERFORM_ONLY)
            yield from _mail(subject, action)
        case "url":
            yield from _option(action, "url", "url", _PERFORM_ONLY)
            # Only the values of headers are rendered.
            headers = action.options.get("headers")
            for name, value in headers.items() if isinstance(headers, dict) else ():
                if isinstance(value, str):
                    path = (*action.path, "headers", name)
                    yield _text(action, value, "header", path, _PERFORM_ONLY, name)
            yield from _option(action, "body", "body", _PERFORM_ONLY)


def _option(
    action: ActionEntry, name: str, field: str, phases: frozenset[str]
) -> Iterator[ConfigText]:
    value = action.options.get(name)
    if isinstance(value, str):
        yield _text(action, value, field, (*action.path, name), phases, name)


def _text(
    action: ActionEntry, value: str, field: str, path: KeyPath, phases: frozenset[str], name: str
) -> ConfigText:
    return ConfigText(value, field, action, path, phases & action.phases, name)


def _mail(subject: LintSubject, action: ActionEntry) -> Iterator[ConfigText]:
    name = action.options.get("bodyTemplateFile")
    if not isinstance(name, str):
        return
    found = subject.mail_body(name)
    if isinstance(found, NotRead):
        # Reported by starting.building if it is missing, else by checks.mail.
        return
    # As Node decodes it: wrong bytes become replacement characters.
    text = found.content.decode("utf-8", "replace")
    path = (*action.path, "bodyTemplateFile")
    yield ConfigText(text, "mail", action, path, _PERFORM_ONLY & action.phases, name, found.path)
