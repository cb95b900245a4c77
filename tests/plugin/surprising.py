"""A plugin for runs in a process of their own: every so often a reply has another form."""

from __future__ import annotations

import itertools
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import HttpRequest, Transport

FORMS = (
    "null",
    "[]",
    "{}",
    '"text"',
    "5",
    "[[]]",
    '{"id":null}',
    "[null]",
    "",
    "<html>",
    '{"id":[]}',
)
_EVERY = 7
_NUMBERS = itertools.count()
_send = Transport.send


def _surprising(self: Transport, call: HttpRequest) -> Exchange:
    exchange = _send(self, call)
    number = next(_NUMBERS)
    # What the run itself depends on stays: logging in, making datasets, asking what is stored.
    if call.identity == "janitor" or "/auth/" in call.path or number % _EVERY:
        return exchange
    fields: dict[str, Any] = {
        name: getattr(exchange, name)
        for name in Exchange.__slots__
        if name not in ("text", "_parsed")
    }
    changed = Exchange(**fields, text=FORMS[number // _EVERY % len(FORMS)])
    self.last = changed
    return changed


Transport.send = _surprising  # type: ignore[method-assign]
