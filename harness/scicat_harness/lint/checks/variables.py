"""Variables of templates: values that do not exist, or not yet in that phase.

Handlebars renders them as nothing, without an error (specification: templates.context and
templates.syntax).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scicat_harness.javascript import Helper, Note, Variable
from scicat_harness.lint.context import OLD_ROOTS, ROOTS, missing_part
from scicat_harness.lint.entries import PERFORM, VALIDATE
from scicat_harness.lint.finding import Edit, Finding
from scicat_harness.lint.subject import LintSubject, finding
from scicat_harness.lint.texts import ConfigText
from scicat_harness.lint.words import is_secret_name

__all__ = ["variable_findings"]

_NEW_NAMES = {"emailJobInitiator": "contactEmail"}
# Helpers that test or enter a value without showing it.
_SHOWING = frozenset({"base64enc", "concat", "default", "jsonify", "unwrapJSON", "urlencode"})
"""Helpers that render the value of their argument, in another form."""
_READ_BY_OTHERS = {
    "log": "the log of the backend",
    "error": "the reply to the client",
    "email": "a mail",
}
"""Places of a secret that others than its owner read, by action type."""
_TESTING = frozenset({"each", "if", "unless", "with", "lookup"})
_PIDS = "{{#each job.jobParams.datasetList}}{{pid}}{{#unless @last}},{{/unless}}{{/each}}"


def variable_findings(
    subject: LintSubject, text: ConfigText, uses: Sequence[Variable | Helper | Note]
) -> Iterator[Finding]:
    """Yield at most one finding for each variable of a template.

    A variable whose path is only known when it is rendered has none.
    """
    for use in uses:
        if isinstance(use, Variable) and _has_the_environment(use):
            sentence = f"{{{{{use.name}}}}} puts every variable of the backend into the {text.name}"
            yield _at(subject, text, use, "template.whole-environment", sentence)
        elif isinstance(use, Variable) and use.path:
            # "?" marks a value that may be a list; missing_part looks at it after the root only.
            path = tuple(part for n, part in enumerate(use.path) if part != "?" or n == 1)
            yield from _of(subject, text, use, path)


def _has_the_environment(use: Variable) -> bool:
    """Return whether a variable shows the environment, or the context that it is a part of."""
    if use.path is None:
        return False
    every = use.path[:1] == ("env",) and use.path[1:] in (("*",), ("?",))
    whole = use.path in ((), ("env",)) and use.within not in _TESTING
    return (every or whole) and (use.output or use.within not in _TESTING)


def _of(
    subject: LintSubject, text: ConfigText, use: Variable, path: tuple[str, ...]
) -> Iterator[Finding]:
    root = path[0]
    if root == "env" and len(path) > 1:
        yield from _env(subject, text, use, path[1])
        return
    # The phase comes first: a field that exists is missing there just the same.
    if root == "job":
        early = _too_early(subject, text, use, path)
        if early:
            yield early
            return
    if root == "datasets" and not subject.features.datasets_in_templates:
        sentence = (
            f"{subject.features.release} may not have loaded the datasets for {{{{{use.name}}}}}"
        )
        yield _at(subject, text, use, "template.datasets-not-loaded", sentence)
        return
    if "datasetIds" in path and path[path.index("datasetIds") - 1] == "jobParams":
        sentence = "jobs have datasetList, a list of pid and files, instead of datasetIds"
        edits = _pids_edits(subject, text, use)
        yield _at(subject, text, use, "dialect.dataset-ids", sentence, edits=edits)
        return
    missing = missing_part(path, text.action.operation)
    if missing is None:
        return
    holder, name, likely = missing
    if holder == "the context" and name in OLD_ROOTS:
        yield _old_root(subject, text, use, name)
        return
    # A field of the job: the fix below is better than a similar field of the request.
    if root == "request" and PERFORM in text.phases and name in OLD_ROOTS:
        likely = None
    sentence = f"{{{{{use.name}}}}} renders as nothing: {holder} has no '{name}'"
    fix = f"Write {likely}." if likely else ""
    if holder == "datasets" and likely:
        # Within the loop the name is that of each item.
        loop = f"{{{{#each datasets}}}}{{{{{likely}}}}}{{{{/each}}}}"
        fix = f"Write {loop}, or datasets.[0].{likely}."
    elif holder == "the context" and name == "datasetList":
        fix = f"Write {'job' if PERFORM in text.phases else 'request'}.jobParams.datasetList."
    if name in ROOTS and holder != "the context":
        # Inside each and with, only @root leads back to the context.
        fix = f"Write @root.{use.name.removeprefix('this.')}."
    if not fix and root == "request" and PERFORM in text.phases:
        fix = f"Write job.{name}." if name in OLD_ROOTS else ""
    yield _at(subject, text, use, "template.unknown-variable", sentence, fix)


def _too_early(
    subject: LintSubject, text: ConfigText, use: Variable, path: tuple[str, ...]
) -> Finding | None:
    # A template that is rendered in both phases has the job in one of them.
    if text.phases != {VALIDATE}:
        return None
    if text.action.operation == "create":
        sentence = f"{{{{{use.name}}}}} renders as nothing: there is no job before it is stored"
        return _at(subject, text, use, "template.job-not-yet", sentence)
    if len(path) > 1:
        sentence = f"{{{{{use.name}}}}} renders as nothing when an update is validated"
        return _at(subject, text, use, "template.job-unreadable", sentence)
    return None


def _env(subject: LintSubject, text: ConfigText, use: Variable, name: str) -> Iterator[Finding]:
    if _shows_a_secret(text, use, name):
        where = _READ_BY_OTHERS[text.action.kind]
        sentence = f"the value of {name} gets into {where}"
        fix = "Leave it out; a header or body of a call is the place for a secret."
        yield _at(subject, text, use, "template.secret", sentence, fix)
        return
    variables = subject.variables
    # {{#if env.NAME}} and default allow for a variable that is not set.
    if variables is None or variables.get(name) or use.within in ("if", "default"):
        return
    fix = f"Set {name}."
    lack = "is set to nothing" if name in variables else "is not set"
    if text.field == "header" and text.name.lower() == "authorization":
        sentence = f"{name} {lack}: the header goes out without it"
        yield _at(subject, text, use, "template.empty-authorization", sentence, fix)
    else:
        sentence = f"{name} {lack} and renders as nothing"
        yield _at(subject, text, use, "template.unset-variable", sentence, fix)


def _shows_a_secret(text: ConfigText, use: Variable, name: str) -> bool:
    shown = use.output or use.within in _SHOWING
    return shown and is_secret_name(name) and text.action.kind in _READ_BY_OTHERS


def _old_root(subject: LintSubject, text: ConfigText, use: Variable, name: str) -> Finding:
    """Return a finding for a field that was at the root, with the edits that move it.

    It moves to ``job``, or to ``request`` in the validate phase, where there is no job yet.
    """
    holder = "job" if PERFORM in text.phases else "request"
    new = f"{holder}.{_NEW_NAMES.get(name, name)}"
    sentence = f"{{{{{use.name}}}}} renders as nothing: {name} is a part of {holder} now"
    edits = _edits(subject, text, rf"(\{{\{{[{{&~]?\s*){name}(?=[\s.}}~])", rf"\g<1>{new}")
    return _at(subject, text, use, "dialect.job-root", sentence, f"Write {new}.", edits)


def _pids_edits(subject: LintSubject, text: ConfigText, use: Variable) -> tuple[Edit, ...]:
    # Arguments of helpers and blocks may need the list in another form.
    if not use.output:
        return ()
    name = re.escape(use.name)
    # The new text has no quotes, so it needs no escaping within those of the file.
    return _edits(subject, text, rf"\{{\{{\{{?\s*{name}\s*\}}?\}}\}}", _PIDS)


def _edits(subject: LintSubject, text: ConfigText, pattern: str, new: str) -> tuple[Edit, ...]:
    document = subject.document
    node = document.node(text.path)
    # Templates in files of their own are judged and not fixed (docs/lint.md).
    if text.file is not None or node is None:
        return ()
    written = document.source(node)
    return tuple(
        Edit(document.file, node.start + found.start(), node.start + found.end(), found.expand(new))
        for found in re.finditer(pattern, written)
    )


def _at(
    subject: LintSubject,
    text: ConfigText,
    use: Variable,
    rule: str,
    sentence: str,
    fix: str = "",
    edits: tuple[Edit, ...] = (),
) -> Finding:
    place = text.place(subject.document, use.line, use.column)
    return finding(rule, place, sentence, about=text.title, fix=fix, edits=edits)
