"""The command ``attribute``: which check causes a finding that no request explains."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

import click
from rich.text import Text

from scicat_harness.cli.console import Console
from scicat_harness.cli.forked import ForkedRuns
from scicat_harness.errors import EnvironmentFault, ExitCode
from scicat_harness.plugin.signals import termination_as_interrupt
from scicat_harness.report.stored.run import read_run
from scicat_harness.suite.attributing import Attribution, attributed, findings_of, kinds_of

__all__ = ["attribute"]

_LONGEST_RUN = 3600.0
_LONGEST_TAIL = 500  # characters of the output of a run without a verdict
_MOST_SHOWN = 8


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("folder", metavar="RUN")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTION OF run]...")
def attribute(folder: str, options: Sequence[str]) -> int:
    """Find the check behind each finding of RUN that no request explains.

    The end of a run shows, for example, that a dataset changed. The checks of RUN are repeated
    in ever smaller parts, each in a deployment of its own, until one check is left. Give the
    options of the deployment as for the run itself. Exit code 1 if a check was found, 0 if RUN
    has no such finding or shows it no more. Example:

        scicat-harness attribute reports/harness-1f2e3d4c --deployment process --backend-dir DIR
    """
    run = read_run(Path(folder))
    console = Console()
    findings = findings_of(run)
    if not findings:
        console.print("the run has no finding that no request explains")
        return ExitCode.AS_SPECIFIED
    with (
        termination_as_interrupt(),
        tempfile.TemporaryDirectory(prefix="scicat-attribute-") as scratch,
    ):
        repeats = _Repeats([f"--profile={run.summary.profile}", *options], Path(scratch), console)
        checks = list(run.records)
        found = [attributed(each, checks, repeats.kinds) for each in findings]
    for each in found:
        _show(console, each)
    return ExitCode.SCICAT_DIFFERS if any(each.again for each in found) else ExitCode.AS_SPECIFIED


class _Repeats:
    """Runs of some checks of a run, each made once."""

    def __init__(self, options: Sequence[str], folder: Path, console: Console) -> None:
        self._options = options
        self._folder = folder
        self._console = console
        self._runs = ForkedRuns(folder)
        self._kinds: dict[tuple[str, ...], Collection[str]] = {}

    def kinds(self, checks: Sequence[str]) -> Collection[str]:
        """Run these checks and return the kinds of the findings at the end."""
        known = self._kinds.get(tuple(checks))
        if known is None:
            known = self._kinds[tuple(checks)] = self._run(checks)
        return known

    def _run(self, checks: Sequence[str]) -> Collection[str]:
        folder = self._folder / str(len(self._kinds))
        folder.mkdir()
        chosen, output = folder / "cases.txt", folder / "output.txt"
        chosen.write_text("\n".join(checks), encoding="utf-8")
        report = folder / "report"
        arguments = ["run", *self._options, f"--cases={chosen}", f"--report-dir={report}"]
        code = self._runs.run(arguments, output, seconds=_LONGEST_RUN)
        if code not in (ExitCode.AS_SPECIFIED, ExitCode.SCICAT_DIFFERS):
            tail = output.read_text(encoding="utf-8", errors="replace").strip()[-_LONGEST_TAIL:]
            raise EnvironmentFault(f"a repetition of {len(checks)} checks has no verdict: {tail}")
        kinds = kinds_of(read_run(report))
        self._console.print(f"{len(checks)} checks: {len(kinds)} kinds of findings")
        return kinds


def _show(console: Console, found: Attribution) -> None:
    console.print(Text(f"\n{found.finding}"), soft_wrap=True)
    if not found.again:
        console.print("  no part of the run showed it again")
        return
    if len(found.checks) > 1:
        console.print("  these checks together, and neither half of them alone:")
    for each in found.checks[:_MOST_SHOWN]:
        console.print(Text(f"  {each}", style="bold"), soft_wrap=True)
    if len(found.checks) > _MOST_SHOWN:
        console.print(f"  and {len(found.checks) - _MOST_SHOWN} more")
