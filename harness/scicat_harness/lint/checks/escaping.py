"""Escaping in templates: two braces or three, and encoding twice.

Two braces escape for HTML, whatever the text is used for (specification: templates.syntax).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scicat_harness.javascript import Helper, Note, Variable
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject, finding
from scicat_harness.lint.texts import ConfigText

__all__ = ["escaping_findings"]

_SAFE_HELPERS = frozenset(
    {"formatUnit", "urlencode", "eq", "or", "and", "not", "matches", "base64enc"}
)
"""Helpers whose output has no character that is escaped, except ``=`` of ``base64enc``."""
_SAFE_FIELDS = frozenset({"id", "_id", "createdAt", "updatedAt", "configVersion", "__v"})
_NUMERIC = frozenset({"integer", "number", "boolean"})
_DEEPEST = 10
_COUNTS = frozenset({"size", "packedSize", "numberOfFiles", "numberOfFilesArchived"})
"""Fields of datasets that are numbers."""
# The body of a mail is HTML, and entities do no harm in log lines: neither has a rule.
_RULES = {
    "url": ("template.url-escaped", "in a URL"),
    "subject": ("template.text-escaped", "in the subject of a mail"),
    "to": ("template.text-escaped", "in an address"),
    "header": ("template.text-escaped", "in a header"),
}


def escaping_findings(
    subject: LintSubject, text: ConfigText, uses: Sequence[Variable | Helper | Note]
) -> Iterator[Finding]:
    """Yield the findings about the mustaches of one template.

    ``uses`` are those of the template. Values that cannot contain a special character, such as
    ``job.id`` or what a schema asks to be a number, need no third brace.
    """
    numbers = _numbers(subject, text.action.job)
    for use in uses:
        if isinstance(use, Note):
            continue
        place = text.place(subject.document, use.line, use.column)
        if text.field == "url" and isinstance(use, Helper) and use.name == "urlencode":
            # The rendered url is encoded as a whole: "a b" becomes a%2520b.
            sentence = "urlencode encodes it, and the whole url is encoded again"
            yield finding("template.url-encoded-twice", place, sentence, about=text.title)
        if not use.output or use.raw or _is_safe(use, text) or _is_number(use, numbers):
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
    # Names of headers have no case; without a content type the text decides.
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
        # It is always the name of the job type to which the action belongs.
        return not set(text.action.job) & set("&<>\"'`=")
    return use.path[-1] in _SAFE_FIELDS


def _is_number(use: Variable | Helper, numbers: frozenset[str]) -> bool:
    if isinstance(use, Helper) or not use.path:
        return False
    if use.path[-1] == "length" or (use.path[0] == "datasets" and use.path[-1] in _COUNTS):
        return True
    return use.path[0] in ("job", "request") and ".".join(use.path[1:]) in numbers


def _numbers(subject: LintSubject, job_type: str) -> frozenset[str]:
    """Return the paths of a request of which a validation of the job type makes numbers."""
    validations = (
        action.options.get("request")
        for job in subject.jobs
        if job.name == job_type
        for operation in job.operations()
        for action in operation.all_actions()
        if action.kind == "validate"
    )
    return frozenset(
        found
        for request in validations
        if isinstance(request, dict)
        for path, schema in request.items()
        for found in _numbers_in(str(path).removeprefix("$."), schema, _DEEPEST)
    )


def _numbers_in(path: str, schema: Any, depth: int) -> Iterator[str]:
    # Parts of a schema may stand in many places, by aliases of YAML.
    if not depth or not isinstance(schema, dict):
        return
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and all(isinstance(kind, str) and kind in _NUMERIC for kind in kinds):
        yield path
    properties = schema.get("properties")
    for name, inner in (properties if isinstance(properties, dict) else {}).items():
        yield from _numbers_in(f"{path}.{name}", inner, depth - 1)
