"""Allure results, written by the model and logger of allure-python-commons.

The pytest listener of allure would settle a check's status before its stored state is known;
taking it from the event stream also keeps report writing out of the workers.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import Label, Status, StatusDetails, TestResult
from allure_commons.utils import uuid4

from harness.judge.record import CheckRecord
from harness.model.outcome import Verdict

__all__ = ["AllureResults"]

_STATUS = {
    Verdict.PASSED: Status.PASSED,
    Verdict.DEVIATING: Status.PASSED,
    Verdict.FAILED: Status.FAILED,
    Verdict.NOT_VERIFIABLE: Status.SKIPPED,
    Verdict.UNKNOWN: Status.BROKEN,
}


class AllureResults:
    """Writes one result per check into a folder made for this run.

    All of them in the end: while checks run, the backend has better use for the processor, and
    ``events.jsonl`` has everything already should the run be lost.
    """

    def __init__(self, folder: Path) -> None:
        self._logger = AllureFileLogger(str(folder))
        self._results: list[TestResult] = []

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """Remember a finished check; write all when the run has finished."""
        if kind == "check":
            record = CheckRecord.from_json(data["record"])
            self._results.append(_result(record, data["seconds"], data["story"]))
        elif kind == "finished":
            for result in self._results:
                self._logger.report_result(result)


def _result(record: CheckRecord, seconds: float, story: str) -> TestResult:
    now = int(time.time() * 1000)
    labels = {
        "epic": "SciCat jobs",
        "feature": record.operation or "not verifiable",
        "story": record.deciding or record.verdict,
        "severity": "normal",
        "tag": record.ledger,
    }
    return TestResult(
        uuid=uuid4(),
        name=record.case.rpartition("::")[2],
        fullName=record.case,
        historyId=hashlib.sha256(record.case.encode()).hexdigest()[:32],
        status=_STATUS[Verdict(record.verdict)],
        statusDetails=StatusDetails(message=record.reason, trace=story) if record.reason else None,
        start=now - int(seconds * 1000),
        stop=now,
        labels=[Label(name=name, value=value) for name, value in labels.items() if value],
    )
