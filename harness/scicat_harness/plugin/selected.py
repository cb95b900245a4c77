"""Selected checks: a run of some checks only, by their ids or as an earlier run failed them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.errors import ExitCode, UsageFault
from scicat_harness.files import read_given
from scicat_harness.model.outcome import Verdict
from scicat_harness.report.stored.run import read_run

__all__ = ["WORKERS", "Selected", "selected_cases"]

WORKERS = "scicat_selected"
"""The key of ``workerinput`` with the ids."""
_AGAIN = (Verdict.FAILED, Verdict.UNKNOWN)


class Selected:
    """Leaves out every collected check whose id is not among ``cases``.

    Workers get the ids from the controller, which says what is missing: an error in a worker would
    end the run without a reason.
    """

    def __init__(self, cases: Collection[str], *, worker: bool = False) -> None:
        self._cases = frozenset(cases)
        self._worker = worker

    @property
    def paths(self) -> list[Path]:
        """The files of the selected checks, below ``scenarios/``."""
        return sorted({Path(each.split("::")[0]) for each in self._cases})

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Pass the ids to a worker."""
        node.workerinput[WORKERS] = sorted(self._cases)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Collection[str]) -> None:
        """End the run if a worker has not collected all of them."""
        del node
        absent = self._cases.difference(ids)
        if absent:
            pytest.exit(self._missing(absent), returncode=ExitCode.WRONG_USAGE)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the selected checks, in their usual order."""
        chosen = [each for each in items if each.nodeid in self._cases]
        absent = self._cases.difference(each.nodeid for each in chosen)
        if absent and not self._worker:
            raise pytest.UsageError(self._missing(absent))
        left_out = [each for each in items if each.nodeid not in self._cases]
        config.hook.pytest_deselected(items=left_out)
        items[:] = chosen

    def _missing(self, absent: Collection[str]) -> str:
        return (
            f"this profile has no check called {min(absent)!r} "
            f"({len(absent)} of {len(self._cases)} are missing)"
        )


def selected_cases(cases: str | None, failed: str | None) -> list[str] | None:
    """Return the ids that ``--cases`` or ``--failed`` selects; None where neither is given.

    Raises UsageFault for both, and for a selection that cannot be read or leaves nothing.
    """
    if cases is not None and failed is not None:
        raise UsageFault("--cases and --failed both select checks; give one of them")
    if cases is not None:
        return listed_cases(Path(cases))
    return failed_cases(Path(failed)) if failed is not None else None


def listed_cases(path: Path) -> list[str]:
    """Return the ids in a file, one a line; raise UsageFault where there are none."""
    text = read_given(path, f"--cases {path}", "give a file with one id a line")
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise UsageFault(f"--cases {path}: names no check; give one id a line")
    return found


def failed_cases(folder: Path) -> list[str]:
    """Return the ids of the checks that failed or were unknown in a stored run.

    Findings about the run as a whole are no checks. Raises UsageFault where no check is left, or
    where the folder holds no run.
    """
    found = [
        case
        for case, record in read_run(folder).records.items()
        if record.verdict in _AGAIN and case.startswith("scenarios/")
    ]
    if not found:
        raise UsageFault(f"--failed {folder}: no check of that run failed or was unknown")
    return found
