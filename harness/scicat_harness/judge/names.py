"""Names for what only one run knows, so that the same behaviour looks the same in every run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scicat_harness.secrets import redact

__all__ = ["Names"]

_LONGEST = 400
_DIGITS = 12
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
    """What only this run knows of a request: its name, the token, the id of the job."""

    run: str
    token: str = ""
    job_id: str = ""

    def normal(self, value: Any) -> Any:
        """The value without what only this run knows, and without secrets; long texts are cut."""
        if isinstance(value, Mapping):
            return {self._text(str(key)): self.normal(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.normal(each) for each in value]
        return _cut(self._text(value)) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        for known, name in ((self.token, "$token"), (self.job_id, "$id")):
            if known:
                text = text.replace(known, name)
        text = re.sub(rf"{re.escape(self.run)}-[a-z0-9]+-\d{{7}}", "$other", redact(text))
        text = text.replace(self.run, "$run")
        for pattern, name in _NAMED:
            text = pattern.sub(name, text)
        return text


def _cut(text: str) -> str:
    """A long text by its beginning and a digest of the whole."""
    if len(text) <= _LONGEST:
        return text
    digest = sha256(text.encode()).hexdigest()[:_DIGITS]
    return f"{text[:_LONGEST]}... ({len(text)} characters, sha256 {digest})"
