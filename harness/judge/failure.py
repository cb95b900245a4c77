"""Failure texts: who asked for what, what was expected by which rule, what came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.client.transcript import Exchange, redact
from harness.model.identity import Identity
from harness.oracle.predict import Prediction

__all__ = ["LogWindow", "failure_text"]

_LONGEST_LOG = 20


@dataclass(frozen=True, slots=True)
class LogWindow:
    """The part of a backend log written while a request ran; empty where we see no log."""

    path: Path | None
    start: int = 0

    @classmethod
    def open(cls, path: Path | None) -> LogWindow:
        """Start a window at the present end of the log."""
        return cls(path, path.stat().st_size if path is not None and path.exists() else 0)

    def lines(self) -> list[str]:
        """What has been written since, without secrets; with -n, other requests' lines too."""
        if self.path is None:
            return []
        with self.path.open("rb") as log:
            log.seek(self.start)
            text = log.read().decode("utf-8", "replace")
        return [redact(line) for line in text.splitlines()]


def failure_text(
    identity: Identity,
    exchange: Exchange,
    prediction: Prediction,
    problems: Iterable[str],
    log: LogWindow,
) -> str:
    """The whole story of a failed check."""
    groups = ", ".join(identity.groups) or "no groups"
    job = ", job stored" if prediction.job is not None else ""
    lines = [
        f"{exchange.method} {exchange.url} as {identity.name} ({groups}; {identity.sentence})",
        f"  expected  {prediction.reply.status} {prediction.decision}{job}",
        f"            by {prediction.sentence}",
        f"  observed  {exchange.summary()}",
    ]
    lines += [f"  differs   {problem}" for problem in problems]
    if exchange.request_body is not None:
        lines.append(f"  body      {redact(exchange.request_body)}")
    written = log.lines()
    lines.append(f"  backend log ({len(written)} lines)")
    lines += [f"    {line}" for line in written[-_LONGEST_LOG:]]
    lines.append(f"  curl      {exchange.curl()}")
    return "\n".join(lines)
