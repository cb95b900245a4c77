"""Mail messages as plain data: headers decoded, bodies decoded from their transfer encoding."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

__all__ = ["message_content"]

_FOLD = re.compile(r"\r?\n(?=[ \t])")


def message_content(raw: bytes) -> dict[str, Any]:
    """Return the journal content of a message, without its envelope; see ``Arrival``.

    It never fails: text that cannot be decoded is read as Latin-1, a damaged header is kept as it
    is. ``html`` and ``text`` are the first parts of these types, None without one.
    """
    message = message_from_bytes(raw)
    headers = [[name, _decoded(str(value))] for name, value in message.raw_items()]
    # Reversed: of a repeated header the first one counts.
    named = {name.lower(): value for name, value in reversed(headers)}
    return {
        "subject": named.get("subject"),
        "from": named.get("from"),
        "reply_to": named.get("reply-to"),
        "to": named.get("to"),
        "headers": headers,
        "html": _body(message, "text/html"),
        "text": _body(message, "text/plain"),
        "parts": [part.get_content_type() for part in message.walk()],
        "raw": _text(raw, "utf-8"),
    }


def _decoded(value: str) -> str:
    unfolded = _FOLD.sub("", value).strip()
    # The parser keeps bytes above 127 as surrogates; with SMTPUTF8 they are UTF-8.
    eight_bit = unfolded.encode("utf-8", "surrogateescape")
    readable = _text(eight_bit, "utf-8")
    try:
        return str(make_header(decode_header(readable)))
    except (MessageError, LookupError, ValueError):
        return readable


def _body(message: Message, content_type: str) -> str | None:
    for part in message.walk():
        if part.get_content_type() == content_type and not part.is_multipart():
            payload = part.get_payload(decode=True)
            charset = part.get_content_charset() or "utf-8"
            return _text(payload, charset) if isinstance(payload, bytes) else None
    return None


def _text(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        # Latin-1 decodes every byte, so that nothing is lost.
        return data.decode("latin-1")
