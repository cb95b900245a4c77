"""The verdict of a run and its exit code; all commands use this table.

| what happened                                             | verdict | exit code |
|-----------------------------------------------------------|---------|-----------|
| a check failed, whatever else happened                    | fail    | 1         |
| otherwise: a check is unknown, a worker or a report was    | unknown | 2         |
| lost, the run was interrupted, or nothing was proven       |         |           |
| otherwise                                                 | pass    | 0         |

A failed check is a proof, also if the run is interrupted after it. Wrong usage is reported before
anything is checked, and has exit code 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scicat_harness.errors import ExitCode

__all__ = ["RunEnding", "RunVerdict"]


class RunVerdict(StrEnum):
    """The verdict of a run on the backend."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a run with this verdict."""
        return _EXIT_CODES[self]


_EXIT_CODES: Mapping[RunVerdict, ExitCode] = {
    RunVerdict.PASS: ExitCode.AS_SPECIFIED,
    RunVerdict.FAIL: ExitCode.SCICAT_DIFFERS,
    RunVerdict.UNKNOWN: ExitCode.ENVIRONMENT_FAILED,
}


@dataclass(frozen=True, slots=True)
class RunEnding:
    """The end of a run: numbers of checks, and what interrupted it.

    ``proven`` counts checks that passed or show a known deviation. Example::

        RunEnding(proven=100, unknown=1).verdict  # RunVerdict.UNKNOWN
    """

    failed: int = 0
    unknown: int = 0
    proven: int = 0
    interrupted: bool = False
    broken: bool = False
    """True if the harness itself failed, or could not write a report."""

    @property
    def verdict(self) -> RunVerdict:
        """The verdict; see the table of this module."""
        if self.failed:
            return RunVerdict.FAIL
        # A run of nothing but checks that are not verifiable has not proven anything.
        if self.unknown or self.interrupted or self.broken or not self.proven:
            return RunVerdict.UNKNOWN
        return RunVerdict.PASS
