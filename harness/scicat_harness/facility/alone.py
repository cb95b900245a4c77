"""Job types that the embedded backend cannot act for without the JavaScript libraries.

Their authorization is verified all the same: the twin gets them without actions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from scicat_harness.facility.branching import all_templates
from scicat_harness.model.action import Action, Switch, Validate, unfolded
from scicat_harness.model.jobtype import JobType

__all__ = ["without_unsupported"]

# Decorators, partials and raw blocks, and options of formatUnit apart from two.
_TEMPLATE = re.compile(
    r"\{\{~?#?\s*(?:\*|>)|\{\{\{\{|formatUnit[^}]*\s(?!precision\b|notation\b)\w+=", re.DOTALL
)
_LITERAL = r"(?:-?[\d.]+|'[^']*'|\"[^\"]*\")"
_PATH = re.compile(
    r"\$?(?:\.{0,2}[\w$*-]+|\.{0,2}\[(?:'[^']*'|\"[^\"]*\"|\*|-?\d+(?:,-?\d+)*"
    rf"|-?\d*:-?\d*(?::\d*)?|[\w$-]+|\?\(@[.\w]*\s*(?:[=!]==?|[<>]=?)\s*{_LITERAL}\))\])*"
)
"""The paths that it follows by itself."""


def without_unsupported(
    job_types: Sequence[JobType], reason: str
) -> tuple[tuple[JobType, ...], dict[str, str]]:
    """Return the job types without actions that need the libraries.

    The second value maps the names of the job types that lost their actions to a sentence, which
    ends with ``reason``: why the libraries are missing.
    """
    kept: list[JobType] = []
    lacking: dict[str, str] = {}
    for each in job_types:
        needs = next(_unsupported(each.actions), None)
        if needs is None:
            kept.append(each)
            continue
        kept.append(replace(each, on_create=(), on_update=()))
        lacking[each.name] = f"its actions need the JavaScript libraries for {needs}: {reason}"
    return tuple(kept), lacking


def _unsupported(actions: Sequence[Action]) -> Iterator[str]:
    for each in all_templates(actions):
        found = _TEMPLATE.search(each.source)
        if found is not None:
            yield f"{found[0].strip()!r} in a template"
    for action in unfolded(actions):
        paths: list[str] = []
        if isinstance(action, Switch):
            paths = [action.path]
        elif isinstance(action, Validate):
            paths = [*action.request, *(action.datasets or {})]
        yield from (f"the path {path!r}" for path in paths if not _PATH.fullmatch(path))
