"""The verdict: whether the backend starts, and with which message it ends otherwise."""

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
"""Most characters of the message in a finding; the verdict has all of it."""


@dataclass(frozen=True, slots=True)
class StartVerdict:
    """The verdict on a start: positive, or the first startup error.

    ``message`` and ``why`` are empty if it starts. ``exact`` is false if the message may be worded
    differently by a library that is missing here.
    """

    starts: bool
    message: str = ""
    why: str = ""
    exact: bool = True


def verdict(subject: LintSubject) -> tuple[StartVerdict, list[Finding]]:
    """Return the verdict, and a finding for every startup error in the order of the backend.

    Only the first one stops the backend now; the others would after it has been fixed.
    """
    found = list(_all(subject))
    findings = [_finding(subject, each, first=number == 0) for number, each in enumerate(found)]
    if not found:
        return StartVerdict(True), findings
    first = found[0]
    return StartVerdict(False, first.message, first.why, first.exact), findings


def verdict_of_broken(
    broken: Broken, installation: Installation
) -> tuple[StartVerdict, list[Finding]]:
    """Return the verdict and the finding ``start.yaml`` for a file that is not YAML."""
    message = broken.message
    # An error of the environment comes before the file is read.
    early = next(settings(installation), None)
    if early:
        message = early.message
    sentence = f"the backend ends with: {message.splitlines()[0]}"
    if not broken.exact:
        sentence = f"PyYAML cannot read it, so js-yaml probably cannot either; {sentence}"
    made = finding("start.yaml", broken.place, sentence, stops=True)
    return StartVerdict(False, message, "the file is not YAML", broken.exact), [made]


def _all(subject: LintSubject) -> Iterator[StartupError]:
    yield from settings(subject.installation)
    # The loader looks at no entry of a file that the schema refuses.
    value = subject.document.value
    mistake = first_mistake(value)
    if mistake is not None:
        yield _schema_error(subject, mistake)
        # A version without quotes says nothing about the entries, which come next.
        if mistake.path == ("configVersion",):
            mistake = first_mistake({**value, "configVersion": ""})
            if mistake is not None:
                yield _schema_error(subject, mistake)
    if mistake is None:
        yield from _entries(subject)
    yield from late_settings(subject.installation)


def _schema_error(subject: LintSubject, mistake: ShapeMistake) -> StartupError:
    document = subject.document
    message = f"Error: Invalid job configuration ({document.file}): {mistake.as_json()}"
    why = f"{'/'.join(map(str, mistake.path)) or 'the file'} {mistake.message}"
    if not mistake.path and _is_job_list(document.value):
        edits = editing.wrap_list(document, "1")
        return StartupError("dialect.top-level-list", message, why, edits=edits)
    edits = ()
    # A version such as 1 or 1.0 needs quotes only.
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
        # The loader builds the actions of an entry before it compares its name.
        if job.name in seen or job.name in INHERITED:
            message = f"Error: Duplicate job type {job.name} in {subject.document.file}"
            why = f"the job type '{job.name}' is defined twice"
            if job.name not in seen:
                why = f"'{job.name}' is a member of every JavaScript object"
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
    when = "the backend ends with" if first else "once the rest is fixed, the backend ends with"
    sentence = f"{startup_error.why}; {when}: {line}"
    place: Place = startup_error.place or subject.document.place(
        startup_error.path, key=startup_error.key
    )
    about = {"about": startup_error.about, "fix": startup_error.fix}
    return finding(
        startup_error.rule, place, sentence, stops=True, edits=startup_error.edits, **about
    )
