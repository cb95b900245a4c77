"""``report --merge``: make one report folder of those of all shards of a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from scicat_harness.cli.console import Console
from scicat_harness.cli.result import show_causes, show_counts, show_tables
from scicat_harness.errors import ExitCode, UsageFault
from scicat_harness.fixtures.reports import all_reports
from scicat_harness.report.events import EventStream
from scicat_harness.report.folder import ReportFolder, unwritten
from scicat_harness.report.stored.journal import JOURNAL
from scicat_harness.report.stored.run import RunReport, read_run
from scicat_harness.report.summary import Summary
from scicat_harness.state.runs import new_run_name
from scicat_harness.suite.merging import merged_events

__all__ = ["merge"]


def merge(folders: Sequence[Path], output: Path | None) -> ExitCode:
    """Merge the shards in ``folders`` into the report folder ``output``, and show the result.

    Returns the exit code of the merged run. Raises UsageFault for folders that are not all shards
    of one run, EnvironmentFault if a report cannot be written.
    """
    name = new_run_name()
    target = output or Path("reports") / name
    if any(target.resolve() == each.resolve() for each in folders):
        raise UsageFault(f"--output {target}: is one of the shards; give another folder")
    shards = [read_run(each) for each in folders]
    events = merged_events(shards, name)
    summary = Summary()
    folder = ReportFolder(target, name)
    try:
        # The page reads the journal when the last event comes.
        _copy_logs(shards, folder.path)
        stream = EventStream(all_reports(folder, summary))
        for kind, data in events:
            stream.emit(kind, data)
        step = os.environ.get("GITHUB_STEP_SUMMARY")
        folder.publish(Path(step) if step else None)
    except OSError as error:
        raise unwritten(folder.path, error) from None
    finally:
        folder.release()
    _show(summary, target)
    return summary.exit_code


def _copy_logs(shards: Sequence[RunReport], target: Path) -> None:
    """Join the journals of the shards, and copy the logs of their backends under names of them."""
    with (target / JOURNAL).open("wb") as joined:
        for run in shards:
            journal = Path(run.folder) / JOURNAL
            if journal.is_file():
                with journal.open("rb") as lines:
                    shutil.copyfileobj(lines, joined)
            for log in sorted(Path(run.folder).glob("backend-*")):
                shard = run.started["shard"].replace("/", "-of-")
                shutil.copyfile(log, target / f"shard-{shard}-{log.name}")


def _show(summary: Summary, target: Path) -> None:
    console = Console()
    show_tables(console, summary)
    show_causes(console, summary.causes)
    show_counts(console, summary)
    console.print(Text(f"report: {target}/report.html"), soft_wrap=True)
