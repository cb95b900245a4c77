"""Keys that the backend ignores: misspelt, of another release, or in the wrong place.

Unknown keys stop the backend in ``log`` and ``switch`` actions only (specification:
configuration.file).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from scicat_harness.lint import editing
from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.starting.dialects import BROKER_KEYS, of_action
from scicat_harness.lint.subject import LintSubject

__all__ = ["key_findings"]

_TOP = ("configVersion", "jobs")
_JOB = ("jobType", "create", "update")
_OPERATION = ("auth", "actions")
_OPTIONS: dict[str, tuple[str, ...]] = {
    "email": ("to", "from", "subject", "bodyTemplateFile", "ignoreErrors"),
    "url": ("url", "method", "headers", "body", "ignoreErrors"),
    "rabbitmq": ("exchange", "queue", "key"),
    "validate": ("request", "datasets"),
    "error": ("message", "status"),
}
"""Options of the actions that ignore unknown ones; the other actions refuse them."""


def key_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield one finding for every key that is ignored.

    A key that a dialect explains is left to the rule of that dialect.
    """
    value = subject.document.value
    if isinstance(value, dict):
        # Other keys at the top may hold anchors for the rest of the file.
        for name in value:
            likely = get_close_matches(name, _TOP, 1) if name not in _TOP else []
            if likely:
                yield _unknown(subject, (name,), "the file", _TOP)
    for job in subject.jobs:
        # Without update, statusUpdate is reported as dialect.status-update.
        known = (*_JOB, *(["statusUpdate"] if "update" not in job.options else []))
        yield from _unknowns(subject, job.path, job.options, known, job.name)
        for operation in job.operations():
            about = f"{job.name} {operation.name}"
            yield from _unknowns(subject, operation.path, operation.options, _OPERATION, about)
            for action in operation.all_actions():
                yield from _of_action(subject, action)


def _of_action(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    known = _OPTIONS.get(action.kind)
    if known is None:
        return
    explained = of_action(subject.document, action) is not None
    if action.kind == "rabbitmq" and explained:
        yield from _ignored_broker(subject, action)
        known = (*known, *BROKER_KEYS)
    if action.kind == "email" and explained:
        known = (*known, "bodyTemplate")
    yield from _unknowns(subject, action.path, action.options, ("actionType", *known), action.title)
    for name in action.options:
        # A known key that an earlier release ignores is another rule than an unknown one.
        if not subject.features.knows_option(action.kind, name):
            sentence = f"{subject.features.release} ignores '{name}' of {action.kind}"
            path = (*action.path, name)
            yield subject.at("action.option-too-new", path, sentence, about=action.title, key=True)


def _ignored_broker(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    """Yield a finding for broker options beside a complete action, which starts with them."""
    if not all(isinstance(action.options.get(name), str) for name in _OPTIONS["rabbitmq"]):
        return
    ignored = [name for name in BROKER_KEYS if name in action.options]
    edits = editing.remove_keys(subject.document, action.path, ignored)
    sentence = f"{', '.join(ignored)} of the broker are set by RABBITMQ_* and ignored here"
    path = (*action.path, ignored[0])
    yield subject.at(
        "dialect.ignored-broker", path, sentence, about=action.title, key=True, edits=edits
    )


def _unknowns(
    subject: LintSubject, path: KeyPath, found: Iterable[str], known: tuple[str, ...], about: str
) -> Iterator[Finding]:
    for name in found:
        if name not in known:
            yield _unknown(subject, (*path, name), about, known)


def _unknown(subject: LintSubject, path: KeyPath, about: str, known: tuple[str, ...]) -> Finding:
    name = str(path[-1])
    likely = get_close_matches(name, known, 1)
    fix = f"Write {likely[0]}, or remove it." if likely else "Remove it; known are "
    fix += "" if likely else f"{', '.join(each for each in known if each != 'actionType')}."
    sentence = f"the backend ignores '{name}'"
    return subject.at("keys.unknown", path, sentence, about=about, fix=fix, key=True)
