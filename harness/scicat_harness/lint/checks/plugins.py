"""Actions of plugins: the findings of their probes (docs/extending.md)."""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.lint.finding import Finding
from scicat_harness.lint.release import ACTIONS
from scicat_harness.lint.subject import LintSubject

__all__ = ["plugin_findings"]


def plugin_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield a note for each action of a plugin, and the findings of its probe.

    An action type without a probe is left out: it is reported as ``start.unknown-action``.
    """
    actions = (
        action
        for job in subject.jobs
        for operation in job.operations()
        for action in operation.all_actions()
        if action.kind not in ACTIONS
    )
    for action in actions:
        # The actions of the backend itself cannot be replaced by a plugin.
        probe = subject.installation.probes.find(action.kind)
        if probe is None:
            continue
        sentence = f"'{action.kind}' is known by the {probe.origin}, not by the backend"
        path = (*action.path, "actionType")
        yield subject.at("plugin.needed", path, sentence, about=action.title)
        for sentence in probe.lint(action.options, action.operation):
            yield subject.at("plugin.action", action.path, sentence, about=action.title)
