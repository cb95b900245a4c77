"""The one exception tree of the harness, and the exit codes it maps to.

    HarnessError
    ├── UsageFault           exit 3   bad option, bad file, bad value given by the user
    ├── SciCatDiffers        exit 1   a backend fails before the first check
    └── EnvironmentFault     exit 2   something the run depends on is missing, broke or timed out
        └── DeadlineExceeded

A message names what was wrong, the value that was found, and the fix; it is shown as it is,
without a traceback.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "DeadlineExceeded",
    "EnvironmentFault",
    "ExitCode",
    "HarnessError",
    "SciCatDiffers",
    "UsageFault",
]


class ExitCode(IntEnum):
    """What a run says to the shell (README, "Exit codes")."""

    AS_SPECIFIED = 0
    SCICAT_DIFFERS = 1
    ENVIRONMENT_FAILED = 2
    WRONG_USAGE = 3


class HarnessError(Exception):
    """Base of every error the harness raises on purpose."""

    exit_code = ExitCode.ENVIRONMENT_FAILED


class UsageFault(HarnessError):
    """What the user gave cannot be used: names the file or option, the value and the fix."""

    exit_code = ExitCode.WRONG_USAGE


class SciCatDiffers(HarnessError):
    """What every check rests on comes out otherwise than specified, and the backend is to blame."""

    exit_code = ExitCode.SCICAT_DIFFERS


class EnvironmentFault(HarnessError):
    """A service, binary, port or file the run depends on failed; never a verdict on SciCat."""

    exit_code = ExitCode.ENVIRONMENT_FAILED


class DeadlineExceeded(EnvironmentFault):
    """A wait ended without what it waited for."""
