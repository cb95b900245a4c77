"""From what a run saw to its verdict, and from the verdict to the exit code: the one table.

| what happened                                             | verdict | exit code |
|-----------------------------------------------------------|---------|-----------|
| a check failed, whatever else happened                    | fail    | 1         |
| otherwise: a check is unknown, a worker or a report was    | unknown | 2         |
| lost, the run was interrupted, or nothing was proven       |         |           |
| otherwise                                                 | pass    | 0         |

A failed check is a proof, and stays one when the run is cut short after it. Wrong usage is known
before anything is checked, and has exit code 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scicat_harness.errors import ExitCode

__all__ = ["RunEnding", "RunVerdict"]


class RunVerdict(StrEnum):
    """What a run says of the backend."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> ExitCode:
        """The same for the shell."""
        return _EXIT_CODES[self]


_EXIT_CODES: Mapping[RunVerdict, ExitCode] = {
    RunVerdict.PASS: ExitCode.AS_SPECIFIED,
    RunVerdict.FAIL: ExitCode.SCICAT_DIFFERS,
    RunVerdict.UNKNOWN: ExitCode.ENVIRONMENT_FAILED,
}


@dataclass(frozen=True, slots=True)
class RunEnding:
    """How a run ended: numbers of checks, and what cut it short.

    ``proven`` counts checks that passed or deviate as known.
    """

    failed: int = 0
    unknown: int = 0
    proven: int = 0
    interrupted: bool = False
    broken: bool = False
    """The harness itself broke, or could not write a report."""

    @property
    def verdict(self) -> RunVerdict:
        """What the run says."""
        if self.failed:
            return RunVerdict.FAIL
        if self.unknown or self.interrupted or self.broken or not self.proven:
            return RunVerdict.UNKNOWN
        return RunVerdict.PASS
