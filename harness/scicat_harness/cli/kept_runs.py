"""Many short runs against one setup with mutants, which is started again where it breaks."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from scicat_harness.cli.forked import ForkedRuns
from scicat_harness.cli.up import start_keeper, stop_keeper
from scicat_harness.errors import EnvironmentFault, ExitCode, HarnessError, UsageFault
from scicat_harness.model.outcome import Verdict
from scicat_harness.mutate.control import Control
from scicat_harness.report.stored.run import read_run

__all__ = ["KeptRuns", "Noticed"]

_LONGEST = 1800.0
"""Seconds for one run; that of the coverage is the longest."""
_LONGEST_TAIL = 500
_MOST_CHECKS = 4000
"""Checks after which a setup is started again: their jobs make the end of each run slower."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A run noticed a mutant: a check failed, or the run could not be finished (``stopped``)."""

    reason: str
    check: str = ""
    stopped: bool = False


class KeptRuns:
    """Runs of chosen checks against a kept setup, as a context manager that ends the setup.

    ``options`` are those of the setup and of the runs. ``control`` is the folder with the sockets
    of its backends, ``folder`` a new one for reports. Methods raise RunsEnded after ``runs.end()``.
    """

    def __init__(
        self, runs: ForkedRuns, options: Mapping[str, Any], control: Path, folder: Path
    ) -> None:
        self._runs = runs
        self._options = {name: value for name, value in options.items() if value is not None}
        self._control = Control(control)
        self._folder = folder
        folder.mkdir()
        self._name = f"mutate-{secrets.token_hex(4)}"
        self._number = 0
        self._checks = 0
        self._backends = 0

    def __enter__(self) -> KeptRuns:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def covered(self) -> tuple[list[str], list[dict[str, Any]]]:
        """Run all checks without a mutant; return their ids, and what the backends report.

        Raises EnvironmentFault if a check fails, for then a kill would mean nothing.
        """
        ended = self._run(None, "--covering", str(self._control.folder))
        if ended.code != ExitCode.AS_SPECIFIED:
            raise EnvironmentFault(
                "the checks fail without any mutant"
                + (f": {ended.check}" if ended.check else f":\n{ended.tail}")
            )
        return list(ended.order), self._control.coverage()

    def notices(self, mutant: str, checks: Sequence[str]) -> Noticed | None:
        """Run these checks with a mutant; return how they notice it, None if they do not.

        What was noticed is repeated without the mutant, on a new setup if need be: a setup that a
        mutant has broken would fail every check after it.
        """
        if self._checks > _MOST_CHECKS:
            self._restart()
        found = self._tried(mutant, checks)
        if found is None or self._is_sound(found, checks):
            return found
        self._restart()
        found = self._tried(mutant, checks)
        if found is None or self._is_sound(found, checks):
            return found
        self._restart()
        if self._is_sound(found, checks):
            return found
        raise EnvironmentFault(
            f"{found.check or 'a run'} fails without any mutant, too: {found.reason}"
        )

    def _tried(self, mutant: str, checks: Sequence[str]) -> Noticed | None:
        if not self._activated(mutant):
            self._restart()
            self._activated(mutant)
        try:
            ended = self._run(checks, "--maxfail=1")
        except EnvironmentFault as error:
            return Noticed(str(error), stopped=True)
        finally:
            # A backend that does not answer is noticed, and found out by _is_sound.
            self._activated(None)
        if ended.code == ExitCode.AS_SPECIFIED:
            return None
        if ended.code == ExitCode.SCICAT_DIFFERS and ended.check:
            return Noticed(ended.check, ended.check)
        return Noticed(ended.tail, stopped=True)

    def _activated(self, mutant: str | None) -> bool:
        """Make a mutant active, or none; return whether all backends have heard it."""
        try:
            return self._control.activate(mutant) == self._backends
        except EnvironmentFault:
            return False

    def _is_sound(self, found: Noticed, checks: Sequence[str]) -> bool:
        """Return whether what was noticed passes without a mutant."""
        # A run that stopped, and a finding of the sweep at its end, may be of any check.
        again = [found.check] if found.check in checks else checks
        if not self._activated(None):
            return False
        try:
            return self._run(again).code == ExitCode.AS_SPECIFIED
        except EnvironmentFault:
            return False

    def _run(self, checks: Sequence[str] | None, *more: str) -> _Ended:
        """Run these checks, or all; raise EnvironmentFault for a run that cannot select them."""
        self._number += 1
        report = self._folder / f"run-{self._number}"
        report.mkdir()
        arguments = [
            "run",
            f"--kept={self._name}",
            f"--profile={self._options['profile']}",
            "-n0",
            f"--report-dir={report}",
            *more,
        ]
        if checks is not None:
            self._checks += len(checks)
            (report / "cases").write_text("\n".join(checks) + "\n", encoding="utf-8")
            arguments.append(f"--cases={report / 'cases'}")
        try:
            code = self._runs.run(arguments, report / "output.txt", seconds=_LONGEST)
            self._runs.demand()
            ended = _Ended.read(code, report)
        finally:
            # Each has a copy of the journal of the whole setup.
            shutil.rmtree(report, ignore_errors=True)
        if code == ExitCode.WRONG_USAGE:
            raise UsageFault(f"the checks of the coverage are not those of today: {ended.tail}")
        return ended

    def _start(self) -> None:
        # For backends that are about to start: the file says so.
        self._activated(None)
        start_keeper(self._name, self._options)
        self._checks = 0
        self._backends = self._control.activate(None)
        if not self._backends:
            raise EnvironmentFault(
                f"no backend has a socket in {self._control.folder}; if that path is long (sockets "
                "have 107 bytes at most), give a shorter --copy, or another TMPDIR"
            )

    def _restart(self) -> None:
        self._stop()
        self._start()

    def _stop(self) -> None:
        # One that could not be started is not there.
        with suppress(UsageFault):
            stop_keeper(self._name)


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a run ended: its exit code, the first failure, the end of its output, its checks."""

    code: int
    check: str
    tail: str
    order: tuple[str, ...]

    @classmethod
    def read(cls, code: int, report: Path) -> _Ended:
        """Read the end of a run from its report folder; a killed run has little to read."""
        output = report / "output.txt"
        said = output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
        check = ""
        order: tuple[str, ...] = ()
        with suppress(HarnessError):
            run = read_run(report)
            failed = (each.case for each in run.summary.worst if each.verdict == Verdict.FAILED)
            check = next(failed, "")
            order = tuple(case for case in run.records if case.startswith("scenarios/"))
        return cls(code, check, " ".join(said.split())[-_LONGEST_TAIL:], order)
