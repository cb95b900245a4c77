"""Job types, operations and actions of a configuration, as far as they have the right shape.

Parts of a wrong type are skipped here: the schema check reports them, and no rule has to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scicat_harness.lint.document import Document, KeyPath

__all__ = ["PERFORM", "VALIDATE", "ActionEntry", "Job", "OperationEntry", "jobs_of"]

VALIDATE = "validate"
PERFORM = "perform"
_BOTH = frozenset({VALIDATE, PERFORM})
# The phases of a switch by its option; a wrong one is a startup error, and taken for all.
_PHASES = {VALIDATE: frozenset({VALIDATE}), PERFORM: frozenset({PERFORM}), "all": _BOTH}


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """One action of an operation.

    ``phases`` are the phases in which it may run: both at the top, those of the switches around it
    inside a switch. In which of them its kind acts is not considered here.
    """

    kind: str
    options: dict[str, Any]
    path: KeyPath
    job: str
    operation: str
    phases: frozenset[str]
    nested: bool
    """Inside a switch."""

    @property
    def title(self) -> str:
        """The name in findings, such as ``archive create.actions[0].cases[1].actions[0]``."""
        words = [self.operation]
        # The first three parts are jobs, its index and the operation.
        for part in self.path[3:]:
            words.append(f"[{part}]" if isinstance(part, int) else f".{part}")
        return f"{self.job} {''.join(words)}"

    def inner(self) -> Iterator[ActionEntry]:
        """Yield the actions in the cases of a switch; none for another action."""
        cases = self.options.get("cases")
        if self.kind != "switch" or not isinstance(cases, list):
            return
        # Inside nested switches an action runs only in phases that all of them have.
        phases = self.phases & _PHASES.get(str(self.options.get("phase")), _BOTH)
        for number, case in enumerate(cases):
            path = (*self.path, "cases", number, "actions")
            if isinstance(case, dict):
                for each in _actions(case.get("actions"), path):
                    yield ActionEntry(*each, self.job, self.operation, phases, True)

    def unfolded(self) -> Iterator[ActionEntry]:
        """Yield the action itself and all actions inside it, in the order of the file."""
        yield self
        for each in self.inner():
            yield from each.unfolded()


@dataclass(frozen=True, slots=True)
class OperationEntry:
    """The ``create`` or ``update`` section of a job type."""

    name: str
    options: dict[str, Any]
    path: KeyPath
    job: str

    @property
    def auth(self) -> Any:
        """The auth value of any type, or None."""
        return self.options.get("auth")

    def actions(self) -> Iterator[ActionEntry]:
        """Yield the actions that are not inside a switch."""
        for each in _actions(self.options.get("actions"), (*self.path, "actions")):
            yield ActionEntry(*each, self.job, self.name, _BOTH, False)

    def all_actions(self) -> Iterator[ActionEntry]:
        """Yield all actions, also those inside switches."""
        for each in self.actions():
            yield from each.unfolded()


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of ``jobs``: a job type."""

    name: str
    options: dict[str, Any]
    path: KeyPath

    def operation(self, name: str) -> OperationEntry | None:
        """Return the section ``create`` or ``update`` if it is a mapping, else None."""
        options = self.options.get(name)
        # A section of another type is a startup error.
        if not isinstance(options, dict):
            return None
        return OperationEntry(name, options, (*self.path, name), self.name)

    def operations(self) -> Iterator[OperationEntry]:
        """Yield the existing sections, create before update as the loader reads them."""
        for name in ("create", "update"):
            found = self.operation(name)
            if found:
                yield found


def jobs_of(document: Document) -> tuple[Job, ...]:
    """Return the entries of ``jobs`` that are mappings with a text as ``jobType``."""
    entries = document.value.get("jobs") if isinstance(document.value, dict) else None
    if not isinstance(entries, list):
        return ()
    return tuple(
        Job(entry["jobType"], entry, ("jobs", number))
        for number, entry in enumerate(entries)
        if isinstance(entry, dict) and isinstance(entry.get("jobType"), str)
    )


def _actions(found: object, path: KeyPath) -> Iterator[tuple[str, dict[str, Any], KeyPath]]:
    for number, options in enumerate(found if isinstance(found, list) else ()):
        if isinstance(options, dict) and isinstance(options.get("actionType"), str):
            yield options["actionType"], options, (*path, number)
