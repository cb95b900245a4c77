"""Start checks: a backend must start with given files, or end with a message that helps.

See specification: start, start.errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scicat_harness.deploy.deployment import Attempt, StartFiles
from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.judging import Expected, judge
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.wording import RUNNING, sentences, start_end
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.observation import Observation
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.model.release import Release
from scicat_harness.oracle.rule import Reading
from scicat_harness.secrets import redact

__all__ = ["KnownDeviation", "StartCheck", "StartOutcome"]

# Lines of the backend's output in a story.
_LAST_LINES = 25
# A start is judged like a request: its status is this for a backend that became healthy, and the
# exit code for one that ended.
_HEALTHY = 200


@dataclass(frozen=True, slots=True)
class StartOutcome:
    """The end of a start: healthy, or exit code 1; each pattern must be found in the output."""

    healthy: bool
    printed: tuple[str, ...] = ()

    def expectation(self) -> Expectation:
        """Return the expectation of this end; its document is the output of the backend."""
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
    """A known deviation of a start: the id of its ledger entry, and the promised outcome."""

    entry: str
    promised: StartOutcome


@dataclass(slots=True)
class StartCheck:
    """Judges one attempt to start a backend, by the observed or the documented reading.

    ``key`` names the check. ``record`` is None until the attempt is judged.
    """

    key: str
    release: Release
    reading: Reading = Reading.OBSERVED
    record: CheckRecord | None = None
    is_pending = False
    """A start has nothing to settle."""

    def must_start(
        self,
        start: StartFiles,
        attempt: Attempt,
        *printed: str,
        known: KnownDeviation | None = None,
    ) -> None:
        """Judge that the backend became healthy, and that each pattern is in its output.

        ``known`` names a deviation that this shows. Raises CheckFailed.
        """
        self._judge(start, attempt, StartOutcome(True, printed), known)

    def must_fail(
        self,
        start: StartFiles,
        attempt: Attempt,
        *printed: str,
        known: KnownDeviation | None = None,
    ) -> None:
        """Judge that the backend ended with exit code 1, and that each pattern is in its output.

        ``known`` names a deviation that this shows. Raises CheckFailed.
        """
        self._judge(start, attempt, StartOutcome(False, printed), known)

    def overrule(self, record: CheckRecord) -> None:
        """Replace the record of a check that could not be judged, or failed elsewhere."""
        self.record = record

    def _judge(
        self,
        start: StartFiles,
        attempt: Attempt,
        ending: StartOutcome,
        known: KnownDeviation | None,
    ) -> None:
        # Held to the documentation there are no known deviations.
        if known is not None and self.reading is Reading.DOCUMENTED:
            ending, known = known.promised, None
        expected = Expected(ending.expectation())
        if known is not None:
            expected = Expected(ending.expectation(), known.promised.expectation(), known.entry)
        # The corpus of starts names its ledger entries itself, so the judge looks none up.
        judged = judge(expected, _observation(attempt), Ledger(), self.release)
        differences = [_of_a_start(each) for each in judged.differences]
        if attempt.loaded is not None:
            alone = judge(expected, _observation(attempt.loaded), Ledger(), self.release)
            differences += [_of_the_loader(each) for each in alone.differences]
        self.record = CheckRecord(
            case=self.key,
            operation="start",
            api="",
            identity="",
            job_type="",
            verdict=Verdict.FAILED if differences else judged.verdict,
            expected=ending.expectation().decision,
            observed=Decision.ALLOW if attempt.healthy else Decision.INVALID,
            ledger=judged.deviation,
            reason="; ".join(sentences(differences)),
        )
        if differences:
            raise CheckFailed(_story(start, attempt, ending, differences))


def _observation(attempt: Attempt) -> Observation:
    status = _HEALTHY if attempt.healthy else _exit_code(attempt)
    return Observation(status, document=attempt.output)


def _of_the_loader(difference: Difference) -> Difference:
    """Return a difference that only the answer of the loader alone shows, as one of its own."""
    found = _of_a_start(difference)
    return replace(found, path=f"loader.{found.path}")


def _exit_code(attempt: Attempt) -> int:
    return RUNNING if attempt.exit_code is None else attempt.exit_code


def _of_a_start(difference: Difference) -> Difference:
    """Return a difference of status as one of health or of exit code; others as they are."""
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
        "  observed  " + ("healthy" if attempt.healthy else start_end(_exit_code(attempt))),
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
