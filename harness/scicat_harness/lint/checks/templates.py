"""Templates that do not compile, and calls of helpers that do not exist or are wrong.

Handlebars itself parses the templates; without Node they are not verifiable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from scicat_harness.javascript import (
    EngineFault,
    Helper,
    JavaScriptEngine,
    JavaScriptError,
    Note,
    Variable,
)
from scicat_harness.lint.checks.conditions import Conditions
from scicat_harness.lint.checks.escaping import escaping_findings
from scicat_harness.lint.checks.variables import variable_findings
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject, finding
from scicat_harness.lint.texts import ConfigText, texts_of

__all__ = ["template_findings"]

# The built-in helpers of Handlebars, which are not checked.
_BLOCKS = frozenset({"if", "unless", "each", "with", "lookup", "log"})
# Syntax errors name a line, errors of the compiler line and column.
_LINE = re.compile(r"(?:Parse error|Lexical error) on line (\d+)|- (\d+):(\d+)")

_USUAL: Mapping[str, int | str | None] = {
    "formatUnit": 1,
    "matches": "x",
    "base64enc": None,
    "base64dec": None,
}
"""Helpers that fail for some texts, with a first argument that fails for none."""
Uses = Sequence[Variable | Helper | Note]


def template_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield the findings about all templates of all actions, body files of mails included."""
    conditions = Conditions(subject)
    for job in subject.jobs:
        for operation in job.operations():
            actions = list(operation.all_actions())
            around = {each.path: each for each in actions if each.kind == "switch"}
            for action in actions:
                for text in texts_of(subject, action):
                    if "{{" in text.text:
                        yield from _of(subject, text)
                        conditions.look_at(text, around)
    yield from conditions.findings()


def _of(subject: LintSubject, text: ConfigText) -> Iterator[Finding]:
    # The name is the same for all templates, so that a missing engine is reported once.
    engine = subject.engine_for("templates of actions and mails")
    if engine is None:
        return
    try:
        uses = engine.parse_template(text.text)
    except EngineFault as fault:
        subject.not_verifiable(f"{text.title}: the template", fault)
        return
    except JavaScriptError as error:
        yield _syntax(subject, text, error)
        return
    for use in uses:
        if isinstance(use, Note):
            place = text.place(subject.document, use.line, use.column)
            sentence = f"there is no {use.kind} '{use.name}'"
            yield finding("template.partial", place, sentence, about=text.title)
        elif isinstance(use, Helper):
            yield from _helper(subject, text, use)
            yield from _as_block(subject, text, use)
            yield from _failing(subject, text, use, engine)
    yield from variable_findings(subject, text, uses)
    yield from escaping_findings(subject, text, uses)


def _syntax(subject: LintSubject, text: ConfigText, error: JavaScriptError) -> Finding:
    found = _LINE.search(error.message)
    line, column = 1, 1
    if found:
        line = int(found[1] or found[2])
        # Handlebars counts columns from 0.
        column = int(found[3] or 0) + 1
    # Without the line of the message that only points at the error.
    message = " ".join(part.strip() for part in error.message.splitlines() if "^" not in part)
    place = text.place(subject.document, line, column)
    # Errors while validating are swallowed (specification: actions.failures).
    when = "the check is skipped" if text.phases == {"validate"} else "the client gets 400"
    sentence = f"does not compile, {when} when it is used: {message[:160]}"
    return finding("template.syntax", place, sentence, about=text.title)


def _as_block(subject: LintSubject, text: ConfigText, use: Helper) -> Iterator[Finding]:
    if use.block and use.name in subject.features.helpers and use.name not in _BLOCKS:
        place = text.place(subject.document, use.line, use.column)
        sentence = f"{{{{#{use.name} ...}}}} prints what {use.name} gives, and never its block"
        fix = f"Write {{{{#if ({use.name} ...)}}}}."
        yield finding("template.helper-as-block", place, sentence, about=text.title, fix=fix)


def _failing(
    subject: LintSubject, text: ConfigText, use: Helper, engine: JavaScriptEngine
) -> Iterator[Finding]:
    """Yield a finding for a helper that fails with the texts that the template gives it."""
    usual = _USUAL.get(use.name)
    given = [usual, *use.literals[1:]] if use.literals[:1] == (None,) else list(use.literals)
    if use.name not in _USUAL or None in given or use.hash:
        return
    names = [f"a{number}" for number in range(len(given))]
    call = "{{" + " ".join((use.name, *names)) + "}}"
    try:
        engine.render(call, dict(zip(names, given, strict=True)))
    except EngineFault:
        return
    except JavaScriptError as error:
        place = text.place(subject.document, use.line, use.column)
        shown = f"{error}".splitlines()[0]
        sentence = f"'{use.name}' fails whenever it is rendered: {shown}"
        yield finding("template.always-fails", place, sentence, about=text.title)


def _helper(subject: LintSubject, text: ConfigText, use: Helper) -> Iterator[Finding]:
    helpers = subject.features.helpers
    place = text.place(subject.document, use.line, use.column)
    if use.name not in helpers:
        likely = get_close_matches(use.name, helpers, 1)
        fix = f"Use {likely[0]}." if likely else f"{subject.features.release} has: "
        fix += "" if likely else f"{', '.join(sorted(helpers))}."
        sentence = f"{subject.features.release} has no helper '{use.name}'"
        rule = "template.unknown-helper"
        yield finding(rule, place, sentence, about=text.title, fix=fix)
        return
    least, most = helpers[use.name]
    if use.params < least or (most is not None and use.params > most):
        wanted = str(least) if least == most else f"{least} or {'more' if most is None else most}"
        sentence = f"'{use.name}' takes {wanted} arguments and gets {use.params}"
        yield finding("template.helper-arguments", place, sentence, about=text.title)
