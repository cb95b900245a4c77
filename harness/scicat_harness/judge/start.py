"""Start checks: a backend must start with some files, or fail with a message that helps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from scicat_harness.deploy.deployment import Attempt, StartFiles
from scicat_harness.judge.outcome import CheckFailed, Outcome
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.settle import Finding
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.oracle.rule import Reading
from scicat_harness.secrets import redact

__all__ = ["Ending", "Known", "StartCheck"]

_LAST_LINES = 25


@dataclass(frozen=True, slots=True)
class Ending:
    """How a start ends: healthy, or with exit code 1; each pattern is found in what it prints."""

    healthy: bool
    printed: tuple[str, ...] = ()

    @property
    def decision(self) -> Decision:
        """The outcome class of it."""
        return Decision.ALLOW if self.healthy else Decision.INVALID

    def problems(self, attempt: Attempt) -> list[str]:
        """What was otherwise."""
        found = []
        if attempt.healthy and not self.healthy:
            found.append("started")
        elif self.healthy and not attempt.healthy:
            found.append(f"ended with exit code {attempt.exit_code}")
        elif not self.healthy and attempt.exit_code != 1:
            found.append(f"ended with exit code {attempt.exit_code} instead of 1")
        for pattern in self.printed:
            if re.search(pattern, attempt.output) is None:
                found.append(f"printed no message of the class {pattern!r}")
        return found


@dataclass(frozen=True, slots=True)
class Known:
    """A known deviation: the id of its entry in the ledger, and the ending that is promised."""

    entry: str
    promised: Ending


@dataclass(slots=True)
class StartCheck:
    """Judges one attempt to start a backend, against what is observed or what is promised."""

    key: str
    reading: Reading = Reading.OBSERVED
    record: CheckRecord | None = None
    outcomes: list[Outcome] = field(default_factory=list)

    def must_start(
        self, start: StartFiles, attempt: Attempt, *printed: str, known: Known | None = None
    ) -> None:
        """The backend became healthy, and printed something of each pattern."""
        self._judge(start, attempt, Ending(True, printed), known)

    def must_fail(
        self, start: StartFiles, attempt: Attempt, *printed: str, known: Known | None = None
    ) -> None:
        """It ended with exit code 1, and printed something of each pattern."""
        self._judge(start, attempt, Ending(False, printed), known)

    def unsettled(self, findings: Sequence[Finding]) -> Iterator[str]:
        """Nothing of a start is settled later."""
        del findings
        yield from ()

    def _judge(
        self, start: StartFiles, attempt: Attempt, ending: Ending, known: Known | None
    ) -> None:
        if known is not None and self.reading is Reading.DOCUMENTED:
            ending, known = known.promised, None
        problems = ending.problems(attempt)
        if known is not None and not known.promised.problems(attempt):
            problems.append(
                f"no longer deviates: ledger entry {known.entry} must be closed for this case"
            )
        deviating = known is not None and not problems
        verdict = Verdict.DEVIATING if deviating else Verdict.PASSED
        self.record = CheckRecord(
            case=self.key,
            operation="start",
            api="",
            identity="",
            job_type="",
            verdict=Verdict.FAILED if problems else verdict,
            expected=ending.decision,
            observed=Ending(attempt.healthy).decision,
            ledger=known.entry if known is not None and deviating else "",
            reason="; ".join(problems),
        )
        if problems:
            raise CheckFailed(_story(start, attempt, ending, problems))


def _story(start: StartFiles, attempt: Attempt, ending: Ending, problems: list[str]) -> str:
    expected = "healthy" if ending.healthy else "exit code 1"
    lines = [
        "start of a backend",
        "  expected  " + ", ".join([expected, *(f"a message {each!r}" for each in ending.printed)]),
        "  observed  " + ("healthy" if attempt.healthy else f"exit code {attempt.exit_code}"),
        *(f"  differs   {each}" for each in problems),
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
