"""The verdict: whether the backend starts, and the words it dies with if not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from scicat_harness.lint import editing
from scicat_harness.lint.document import Broken
from scicat_harness.lint.entries import Job
from scicat_harness.lint.finding import Finding, Place
from scicat_harness.lint.scalars import INHERITED
from scicat_harness.lint.starting.building import startup_errors
from scicat_harness.lint.starting.schema import ShapeMistake, first_mistake
from scicat_harness.lint.starting.settings import late_settings, settings
from scicat_harness.lint.starting.startup_error import StartupError
from scicat_harness.lint.starting.switching import nested_errors
from scicat_harness.lint.subject import Installation, LintSubject, finding
from scicat_harness.lint.words import shown

__all__ = ["StartVerdict", "verdict", "verdict_of_broken"]

_NO_ACTIONS = "TypeError: Cannot read properties of undefined (reading 'actions')"
_MOST = 200
"""Characters of the message within a finding; the verdict has all of it."""


@dataclass(frozen=True, slots=True)
class StartVerdict:
    """``message`` and ``why`` are empty if the backend starts, or if that was not judged."""

    starts: bool
    message: str = ""
    why: str = ""
    exact: bool = True


def verdict(subject: LintSubject) -> tuple[StartVerdict, list[Finding]]:
    """The verdict, and everything that would stop the backend, in its order."""
    found = list(_all(subject))
    findings = [_finding(subject, each, first=number == 0) for number, each in enumerate(found)]
    if not found:
        return StartVerdict(True), findings
    first = found[0]
    return StartVerdict(False, first.message, first.why, first.exact), findings


def verdict_of_broken(
    broken: Broken, installation: Installation
) -> tuple[StartVerdict, list[Finding]]:
    """The same for a file that cannot be read."""
    message = broken.message
    early = next(settings(installation), None)
    if early:
        message = early.message
    said = f"the backend dies with: {message.splitlines()[0]}"
    if not broken.exact:
        said = f"PyYAML cannot read it, and hardly can js-yaml; {said}"
    made = finding("start.yaml", broken.place, said, stops=True)
    return StartVerdict(False, message, "the file is not YAML", broken.exact), [made]


def _all(subject: LintSubject) -> Iterator[StartupError]:
    yield from settings(subject.installation)
    mistake = first_mistake(subject.document.value)
    yield from _entries(subject) if mistake is None else (_misshapen(subject, mistake),)
    yield from late_settings(subject.installation)


def _misshapen(subject: LintSubject, mistake: ShapeMistake) -> StartupError:
    document = subject.document
    message = f"Error: Invalid job configuration ({document.file}): {mistake.as_json()}"
    why = f"{'/'.join(map(str, mistake.path)) or 'the file'} {mistake.message}"
    if not mistake.path and _is_job_list(document.value):
        edits = editing.wrap_list(document, "1")
        return StartupError("dialect.top-level-list", message, why, edits=edits)
    edits = ()
    node = document.node(mistake.path)
    if mistake.path == ("configVersion",) and node and node.kind == "scalar":
        edits = editing.replace_value(document, mistake.path, document.source(node))
    return StartupError("start.schema", message, why, mistake.path, edits=edits)


def _is_job_list(value: object) -> bool:
    items = value if isinstance(value, list) else []
    return any(isinstance(each, dict) and "jobType" in each for each in items)


def _entries(subject: LintSubject) -> Iterator[StartupError]:
    seen: set[str] = set()
    for job in subject.jobs:
        for name in ("create", "update"):
            operation = job.operation(name)
            if operation is None:
                yield _missing(subject, job, name)
                continue
            for action in operation.actions():
                yield from startup_errors(subject, action)
        if job.name in seen or job.name in INHERITED:
            message = f"Error: Duplicate job type {job.name} in {subject.document.file}"
            why = f"'{job.name}' is there twice"
            if job.name not in seen:
                why = f"'{job.name}' is a name that every JavaScript object has"
            yield StartupError(
                "start.duplicate-type", message, why, (*job.path, "jobType"), job.name
            )
        seen.add(job.name)
    actions = chain.from_iterable(o.actions() for job in subject.jobs for o in job.operations())
    yield from nested_errors(subject, actions)


def _missing(subject: LintSubject, job: Job, name: str) -> StartupError:
    document = subject.document
    if name == "update" and "statusUpdate" in job.options:
        path = (*job.path, "statusUpdate")
        why = f"job type {job.name} has 'statusUpdate' instead of 'update'"
        edits = editing.rename_key(document, path, "update")
        rule = "dialect.status-update"
        return StartupError(rule, _NO_ACTIONS, why, path, job.name, key=True, edits=edits)
    why = f"job type {job.name} has no '{name}'"
    edits = editing.add_keys(document, job.path, {name: "{}"})
    return StartupError(
        "start.operation-missing", _NO_ACTIONS, why, job.path, job.name, edits=edits
    )


def _finding(subject: LintSubject, startup_error: StartupError, *, first: bool) -> Finding:
    line = shown(startup_error.message, _MOST)
    when = "the backend dies with" if first else "once the rest is fixed, the backend dies with"
    sentence = f"{startup_error.why}; {when}: {line}"
    place: Place = startup_error.place or subject.document.place(
        startup_error.path, key=startup_error.key
    )
    about = {"about": startup_error.about, "fix": startup_error.fix}
    return finding(
        startup_error.rule, place, sentence, stops=True, edits=startup_error.edits, **about
    )
