"""Stories of failed checks: the request, what was expected by which rule, what was observed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from scicat_harness.client.transcript import Exchange
from scicat_harness.judge.wording import in_words
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.identity import Identity
from scicat_harness.model.text import without_surrogates
from scicat_harness.processes.running import ERRORS
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

# Lines of the log in a story: the newest ones, so that it stays readable on a screen.
_LONGEST_LOG = 20
# Seconds to wait for a log line, and between two looks at the log.
_LOG_DEADLINE = 5.0
_STEP = 0.02
# Actions log the job, not the correlation: "(Job ID) Performing RabbitMQJobAction".
_JOB = re.compile(r"\(Job ([0-9a-f-]{36})\)")


@dataclass(frozen=True, slots=True)
class LogWindow:
    """The part of a backend's log that was written since a request; empty without a log.

    ``starts`` maps each log file to the offset in bytes where the window begins.
    """

    starts: Mapping[Path, int]

    @classmethod
    def open(cls, path: Path | None) -> LogWindow:
        """Open a window at the present end of the log, and of the errors kept apart from it."""
        # Containers write errors to a second file: their engine does not keep the order of both.
        paths = [path, path.with_suffix(ERRORS)] if path is not None else []
        return cls({each: each.stat().st_size for each in paths if each.exists()})

    def has(self, pattern: str) -> bool:
        """Return whether a pattern is in the window now; secrets are there as they were written."""
        return re.search(pattern, self._text()) is not None

    def _text(self) -> str:
        text = ""
        for path, start in self.starts.items():
            with path.open("rb") as log:
                log.seek(start)
                text += log.read().decode("utf-8", "replace")
        return text

    def lines(self, correlation: str | None = None) -> list[str]:
        """Return the lines written since the window was opened, without secrets.

        With a correlation, only the lines that contain it, or that name the same job as one of
        these.
        """
        lines = [redact(line) for line in self._text().splitlines()]
        own = [line for line in lines if correlation and correlation in line]
        jobs = {found for line in own for found in _JOB.findall(line)}
        cut = [line for line in lines if line in own or any(job in line for job in jobs)]
        return lines if correlation is None else cut

    def find(self, pattern: str, seconds: float | None = None) -> re.Match[str] | None:
        """Search the window for a pattern until it is found, five seconds unless given.

        The log of a container is written a moment after the reply of the request.
        """
        give_up = time.monotonic() + (_LOG_DEADLINE if seconds is None else seconds)
        while True:
            found = re.search(pattern, "\n".join(self.lines()))
            if found or time.monotonic() >= give_up:
                return found
            Event().wait(_STEP)


@dataclass(frozen=True, slots=True)
class StoryPart:
    """A named part of a story, of one or more lines; ``name`` is "" for its first line."""

    name: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, name: str, *lines: str) -> StoryPart:
        """Return the part with these lines, without secrets; a line with breaks becomes several."""
        return cls(name, tuple(redact(without_surrogates("\n".join(lines))).split("\n")))


@dataclass(frozen=True, slots=True)
class Story:
    """Why a check failed, in named parts, so that reports can render each in their own way.

    ``str()`` lays it out for a terminal: names in the first column, lines indented below.
    """

    parts: tuple[StoryPart, ...]

    def __str__(self) -> str:
        return "\n".join(line for part in self.parts for line in _laid_out(part))

    def to_json(self) -> list[list[str]]:
        """Return plain data: pairs of name and text."""
        return [[part.name, "\n".join(part.lines)] for part in self.parts]

    def with_part(self, name: str, text: str) -> Story:
        """Return the story with one more part at its end."""
        return Story((*self.parts, StoryPart.of(name, text)))

    @classmethod
    def joined(cls, stories: Iterable[Story]) -> Story:
        """Return several stories as one."""
        return cls(tuple(part for story in stories for part in story.parts))


# Parts whose lines stand below their name.
_BELOW = frozenset({"timeline", "received", "backend log"})


def _laid_out(part: StoryPart) -> list[str]:
    first, *rest = part.lines
    if not part.name:
        return list(part.lines)
    # The name of the log has the number of its lines in it: "backend log (2 lines)".
    if part.name.split(" (")[0] in _BELOW:
        return [f"  {part.name}", *(f"    {line}" for line in part.lines if line)]
    return [f"  {part.name:<9} {first}", *(f"            {line}" for line in rest)]


class CheckFailed(AssertionError):
    """The backend does not do what is specified; the message is the whole story.

    An AssertionError, so that pytest reports a failure and no error.
    """

    def __init__(self, story: Story | str) -> None:
        super().__init__(str(story))
        self.story = story if isinstance(story, Story) else Story((StoryPart.of("", story),))


@dataclass(frozen=True, slots=True)
class Sight:
    """The effects of a request that were seen, as text.

    ``timeline`` has a line for each, with its time in seconds since the epoch, None where that is
    not known; ``received`` has the same in full.
    """

    timeline: Sequence[tuple[float | None, str]] = ()
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
    """Return the story of a failed check; ``expectation`` is None where there is none yet.

    Its parts: the request, expected, effect (one for each that is expected), observed, differs
    (one for each difference), timeline, received, body, backend log, curl. Timeline, received and
    body are left out where there are none.
    """
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
    parts.append(_logged(exchange, log))
    return Story((*parts, StoryPart.of("curl", exchange.curl())))


def _logged(exchange: Exchange, log: LogWindow) -> StoryPart:
    named = log.lines(exchange.correlation)
    if named:
        return StoryPart.of(f"backend log ({len(named)} lines)", *named[-_LONGEST_LOG:])
    # They may be of other requests, but an error that ends a backend names none.
    last = log.lines()[-_LONGEST_LOG:]
    if not last:
        return StoryPart.of("backend log (0 lines)")
    return StoryPart.of(f"backend log (no line names this request; the last {len(last)})", *last)


def _expected(expectation: Expectation) -> Iterator[StoryPart]:
    written = ", job written" if expectation.written else ""
    expected = f"{expectation.status} {expectation.decision}{written}"
    yield StoryPart.of("expected", expected, f"by {expectation.sentence}")
    yield from (StoryPart.of("effect", str(each)) for each in expectation.effects)


def _timeline(exchange: Exchange, lines: Sequence[tuple[float | None, str]]) -> list[str]:
    # Log lines, and effects that a plugin's probe saw, have no time of arrival.
    shown = [
        f"          {text}" if at is None else f"{at - exchange.at:+8.3f}s  {text}"
        for at, text in lines
    ]
    if not shown:
        return []
    sent = f"{0.0:+8.3f}s  {exchange.method} -> {exchange.status} after {exchange.seconds:.3f} s"
    return [sent, *shown]
