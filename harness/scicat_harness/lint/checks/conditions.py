"""Conditions of templates that can never be true in the case of a switch where they stand.

Example: ``{{#if (eq job.statusCode "jobSubmitted")}}`` in a case with the regex ``/^finished/``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scicat_harness.javascript import EngineFault, JavaScriptEngine, JavaScriptError
from scicat_harness.javascript.template import Branch, Expression
from scicat_harness.lint.checks.taking import takes
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.paths import first_names
from scicat_harness.lint.subject import LintSubject, finding
from scicat_harness.lint.texts import ConfigText

__all__ = ["Conditions"]

# After an update the job has the status and the result of the request.
_SAME_VALUES = ("job", "request")


class Conditions:
    """Collects the conditions of all templates of a configuration.

    A mail template may be used in several places: a condition counts as never true if it is true in
    none of them.
    """

    def __init__(self, subject: LintSubject) -> None:
        self._subject = subject
        self._uses: Counter[Path] = Counter()
        self._false: dict[tuple[Path, int], list[Finding]] = defaultdict(list)
        self._inline: list[Finding] = []

    def look_at(self, text: ConfigText, around: Mapping[tuple[Any, ...], ActionEntry]) -> None:
        """Look at a template; ``around`` has the switches of its operation by their paths."""
        engine = self._subject.installation.engine
        if text.file is not None:
            self._uses[text.file] += 1
        cases = list(_cases_around(text.action, around))
        if engine is None or not cases or "{{#" not in text.text:
            return
        try:
            self._look(engine, text, cases)
        except (EngineFault, JavaScriptError):
            # Reported by the check of the template itself.
            return

    def _look(self, engine: JavaScriptEngine, text: ConfigText, cases: list[_Chosen]) -> None:
        for number, branch in enumerate(engine.branches(text.text)):
            last = branch.conditions[-1:]
            if branch.otherwise or not last:
                continue
            if _decided(engine, last[0].test, cases) is (not last[0].truth):
                found = _finding(self._subject, text, branch, cases)
                if text.file is None:
                    self._inline.append(found)
                else:
                    self._false[text.file, number].append(found)

    def findings(self) -> Iterator[Finding]:
        """Yield a finding for each condition that is never true."""
        yield from self._inline
        for (file, _), found in self._false.items():
            if len(found) == self._uses[file]:
                yield found[0]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The case of a switch that leads to a template: its path, conditions, and earlier cases."""

    names: tuple[str, ...]
    case: Mapping[str, Any]
    earlier: tuple[Mapping[str, Any], ...]

    def allows(self, engine: JavaScriptEngine, value: object) -> bool:
        """Return whether the case may be chosen for a value; True if that is unknown."""
        taken = any(takes(engine, each, value) is True for each in self.earlier)
        return not taken and takes(engine, self.case, value) is not False

    @property
    def words(self) -> str:
        """The condition of the case."""
        path = ".".join(self.names)
        for name in ("regex", "match"):
            if name in self.case:
                return f"{path} {'matches' if name == 'regex' else 'is'} {self.case[name]!s}"
        return f"no case before takes {path}"


def _cases_around(
    action: ActionEntry, around: Mapping[tuple[Any, ...], ActionEntry]
) -> Iterator[_Chosen]:
    for at, part in enumerate(action.path):
        switch = around.get(action.path[:at]) if part == "cases" else None
        number = action.path[at + 1] if switch is not None else None
        path = switch.options.get("property") if switch is not None else None
        if switch is None or not isinstance(number, int) or not isinstance(path, str):
            continue
        names = first_names(path)
        cases = switch.options["cases"]
        plain = [each for each in cases[: number + 1] if isinstance(each, dict)]
        if names[:1] and names[0] in _SAME_VALUES and len(plain) == number + 1:
            yield _Chosen(names, plain[-1], tuple(plain[:-1]))


def _decided(engine: JavaScriptEngine, test: Expression, cases: list[_Chosen]) -> bool | None:
    """Return the value of a condition, or None if it depends on the request."""
    parts = [_decided(engine, each, cases) for each in test.params]
    if test.call == "not" and len(parts) == 1:
        return None if parts[0] is None else not parts[0]
    if test.call == "and":
        return False if False in parts else (None if None in parts else True)
    if test.call == "or":
        return True if True in parts else (None if None in parts else False)
    if test.call == "eq" and len(test.params) == 2:
        path, literal = sorted(test.params, key=lambda each: each.is_literal)
        if literal.is_literal and not _is_possible(engine, path, literal.value, cases):
            return False
    return None


def _is_possible(
    engine: JavaScriptEngine, path: Expression, value: object, cases: list[_Chosen]
) -> bool:
    if path.path is None or path.path[:1] not in {(root,) for root in _SAME_VALUES}:
        return True
    about = [each for each in cases if each.names[1:] == path.path[1:]]
    return all(each.allows(engine, value) for each in about)


def _finding(
    subject: LintSubject, text: ConfigText, branch: Branch, cases: list[_Chosen]
) -> Finding:
    place = text.place(subject.document, branch.line, 1)
    where = " and ".join(each.words for each in cases)
    sentence = f"{branch.text} is never true here, where {where}"
    return finding("template.never-true", place, sentence, about=text.title)
