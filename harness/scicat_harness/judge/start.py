"""Start checks: a backend must start with some files, or fail with a message that helps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scicat_harness.deploy.deployment import Attempt, StartFiles
from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.judging import Expected, judge
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.wording import sentences
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.observation import Observation
from scicat_harness.model.outcome import Decision
from scicat_harness.model.release import Release
from scicat_harness.oracle.rule import Reading
from scicat_harness.secrets import redact

__all__ = ["KnownDeviation", "StartCheck", "StartOutcome"]

_LAST_LINES = 25


_HEALTHY = 200
"""The status of a backend that became healthy; of one that ended it is the exit code."""


@dataclass(frozen=True, slots=True)
class StartOutcome:
    """How a start ends: healthy, or with exit code 1; each pattern is found in what it prints."""

    healthy: bool
    printed: tuple[str, ...] = ()

    def expectation(self) -> Expectation:
        """The same as an expectation, whose document is what the backend prints."""
        return Expectation(
            decision=Decision.ALLOW if self.healthy else Decision.INVALID,
            status=_HEALTHY if self.healthy else 1,
            deciding="",
            sentence="",
            document=self._printed,
        )

    def _printed(self, output: str) -> Iterator[Difference]:
        for pattern in self.printed:
            if re.search(pattern, output) is None:
                yield Difference("start.printed", pattern, None)


@dataclass(frozen=True, slots=True)
class KnownDeviation:
    """A known deviation: the id of its entry in the ledger, and the ending that is promised."""

    entry: str
    promised: StartOutcome


@dataclass(slots=True)
class StartCheck:
    """Judges one attempt to start a backend, against what is observed or what is promised."""

    key: str
    release: Release
    reading: Reading = Reading.OBSERVED
    record: CheckRecord | None = None
    is_pending = False
    """Nothing of a start is settled later."""

    def must_start(
        self,
        start: StartFiles,
        attempt: Attempt,
        *printed: str,
        known: KnownDeviation | None = None,
    ) -> None:
        """The backend became healthy, and printed something of each pattern."""
        self._judge(start, attempt, StartOutcome(True, printed), known)

    def must_fail(
        self,
        start: StartFiles,
        attempt: Attempt,
        *printed: str,
        known: KnownDeviation | None = None,
    ) -> None:
        """It ended with exit code 1, and printed something of each pattern."""
        self._judge(start, attempt, StartOutcome(False, printed), known)

    def overrule(self, record: CheckRecord) -> None:
        """Let this count instead: it could not be judged, or failed elsewhere."""
        self.record = record

    def _judge(
        self,
        start: StartFiles,
        attempt: Attempt,
        ending: StartOutcome,
        known: KnownDeviation | None,
    ) -> None:
        if known is not None and self.reading is Reading.DOCUMENTED:
            ending, known = known.promised, None
        expected = Expected(ending.expectation())
        if known is not None:
            expected = Expected(ending.expectation(), known.promised.expectation(), known.entry)
        status = _HEALTHY if attempt.healthy else int(attempt.exit_code or 0)
        observation = Observation(status, document=attempt.output)
        judged = judge(expected, observation, Ledger(), self.release)
        differences = [_of_a_start(each) for each in judged.differences]
        self.record = CheckRecord(
            case=self.key,
            operation="start",
            api="",
            identity="",
            job_type="",
            verdict=judged.verdict,
            expected=ending.expectation().decision,
            observed=Decision.ALLOW if attempt.healthy else Decision.INVALID,
            ledger=judged.deviation,
            reason="; ".join(sentences(differences)),
        )
        if differences:
            raise CheckFailed(_story(start, attempt, ending, differences))


def _of_a_start(difference: Difference) -> Difference:
    """A status is an exit code, or says that the backend became healthy."""
    if difference.path != "status":
        return difference
    if _HEALTHY in (difference.expected, difference.observed):
        healthy = difference.observed == _HEALTHY
        return Difference("start.healthy", difference.observed, healthy)
    return Difference("start.exit_code", difference.expected, difference.observed)


def _story(
    start: StartFiles, attempt: Attempt, ending: StartOutcome, differences: list[Difference]
) -> str:
    expected = "healthy" if ending.healthy else "exit code 1"
    lines = [
        "start of a backend",
        "  expected  " + ", ".join([expected, *(f"a message {each!r}" for each in ending.printed)]),
        "  observed  " + ("healthy" if attempt.healthy else f"exit code {attempt.exit_code}"),
        *(f"  differs   {each}" for each in sentences(differences)),
        *_block("job configuration", start.job_config),
    ]
    for name, content in start.files.items():
        lines += _block(name, content)
    lines += [f"  {name}={_shown(name, value)}" for name, value in start.environment.items()]
    shown = redact(attempt.output).splitlines()[-_LAST_LINES:]
    return "\n".join([*lines, "  output", *(f"    {each}" for each in shown)])


def _block(title: str, content: str | None) -> list[str]:
    if content is None:
        return [f"  {title}: no such file"]
    return [f"  {title}", *(f"    {each}" for each in content.splitlines())]


def _shown(name: str, value: str | None) -> str:
    if value is None:
        return "(not set)"
    return "***" if name.endswith(("_PASSWORD", "_SECRET")) else value
