"""Names for values that differ from run to run, so that the same behaviour has the same record.

Tokens, ids, times and addresses become ``$token``, ``$id``, ``$time`` and so on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scicat_harness.secrets import redact

__all__ = ["Names"]

# Longer texts are kept as their beginning and this many digits of their digest.
_LONGEST = 400
_DIGITS = 12
# Tried in this order: a time begins with a date, and would become "$dateT12:00:00Z".
_NAMED: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "$uuid"),
        (r"\b[0-9a-f]{24}\b", "$oid"),
        (r"\d{4}-\d\d-\d\dT\d\d(:|%3A)\d\d(:|%3A)\d\d(\.\d+)?(Z|\+00:00)?", "$time"),
        (r"\d{4}-\d\d-\d\d", "$date"),
        # Containers know this machine by another address than processes do.
        (r"(?:\d+(?:\.\d+){3}|localhost|host\.docker\.internal)(:|%3A)\d+", r"$host\1$port"),
        (r"harness-[0-9a-f]{12}\b", "$config"),
    )
)


@dataclass(frozen=True, slots=True)
class Names:
    """The values of a request that only its run knows: run, correlation, id of the job."""

    run: str
    token: str = ""
    job_id: str = ""

    def normal(self, value: Any) -> Any:
        """Return the value with names for what only this run knows, and without secrets.

        Objects and lists are entered, keys included. Texts above 400 characters are cut, and end
        in a digest of the whole, so that two of them can still be compared.
        """
        if isinstance(value, Mapping):
            return {self._text(str(key)): self.normal(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.normal(each) for each in value]
        return _cut(self._text(value)) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        for known, name in ((self.token, "$token"), (self.job_id, "$id")):
            if known:
                text = text.replace(known, name)
        # Tokens of other requests before the name of the run, with which they begin.
        text = re.sub(rf"{re.escape(self.run)}-[a-z0-9]+-\d{{7}}", "$other", redact(text))
        text = text.replace(self.run, "$run")
        for pattern, name in _NAMED:
            text = pattern.sub(name, text)
        return text


def _cut(text: str) -> str:
    """Return a long text as its beginning and a digest of the whole."""
    if len(text) <= _LONGEST:
        return text
    digest = sha256(text.encode()).hexdigest()[:_DIGITS]
    return f"{text[:_LONGEST]}... ({len(text)} characters, sha256 {digest})"
