"""Calls of url actions: secrets that are exposed, and calls that cannot be sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scicat_harness.lint.document import KeyPath
from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.subject import LintSubject
from scicat_harness.lint.words import is_secret_name
from scicat_harness.model.address import error_of_fetch

__all__ = ["call_findings"]

# A call to the same machine needs no TLS.
_PLAIN = re.compile(r"http://(?!localhost\b|127\.|\[::1\])", re.IGNORECASE)
_VARIABLE = re.compile(r"env\.([A-Za-z_][A-Za-z0-9_]*)")
# Shorter texts and those with braces are no secrets: a template names a variable.
_LITERAL = re.compile(r"^\s*(?:(?:Bearer|Basic|Token)\s+)?[^\s{}]{6,}\s*$", re.IGNORECASE)
_IN_URL = re.compile(r"://[^/\s:@{}]*:[^/\s@{}]+@")


def call_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield the findings about url actions.

    A secret is recognised by the name of its header or variable, or as the password in a URL.
    """
    for job in subject.jobs:
        for operation in job.operations():
            for action in operation.all_actions():
                if action.kind == "url":
                    yield from _of(subject, action)


def _of(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    url = action.options.get("url")
    if not isinstance(url, str):
        return
    title = action.title
    if action.options.get("body") and action.options.get("method", "GET") == "GET":
        path = (*action.path, "body")
        sentence = "fetch refuses a GET with a body: the client gets 400, the job is stored"
        yield subject.at("url.body-with-get", path, sentence, about=title, key=True)
    at = (*action.path, "url")
    error = error_of_fetch(url)
    if error is not None:
        sentence = f"no such address can be called: {error.partition(' from ')[0]}"
        yield subject.at("url.unusable", at, sentence, about=title)
    named = [name for name in _VARIABLE.findall(url) if is_secret_name(name)]
    if named or _IN_URL.search(url):
        secret = named[0] if named else "a password"
        sentence = f"{secret} is a part of the url, which is logged with every call"
        yield subject.at("url.secret-in-url", at, sentence, about=title)
    yield from _headers(subject, action, url)


def _headers(subject: LintSubject, action: ActionEntry, url: str) -> Iterator[Finding]:
    secret: tuple[KeyPath, str] | None = None
    headers = action.options.get("headers")
    for name, value in headers.items() if isinstance(headers, dict) else ():
        if not isinstance(value, str):
            continue
        path = (*action.path, "headers", name)
        if is_secret_name(name) and _LITERAL.match(value):
            sentence = f"the value of header {name} is written into the file"
            yield subject.at("url.secret-in-file", path, sentence, about=action.title)
        if is_secret_name(name) or any(map(is_secret_name, _VARIABLE.findall(value))):
            secret = secret or (path, f"header {name}")
    body = str(action.options.get("body") or "")
    if secret is None and any(map(is_secret_name, _VARIABLE.findall(body))):
        secret = (*action.path, "body"), "the body"
    if secret and _PLAIN.match(url):
        sentence = f"{secret[1]} goes over plain http"
        path = (*action.path, "url")
        yield subject.at("url.secret-over-http", path, sentence, about=action.title)
