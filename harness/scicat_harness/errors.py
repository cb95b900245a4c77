"""The exception tree of the harness, and the exit codes it maps to.

    HarnessError
    ├── UsageFault           exit 3   bad option, bad file, bad value given by the user
    ├── SciCatDiffers        exit 1   a backend fails before the first check
    └── EnvironmentFault     exit 2   something the run depends on is missing, broke or timed out
        └── DeadlineExceeded

A message names what is wrong, the value that was found, and the fix. It is printed as it is,
without a traceback::

    --backend-dir ./backend: no node_modules in it; run npm ci first
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
    """The exit code of a run (README, "Exit codes").

    A failed check is exit code 1 whatever else happens; ``docs/reliability.md`` has the table.
    """

    AS_SPECIFIED = 0
    SCICAT_DIFFERS = 1
    ENVIRONMENT_FAILED = 2
    WRONG_USAGE = 3


class HarnessError(Exception):
    """Base of every error the harness raises on purpose; any other exception is a defect of it."""

    exit_code = ExitCode.ENVIRONMENT_FAILED


class UsageFault(HarnessError):
    """An option, file or value of the user cannot be used.

    The message names the option or file, the value and the fix.
    """

    exit_code = ExitCode.WRONG_USAGE


class SciCatDiffers(HarnessError):
    """A backend differs from the specification before the first check, so that none can be made.

    Example: it accepts the first sentinel job, but the job's messages never arrive.
    """

    exit_code = ExitCode.SCICAT_DIFFERS


class EnvironmentFault(HarnessError):
    """A service, binary, port or file that the run depends on failed; never a verdict on SciCat."""

    exit_code = ExitCode.ENVIRONMENT_FAILED


class DeadlineExceeded(EnvironmentFault):
    """An operation did not end within its deadline."""
