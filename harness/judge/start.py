"""Start checks: a backend must start with some files, or fail with a message that helps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.client.transcript import redact
from harness.deploy.deployment import Attempt, StartFiles
from harness.judge.outcome import CheckFailed, Outcome
from harness.judge.record import CheckRecord
from harness.judge.settle import Finding
from harness.model.outcome import Decision, Verdict

__all__ = ["StartCheck"]

_LAST_LINES = 25


@dataclass(slots=True)
class StartCheck:
    """Judges one attempt to start a backend; ``ledger`` names the known deviation, if any."""

    key: str
    record: CheckRecord | None = None
    outcomes: list[Outcome] = field(default_factory=list)

    def must_start(
        self, start: StartFiles, attempt: Attempt, *, printed: str = "", ledger: str = ""
    ) -> None:
        """The backend became healthy, and what it printed matches a pattern."""
        problems = [] if attempt.healthy else [f"ended with exit code {attempt.exit_code}"]
        if re.search(printed, attempt.output) is None:
            problems.append(f"printed nothing of the class {printed!r}")
        self._judge(start, attempt, problems, Decision.ALLOW, ledger)

    def must_fail(
        self, start: StartFiles, attempt: Attempt, message: str, *, ledger: str = ""
    ) -> None:
        """It ended with exit code 1 and a message of this pattern."""
        problems = []
        if attempt.healthy:
            problems.append("started")
        elif attempt.exit_code != 1:
            problems.append(f"ended with exit code {attempt.exit_code} instead of 1")
        if re.search(message, attempt.output) is None:
            problems.append(f"printed no message of the class {message!r}")
        self._judge(start, attempt, problems, Decision.INVALID, ledger)

    def unsettled(self, findings: Sequence[Finding]) -> Iterator[str]:
        """Nothing of a start is settled later."""
        del findings
        yield from ()

    def _judge(
        self,
        start: StartFiles,
        attempt: Attempt,
        problems: list[str],
        expected: Decision,
        ledger: str,
    ) -> None:
        verdict = Verdict.DEVIATING if ledger else Verdict.PASSED
        self.record = CheckRecord(
            case=self.key,
            operation="start",
            api="",
            identity="",
            job_type="",
            verdict=Verdict.FAILED if problems else verdict,
            expected=expected,
            observed=Decision.ALLOW if attempt.healthy else Decision.INVALID,
            ledger="" if problems else ledger,
            reason="; ".join(problems),
        )
        if problems:
            raise CheckFailed(_story(start, attempt, problems))


def _story(start: StartFiles, attempt: Attempt, problems: list[str]) -> str:
    lines = ["start of a backend", *(f"  differs   {each}" for each in problems)]
    lines.append("  job configuration")
    lines += [f"    {each}" for each in (start.job_config or "(no such file)").splitlines()]
    lines += [f"  {name}={value}" for name, value in start.environment.items()]
    lines.append("  output")
    shown = redact(attempt.output).splitlines()[-_LAST_LINES:]
    return "\n".join([*lines, *(f"    {each}" for each in shown)])
