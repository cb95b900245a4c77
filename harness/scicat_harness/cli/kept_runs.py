"""Many short runs against one setup with mutants, which is started again where it breaks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from scicat_harness.cli.forked import ForkedRuns
from scicat_harness.cli.up import start_keeper, stop_keeper
from scicat_harness.errors import EnvironmentFault, ExitCode, HarnessError
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
        stop_keeper(self._name)

    def covered(self) -> tuple[list[str], list[dict[str, Any]]]:
        """Run all checks without a mutant; return their ids, and what the backends report.

        Raises EnvironmentFault if a check fails, for then a kill would mean nothing.
        """
        code, report = self._run(None, "--covering", str(self._control.folder))
        if code != ExitCode.AS_SPECIFIED:
            failed = self._first_failure(report)
            raise EnvironmentFault(
                "the checks fail without any mutant"
                + (f": {failed}" if failed else f":\n{self._tail(report)}")
            )
        order = [case for case in read_run(report).records if case.startswith("scenarios/")]
        return order, self._control.coverage()

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
        if self._control.activate(mutant) != self._backends:
            self._restart()
            self._control.activate(mutant)
        try:
            code, report = self._run(checks, "--maxfail=1")
        except EnvironmentFault as error:
            return Noticed(str(error), stopped=True)
        finally:
            # A backend that does not answer is noticed, and found out by _is_sound.
            with suppress(EnvironmentFault):
                self._control.activate(None)
        if code == ExitCode.AS_SPECIFIED:
            return None
        check = self._first_failure(report)
        if code == ExitCode.SCICAT_DIFFERS and check:
            return Noticed(check, check)
        return Noticed(self._tail(report), stopped=True)

    def _is_sound(self, found: Noticed, checks: Sequence[str]) -> bool:
        """Return whether what was noticed passes without a mutant."""
        again = [found.check] if found.check in checks else checks[:5]
        try:
            if self._control.activate(None) != self._backends:
                return False
            code, _ = self._run(again)
        except EnvironmentFault:
            return False
        return code == ExitCode.AS_SPECIFIED

    def _run(self, checks: Sequence[str] | None, *more: str) -> tuple[int, Path]:
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
        code = self._runs.run(arguments, report / "output.txt", seconds=_LONGEST)
        self._runs.demand()
        return code, report

    def _first_failure(self, report: Path) -> str:
        with suppress(HarnessError):
            for case, record in read_run(report).records.items():
                if record.verdict == Verdict.FAILED:
                    return case
        return ""

    def _tail(self, report: Path) -> str:
        said = (report / "output.txt").read_text(encoding="utf-8", errors="replace")
        return " ".join(said.split())[-_LONGEST_TAIL:]

    def _start(self) -> None:
        with suppress(EnvironmentFault):
            self._control.activate(None)
        start_keeper(self._name, self._options)
        self._checks = 0
        self._backends = self._control.activate(None)

    def _restart(self) -> None:
        stop_keeper(self._name)
        self._start()
