"""Switch actions: cases that are never taken, and actions that never act.

Specification: action.switch and actions.phases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from scicat_harness.javascript import EngineFault, JavaScriptError
from scicat_harness.lint.checks.taking import same_condition, takes
from scicat_harness.lint.context import ROOTS, missing_part
from scicat_harness.lint.entries import PERFORM, VALIDATE, ActionEntry
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.paths import first_names, syntax_findings
from scicat_harness.lint.subject import LintSubject

__all__ = ["switch_findings"]

# In the order in which the backend looks for them: only the first one counts.
_CONDITIONS = ("schema", "regex", "match")
_ACTS_IN = {
    "validate": VALIDATE, "error": VALIDATE, "email": PERFORM, "url": PERFORM, "rabbitmq": PERFORM,
}  # fmt: skip
_SCALARS = (str, int, float, bool, type(None))


def switch_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield the findings about switches, nested ones included, and about the actions in them."""
    for job in subject.jobs:
        for operation in job.operations():
            for action in operation.all_actions():
                if action.nested:
                    yield from _idle(subject, action)
                if action.kind == "switch":
                    yield from _property(subject, action)
                    yield from _cases(subject, action)


def _idle(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    phase = _ACTS_IN.get(action.kind)
    if not action.phases:
        sentence = "the switches around it have no phase in common: it never acts"
    elif phase is not None and phase not in action.phases:
        sentence = f"{action.kind} acts in phase {phase} only, its switch in {min(action.phases)}"
    elif action.kind == "switch" and not _phases(action):
        sentence = f"its phase {action.options.get('phase')} is not one of the switch around it"
    else:
        # It acts in at least one of its phases.
        return
    yield subject.at("switch.never-acts", action.path, sentence, about=action.title)


def _phases(action: ActionEntry) -> frozenset[str]:
    """Return the phases in which a switch chooses a case."""
    phase = action.options.get("phase")
    own = {VALIDATE, PERFORM} if phase == "all" else {str(phase)}
    return action.phases & own


def _property(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    found = action.options.get("property")
    # With a scope it is a dialect, whose paths start from the scope.
    if not isinstance(found, str) or "scope" in action.options:
        return
    path = (*action.path, "property")
    broken = list(syntax_findings(subject, found, path, action.title))
    yield from broken
    names = first_names(found)
    if broken or not names:
        return
    phases = _phases(action)
    if "[]" in found:
        sentence = f"'{found}' finds nothing: [] is no item of a list"
        fix = f"Write {found.replace('[]', '[*]')}."
        yield subject.at("switch.nothing-there", path, sentence, about=action.title, fix=fix)
    elif names[0] not in ROOTS:
        sentence = f"'{found}' finds nothing: the context has {', '.join(ROOTS)}"
        yield subject.at("switch.nothing-there", path, sentence, about=action.title)
    # In that phase job is undefined or hidden (specification: templates.context).
    elif names[0] == "job" and VALIDATE in phases:
        yield from _early(subject, action, found, phases)
    elif (
        names[0] == "request"
        and PERFORM in phases
        and len(names) > 1
        and missing_part(names, action.operation)
    ):
        sentence = f"'{found}' finds nothing: a request to {action.operation} has no {names[1]}"
        fix = _instead(found, "job", action.operation)
        yield subject.at("switch.nothing-there", path, sentence, about=action.title, fix=fix)
    elif missing := missing_part(names, action.operation):
        sentence = f"'{found}' finds nothing: {missing[0]} has no {missing[1]}"
        fix = f"Write {missing[2]}." if missing[2] else ""
        if names[0] == "datasets" and missing[0] == "datasets" and "[" not in found:
            fix = "Write datasets[*] for every dataset."
        yield subject.at("switch.nothing-there", path, sentence, about=action.title, fix=fix)


def _early(
    subject: LintSubject, action: ActionEntry, found: str, phases: frozenset[str]
) -> Iterator[Finding]:
    path = (*action.path, "property")
    if action.operation == "create":
        sentence = f"'{found}' finds nothing when create is validated: there is no job yet"
        fix = _instead(found, "request", action.operation)
        yield subject.at("switch.nothing-there", path, sentence, about=action.title, fix=fix)
    else:
        sentence = f"'{found}' finds nothing when update is validated"
        if PERFORM in phases:
            sentence += ", though it does when it is performed"
        fix = _instead(found, "request", action.operation)
        yield subject.at("switch.job-unreadable", path, sentence, about=action.title, fix=fix)


def _instead(found: str, root: str, operation: str) -> str:
    """Return the fix to use another root, if that has the field; else ""."""
    names = first_names(found)
    if len(names) < 2 or missing_part((root, *names[1:]), operation):
        return ""
    return f"Write {found.replace(names[0], root, 1)}."


def _cases(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    found = action.options.get("cases")
    cases: list[Any] = found if isinstance(found, list) else []
    default: int | None = None
    for number, case in enumerate(cases):
        if not isinstance(case, dict):
            continue
        path = (*action.path, "cases", number)
        if default is not None:
            sentence = f"case {default + 1} before it is the default case and takes every value"
            yield subject.at("switch.unreachable", path, sentence, about=action.title)
            # One finding covers all cases after the default.
            return
        yield from _case(subject, action, case, number)
        yield from _shadowed(subject, action, cases, number)
        if not any(name in case for name in _CONDITIONS):
            default = number


def _shadowed(
    subject: LintSubject, action: ActionEntry, cases: Sequence[Any], number: int
) -> Iterator[Finding]:
    """Yield a finding for a case whose only value, or whose condition, an earlier case takes."""
    case = cases[number]
    for before, earlier in enumerate(cases[:number]):
        if not isinstance(earlier, dict):
            continue
        if same_condition(earlier, case):
            what = "has the same condition"
        elif _takes_match(subject, earlier, case):
            what = f"takes {case['match']!r}"
        else:
            continue
        path = (*action.path, "cases", number)
        sentence = f"case {before + 1} before it {what}, so this one is never chosen"
        yield subject.at("switch.unreachable", path, sentence, about=action.title)
        return


def _takes_match(subject: LintSubject, earlier: dict[str, Any], case: dict[str, Any]) -> bool:
    only_match = [name for name in _CONDITIONS if name in case] == ["match"]
    if not only_match or not isinstance(case["match"], _SCALARS):
        return False
    if not any(name in earlier for name in _CONDITIONS):
        # The default case has a finding of its own.
        return False
    try:
        return takes(subject.installation.engine, earlier, case["match"]) is True
    except (EngineFault, JavaScriptError):
        return False


def _case(
    subject: LintSubject, action: ActionEntry, case: dict[str, Any], number: int
) -> Iterator[Finding]:
    path, title = (*action.path, "cases", number), action.title
    there = [name for name in _CONDITIONS if name in case]
    odd = [name for name in case if name not in (*_CONDITIONS, "actions")]
    if odd and not there:
        sentence = f"'{odd[0]}' is no condition: the case takes every value"
        at = (*path, odd[0])
        yield subject.at("switch.unknown-condition", at, sentence, about=title, key=True)
    elif odd:
        sentence = f"the backend ignores '{odd[0]}'"
        yield subject.at("keys.unknown", (*path, odd[0]), sentence, about=title, key=True)
    if len(there) > 1:
        sentence = f"of {' and '.join(there)} only {there[0]} counts"
        at = (*path, there[1])
        yield subject.at("switch.several-conditions", at, sentence, about=title, key=True)
    regex = case.get("regex")
    # The backend keeps one RegExp per case: with g or y it has a lastIndex.
    if isinstance(regex, str) and re.search(r"/[a-z]*[gy][a-z]*$", regex) and regex[:1] == "/":
        sentence = "with this flag the regex continues after its last match: every other job misses"
        yield subject.at("switch.stateful-regex", (*path, "regex"), sentence, about=title)
    if there == ["match"] and not isinstance(case["match"], _SCALARS):
        sentence = "match is compared with ==, which does not look into lists and objects"
        yield subject.at("switch.match-type", (*path, "match"), sentence, about=title)
