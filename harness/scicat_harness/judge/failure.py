"""Failure stories: who asked for what, what was expected by which rule, what came back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from scicat_harness.client.transcript import Exchange
from scicat_harness.deploy.running import ERRORS
from scicat_harness.judge.wording import in_words
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.identity import Identity
from scicat_harness.secrets import redact

__all__ = [
    "FATAL",
    "NOTHING_SEEN",
    "CheckFailed",
    "LogWindow",
    "Sight",
    "Story",
    "StoryPart",
    "story_of",
]

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
class StoryPart:
    """A named piece of a story, of one or more lines; ``name`` is "" for its first line."""

    name: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, name: str, *lines: str) -> StoryPart:
        """Without secrets; a line with breaks becomes several."""
        return cls(name, tuple(redact("\n".join(lines)).split("\n")))


@dataclass(frozen=True, slots=True)
class Story:
    """Why a check failed, in parts, so that reports can show each in its own way."""

    parts: tuple[StoryPart, ...]

    def __str__(self) -> str:
        return "\n".join(line for part in self.parts for line in _laid_out(part))

    def to_json(self) -> list[list[str]]:
        """Plain data: pairs of name and text."""
        return [[part.name, "\n".join(part.lines)] for part in self.parts]

    def with_part(self, name: str, text: str) -> Story:
        """The same with one more part at its end."""
        return Story((*self.parts, StoryPart.of(name, text)))

    @classmethod
    def joined(cls, stories: Iterable[Story]) -> Story:
        """Several in one."""
        return cls(tuple(part for story in stories for part in story.parts))


_BELOW = frozenset({"timeline", "received", "backend log"})
"""Parts whose lines stand below their name."""


def _laid_out(part: StoryPart) -> list[str]:
    first, *rest = part.lines
    if not part.name:
        return list(part.lines)
    if part.name.split(" (")[0] in _BELOW:
        return [f"  {part.name}", *(f"    {line}" for line in part.lines if line)]
    return [f"  {part.name:<9} {first}", *(f"            {line}" for line in rest)]


class CheckFailed(AssertionError):
    """The backend does otherwise than specified; the text is the whole story."""

    def __init__(self, story: Story | str) -> None:
        super().__init__(str(story))
        self.story = story if isinstance(story, Story) else Story((StoryPart.of("", story),))


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of the effects of a request.

    ``timeline``: one line each, with its time in seconds since the epoch; ``received``: the same
    in full.
    """

    timeline: Sequence[str] = ()
    received: Sequence[str] = ()


NOTHING_SEEN = Sight()


def story_of(
    identity: Identity,
    exchange: Exchange,
    expectation: Expectation | None,
    differences: Sequence[Difference],
    log: LogWindow,
    sight: Sight = NOTHING_SEEN,
) -> Story:
    """The whole story of a failed check; ``expectation`` is None where there is none yet."""
    groups = ", ".join(identity.groups) or "no groups"
    parts = [
        StoryPart.of(
            "",
            f"{exchange.method} {exchange.url} as {identity.name} ({groups}; {identity.sentence})",
        ),
        *(_expected(expectation) if expectation is not None else ()),
        StoryPart.of("observed", exchange.summary()),
        *(StoryPart.of("differs", in_words(each)) for each in differences),
    ]
    timeline = _timeline(exchange, sight.timeline)
    if timeline:
        parts.append(StoryPart.of("timeline", *timeline))
    if sight.received:
        parts.append(StoryPart.of("received", *sight.received))
    if exchange.request_body is not None:
        parts.append(StoryPart.of("body", exchange.request_body))
    logged = log.lines(exchange.correlation)
    parts.append(StoryPart.of(f"backend log ({len(logged)} lines)", *logged[-_LONGEST_LOG:]))
    return Story((*parts, StoryPart.of("curl", exchange.curl())))


def _expected(expectation: Expectation) -> Iterator[StoryPart]:
    written = ", job written" if expectation.written else ""
    expected = f"{expectation.status} {expectation.decision}{written}"
    yield StoryPart.of("expected", expected, f"by {expectation.sentence}")
    yield from (StoryPart.of("effect", str(each)) for each in expectation.effects)


def _timeline(exchange: Exchange, lines: Sequence[str]) -> list[str]:
    shown = []
    for line in lines:
        at, _, text = line.partition(" ")
        try:
            shown.append(f"{float(at) - exchange.at:+8.3f}s  {text}")
        except ValueError:
            shown.append(f"          {line}")
    if not shown:
        return []
    sent = f"{0.0:+8.3f}s  {exchange.method} -> {exchange.status} after {exchange.seconds:.3f} s"
    return [sent, *shown]
