"""Failure texts: who asked for what, what was expected by which rule, what came back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from scicat_harness.client.transcript import Exchange
from scicat_harness.deploy.running import ERRORS
from scicat_harness.model.identity import Identity
from scicat_harness.oracle.predict import Prediction
from scicat_harness.secrets import redact

__all__ = ["FATAL", "NOTHING_SEEN", "LogWindow", "Sight", "failure_text"]

FATAL = r"(?m)^(Node\.js v\d|uncaught error: the embedded backend ends)"
"""The last line of a backend that an uncaught error ends; a killed one prints none."""

_LONGEST_LOG = 20
_LATE = 5.0
_STEP = 0.02
_JOB = re.compile(r"\(Job ([0-9a-f-]{36})\)")


@dataclass(frozen=True, slots=True)
class LogWindow:
    """The part of a backend log written while a request ran; empty where we see no log."""

    starts: Mapping[Path, int]

    @classmethod
    def open(cls, path: Path | None) -> LogWindow:
        """Start a window at the present end of the log, and of the errors kept apart from it."""
        paths = [path, path.with_suffix(ERRORS)] if path is not None else []
        return cls({each: each.stat().st_size for each in paths if each.exists()})

    def lines(self, correlation: str | None = None) -> list[str]:
        """What has been written since, without secrets.

        With a correlation only the lines that have it, or name a job whose lines do, if any.
        """
        text = ""
        for path, start in self.starts.items():
            with path.open("rb") as log:
                log.seek(start)
                text += log.read().decode("utf-8", "replace")
        lines = [redact(line) for line in text.splitlines()]
        own = [line for line in lines if correlation and correlation in line]
        jobs = {found for line in own for found in _JOB.findall(line)}
        cut = [line for line in lines if line in own or any(job in line for job in jobs)]
        return cut or lines

    def find(self, pattern: str, seconds: float = _LATE) -> re.Match[str] | None:
        """Search what has been written since; a container's output comes after its reply."""
        give_up = time.monotonic() + seconds
        while True:
            found = re.search(pattern, "\n".join(self.lines()))
            if found or time.monotonic() >= give_up:
                return found
            Event().wait(_STEP)


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of the effects of a request.

    ``timeline``: one line each, with its time in seconds since the epoch; ``received``: the same
    in full.
    """

    timeline: Sequence[str] = ()
    received: Sequence[str] = ()


NOTHING_SEEN = Sight()


def failure_text(
    identity: Identity,
    exchange: Exchange,
    prediction: Prediction,
    problems: Iterable[str],
    log: LogWindow,
    sight: Sight = NOTHING_SEEN,
) -> str:
    """The whole story of a failed check."""
    groups = ", ".join(identity.groups) or "no groups"
    written = ", job written" if prediction.written else ""
    lines = [
        f"{exchange.method} {exchange.url} as {identity.name} ({groups}; {identity.sentence})",
        f"  expected  {prediction.reply.status} {prediction.decision}{written}",
        f"            by {prediction.sentence}",
    ]
    lines += [f"  effect    {each}" for each in prediction.effects]
    lines.append(f"  observed  {exchange.summary()}")
    lines += [f"  differs   {problem}" for problem in problems]
    lines += _timeline(exchange, sight.timeline)
    if sight.received:
        lines += ["  received", *(f"    {line}" for line in sight.received)]
    if exchange.request_body is not None:
        lines.append(f"  body      {redact(exchange.request_body)}")
    logged = log.lines(exchange.correlation)
    lines.append(f"  backend log ({len(logged)} lines)")
    lines += [f"    {line}" for line in logged[-_LONGEST_LOG:]]
    lines.append(f"  curl      {exchange.curl()}")
    return redact("\n".join(lines))


def _timeline(exchange: Exchange, lines: Sequence[str]) -> list[str]:
    shown = []
    for line in lines:
        at, _, text = line.partition(" ")
        try:
            shown.append(f"    {float(at) - exchange.at:+8.3f}s  {text}")
        except ValueError:
            shown.append(f"              {line}")
    if not shown:
        return []
    sent = (
        f"    {0.0:+8.3f}s  {exchange.method} -> {exchange.status} after {exchange.seconds:.3f} s"
    )
    return ["  timeline", sent, *shown]
