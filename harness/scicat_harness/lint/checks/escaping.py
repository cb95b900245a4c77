"""Two braces or three, and what is encoded twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scicat_harness.javascript import Helper, Note, Variable
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject, finding
from scicat_harness.lint.texts import ConfigText

__all__ = ["escaping_findings"]

_SAFE_HELPERS = frozenset(
    {"formatUnit", "urlencode", "eq", "or", "and", "not", "matches", "base64enc"}
)
"""What they print has nothing in it that is escaped, but for the last one's ``=``."""
_SAFE_FIELDS = frozenset({"id", "_id", "createdAt", "updatedAt", "configVersion", "__v"})
_RULES = {
    "url": ("template.url-escaped", "in a URL"),
    "subject": ("template.text-escaped", "in the subject of a mail"),
    "to": ("template.text-escaped", "in an address"),
    "header": ("template.text-escaped", "in a header"),
}


def escaping_findings(
    subject: LintSubject, text: ConfigText, uses: Sequence[Variable | Helper | Note]
) -> Iterator[Finding]:
    """At most one for each mustache."""
    for use in uses:
        if isinstance(use, Note):
            continue
        place = text.place(subject.document, use.line, use.column)
        if text.field == "url" and isinstance(use, Helper) and use.name == "urlencode":
            sentence = "what urlencode encodes is encoded again with the whole url"
            yield finding("template.url-encoded-twice", place, sentence, about=text.title)
        if not use.output or use.raw or _is_safe(use, text):
            continue
        rule, where = _RULES.get(text.field, ("", ""))
        if text.field == "body" and _is_json(text):
            rule, where = "template.json-escaped", "in a JSON body"
        if rule:
            name = use.name if isinstance(use, Variable) else f"{use.name} ..."
            sentence = f"{{{{{name}}}}} puts HTML entities for & < > \" ' ` = {where}"
            fix = f"Write {{{{{{{name}}}}}}}."
            yield finding(rule, place, sentence, about=text.title, fix=fix)


def _is_json(text: ConfigText) -> bool:
    headers = text.action.options.get("headers")
    given = headers.items() if isinstance(headers, dict) else ()
    kinds = [str(value) for name, value in given if str(name).lower() == "content-type"]
    if kinds:
        return "json" in kinds[0]
    start = text.text.lstrip()
    return (start.startswith(("{", "[")) and not start.startswith("{{")) or "jsonify" in text.text


def _is_safe(use: Variable | Helper, text: ConfigText) -> bool:
    if isinstance(use, Helper):
        return use.name in _SAFE_HELPERS
    if not use.path or use.path[0] != "job":
        return False
    if use.path == ("job", "type"):
        # It can only be the name of the type that the action belongs to.
        return not set(text.action.job) & set("&<>\"'`=")
    return use.path[-1] in _SAFE_FIELDS
