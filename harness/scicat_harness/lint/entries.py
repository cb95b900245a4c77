"""The parts of a job configuration that rules are about, as far as they have the right shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scicat_harness.lint.document import Document, KeyPath

__all__ = ["PERFORM", "VALIDATE", "ActionEntry", "Job", "OperationEntry", "jobs_of"]

VALIDATE = "validate"
PERFORM = "perform"
_BOTH = frozenset({VALIDATE, PERFORM})
_PHASES = {VALIDATE: frozenset({VALIDATE}), PERFORM: frozenset({PERFORM}), "all": _BOTH}


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """One action; ``phases`` are those in which what surrounds it lets it run."""

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
        """What to call it: ``archive create.actions[0]`` and the way down from there."""
        words = [self.operation]
        for part in self.path[3:]:
            words.append(f"[{part}]" if isinstance(part, int) else f".{part}")
        return f"{self.job} {''.join(words)}"

    def inner(self) -> Iterator[ActionEntry]:
        """The actions of a switch's cases."""
        cases = self.options.get("cases")
        if self.kind != "switch" or not isinstance(cases, list):
            return
        phases = self.phases & _PHASES.get(str(self.options.get("phase")), _BOTH)
        for number, case in enumerate(cases):
            path = (*self.path, "cases", number, "actions")
            if isinstance(case, dict):
                for each in _actions(case.get("actions"), path):
                    yield ActionEntry(*each, self.job, self.operation, phases, True)

    def unfolded(self) -> Iterator[ActionEntry]:
        """The action and everything inside it."""
        yield self
        for each in self.inner():
            yield from each.unfolded()


@dataclass(frozen=True, slots=True)
class OperationEntry:
    """``create`` or ``update`` of a job type."""

    name: str
    options: dict[str, Any]
    path: KeyPath
    job: str

    @property
    def auth(self) -> Any:
        """The auth value, None where there is none."""
        return self.options.get("auth")

    def actions(self) -> Iterator[ActionEntry]:
        """The actions at the top."""
        for each in _actions(self.options.get("actions"), (*self.path, "actions")):
            yield ActionEntry(*each, self.job, self.name, _BOTH, False)

    def all_actions(self) -> Iterator[ActionEntry]:
        """Those inside switches, too."""
        for each in self.actions():
            yield from each.unfolded()


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of ``jobs``."""

    name: str
    options: dict[str, Any]
    path: KeyPath

    def operation(self, name: str) -> OperationEntry | None:
        """An operation that is there and is a mapping."""
        options = self.options.get(name)
        if not isinstance(options, dict):
            return None
        return OperationEntry(name, options, (*self.path, name), self.name)

    def operations(self) -> Iterator[OperationEntry]:
        """Those that are there, create first."""
        for name in ("create", "update"):
            found = self.operation(name)
            if found:
                yield found


def jobs_of(document: Document) -> tuple[Job, ...]:
    """The entries of ``jobs`` that are mappings with a name."""
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
