"""Exchanges: a request and its reply, shown as text and as a curl command without secrets."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.secrets import redact

__all__ = ["Exchange"]

# Characters of a reply in a summary.
_LONGEST = 1200


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply.

    ``text`` is the body of the reply, ``headers`` are its headers with names in lower case.
    ``seconds`` is the time until the whole reply was read, ``at`` the time when the request was
    sent, in seconds since the epoch. Status 0 stands for a connection that ended without a reply.
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
    headers: Mapping[str, str] = field(default_factory=dict)
    _parsed: list[Any] = field(default_factory=list, compare=False, repr=False)

    @property
    def json(self) -> Any:
        """The parsed reply, or None where it is not JSON."""
        # A list, because the class is frozen, and None is a result, too.
        if not self._parsed:
            try:
                self._parsed.append(json.loads(self.text))
            except ValueError:
                self._parsed.append(None)
        return self._parsed[0]

    @property
    def message(self) -> str | None:
        """The error message of the reply, None without one.

        A list of validation messages is joined by semicolons (specification: reply).
        """
        body = self.json
        # The body of an internal error is a bare text (specification: reply, shape D).
        if isinstance(body, str):
            return body
        found = body.get("message") if isinstance(body, dict) else None
        if isinstance(found, list):
            return "; ".join(str(each) for each in found)
        return found if isinstance(found, str) else None

    def curl(self) -> str:
        """Return a curl command that repeats the request, with ``***`` for its token."""
        parts = ["curl", "-X", self.method, shlex.quote(redact(self.url))]
        for name, value in sorted(self.request_headers.items()):
            shown = "Bearer ***" if name == "Authorization" else value
            parts += ["-H", shlex.quote(redact(f"{name}: {shown}"))]
        if self.request_body is not None:
            parts += ["-d", shlex.quote(redact(self.request_body))]
        return " ".join(parts)

    def summary(self) -> str:
        """Return status and reply, cut to 1200 characters and without secrets."""
        shown = redact(self.text)
        if len(shown) > _LONGEST:
            shown = f"{shown[:_LONGEST]}... ({len(self.text)} characters)"
        return f"{self.status} {shown}"
