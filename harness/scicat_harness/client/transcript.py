"""Exchanges: what was sent and what came back, kept without secrets, shown as text and as curl."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.secrets import redact

__all__ = ["Exchange"]

_LONGEST = 1200


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply.

    ``seconds`` is the time until the whole reply was read, ``at`` when the request was sent, in
    seconds since the epoch. Status 0 stands for a connection that ended without a reply.
    """

    method: str
    url: str
    identity: str
    request_body: str | None
    request_headers: Mapping[str, str]
    status: int
    text: str
    seconds: float
    correlation: str | None = None
    at: float = 0.0
    _parsed: list[Any] = field(default_factory=list, compare=False, repr=False)

    @property
    def json(self) -> Any:
        """The parsed reply, or None where it is not JSON."""
        if not self._parsed:
            try:
                self._parsed.append(json.loads(self.text))
            except ValueError:
                self._parsed.append(None)
        return self._parsed[0]

    @property
    def message(self) -> str | None:
        """The error message; a list of validation messages is joined by semicolons."""
        body = self.json
        if isinstance(body, str):
            return body
        found = body.get("message") if isinstance(body, dict) else None
        if isinstance(found, list):
            return "; ".join(str(each) for each in found)
        return found if isinstance(found, str) else None

    def curl(self) -> str:
        """A curl line that repeats the request, its token left out."""
        parts = ["curl", "-X", self.method, shlex.quote(self.url)]
        for name, value in sorted(self.request_headers.items()):
            shown = "Bearer ***" if name == "Authorization" else value
            parts += ["-H", shlex.quote(f"{name}: {shown}")]
        if self.request_body is not None:
            parts += ["-d", shlex.quote(redact(self.request_body))]
        return " ".join(parts)

    def summary(self) -> str:
        """Status and reply, shortened and without secrets."""
        shown = redact(self.text)
        if len(shown) > _LONGEST:
            shown = f"{shown[:_LONGEST]}... ({len(self.text)} characters)"
        return f"{self.status} {shown}"
