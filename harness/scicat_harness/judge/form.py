"""The form of a reply: no header, key or value that no reply of the backend has.

What stands in a reply is judged by expectations; this module finds what none of them predicts,
such as a cookie, a stack trace, a token, or the address of another user in a refusal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.leaks import Planted
from scicat_harness.model.difference import Difference
from scicat_harness.model.release import Release
from scicat_harness.oracle.replies import (
    BODILESS,
    ERROR_FORMS,
    ERROR_NAMES,
    HEADERS,
    INTERNAL_ERROR,
    MEDIA_TYPE,
    PREFLIGHT_HEADERS,
    VIOLATIONS,
)

__all__ = ["form_differences"]

_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_TRACE = re.compile(r"\\n\s+at .{1,200}:\d+:\d+|/node_modules/|\bmongodb(?:\+srv)?://")
"""A stack trace, a path of the installation, or the address of the database."""


def form_differences(
    exchange: Exchange, planted: Planted, release: Release, *, owned: bool, own_actions: bool = True
) -> Iterator[Difference]:
    """Yield what a reply has that no reply of the backend may have.

    Paths are ``reply.headers.NAME``, ``reply.form`` and ``reply.leak``. Headers are judged for an
    ``owned`` backend only: a proxy in front of another one adds its own. Without ``own_actions``
    the job types are those of a facility, whose actions may refuse with any text.
    """
    if not exchange.status:
        return
    # Every reply has some; an exchange without any was not sent over HTTP.
    if owned and exchange.headers:
        yield from _header_differences(exchange)
    text = exchange.text
    shown = "\n".join([text, *(f"{key}: {value}" for key, value in exchange.headers.items())])
    for name in planted.found_in(shown):
        yield Difference("reply.leak", None, name)
    # The reply to HEAD has no body, of an error neither.
    if exchange.status < 400 or exchange.method == "HEAD":
        return
    yield from _error_differences(exchange.json, exchange.status, ERROR_FORMS.at(release))
    if not own_actions:
        return
    if _TRACE.search(text):
        yield Difference("reply.leak", None, "the inner workings of the backend")
    # What the request names itself is no news to the caller.
    asked = f"{exchange.request_body} {exchange.url}"
    for address in sorted(set(_ADDRESS.findall(text))):
        if address not in asked:
            yield Difference("reply.leak", None, f"the address {address}")


def _header_differences(exchange: Exchange) -> Iterator[Difference]:
    headers = exchange.headers
    usual = PREFLIGHT_HEADERS if exchange.method == "OPTIONS" else HEADERS
    for name in sorted(headers.keys() - usual):
        yield Difference(f"reply.headers.{name}", None, headers[name])
    # Without it no page of another origin can read the reply.
    if "access-control-allow-origin" not in headers:
        yield Difference("reply.headers.access-control-allow-origin", "*", None)
    kind = headers.get("content-type")
    if exchange.text and exchange.status not in BODILESS and kind != MEDIA_TYPE:
        yield Difference("reply.headers.content-type", MEDIA_TYPE, kind)


def _error_differences(
    body: Any, status: int, forms: Collection[frozenset[str]]
) -> Iterator[Difference]:
    if body == INTERNAL_ERROR:
        return
    if not isinstance(body, Mapping):
        yield Difference("reply.form", "a JSON object with a message", body)
        return
    keys = frozenset(body)
    if keys not in forms:
        nearest = min(forms, key=lambda form: len(form ^ keys))
        yield Difference("reply.form", sorted(nearest), sorted(keys))
        return
    for key in ("status", "statusCode"):
        if key in body and body[key] != status:
            yield Difference(f"reply.{key}", status, body[key])
    if "error" not in body:
        return
    if "statusCode" in body:
        name = ERROR_NAMES.get(status, body["error"])
        if body["error"] != name:
            yield Difference("reply.error", name, body["error"])
    elif not _is_list_of_violations(body["error"]):
        yield Difference("reply.error", "what is wrong with each dataset", body["error"])


def _is_list_of_violations(error: Any) -> bool:
    """Return whether an ``error`` is a list in JSON, with items of the known forms."""
    try:
        found = json.loads(error)
    except (TypeError, ValueError):
        return False
    if not isinstance(found, list) or not found:
        return False
    return all(isinstance(each, dict) and frozenset(each) in VIOLATIONS for each in found)
