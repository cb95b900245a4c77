"""Allure results, in the model of allure-python-commons.

The pytest listener of Allure reports the status of a check before its stored state is known, so the
results are made from the event stream. This also keeps report writing out of the workers. The files
are written here: the logger of allure-python-commons writes each file twice, which takes seconds
for thousands of checks.
"""

from __future__ import annotations

import errno
import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import attr
from allure_commons.model2 import Attachment, Label, Link, Status, StatusDetails, TestResult

from scicat_harness.judge.ledger import Deviation, Ledger, Severity
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.report.summary import module_of

__all__ = ["AllureResults", "fresh_results"]

_STATUS = {
    Verdict.PASSED: Status.PASSED,
    # A known deviation is no failure of the run; its link and tag name the ledger entry.
    Verdict.DEVIATING: Status.PASSED,
    Verdict.ACCEPTED: Status.PASSED,
    Verdict.FAILED: Status.FAILED,
    Verdict.NOT_VERIFIABLE: Status.SKIPPED,
    # Allure calls a test broken whose failure is not that of the tested product.
    Verdict.UNKNOWN: Status.BROKEN,
}
_SEVERITY = {Severity.HIGH: "critical", Severity.MEDIUM: "normal", Severity.LOW: "minor"}
_OURS = ("*-result.json", "*-attachment.*", "environment.properties")
"""Patterns of the files that this module writes; other files of the folder are kept."""
_WITH_ATTACHMENTS = frozenset({Verdict.FAILED, Verdict.UNKNOWN})


def fresh_results(folder: Path) -> Path:
    """Make a folder for results and remove earlier results from it; return the folder.

    Allure would count earlier results as part of this run. Other files, such as Allure's history,
    stay. Raises OSError if the folder is a symbolic link or cannot be written.
    """
    # Behind a link the files to remove could be somebody else's.
    if folder.is_symlink():
        raise OSError(errno.ELOOP, "it is a link; remove it", str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in _OURS:
        for each in folder.glob(pattern):
            each.unlink()
    return folder


class AllureResults:
    """A consumer that writes one Allure result per check.

    All results are written at the end: during the run the processor is left to the backend, and a
    run that is lost has everything in ``events.jsonl``. The same events make the same files.
    ``ledger`` provides the severity and the upstream link of known deviations.
    """

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self._folder = folder
        self._entries = {each.id: each for each in ledger.entries}
        self._started: Mapping[str, Any] = {}
        self._checks: list[Mapping[str, Any]] = []

    def take(self, kind: str, data: Mapping[str, Any]) -> None:
        """Keep a finished check; write all results when the run has finished."""
        if kind == "started":
            self._started = data
        elif kind == "check":
            self._checks.append(data)
        elif kind == "finished":
            self._write_environment()
            for number, check in enumerate(self._checks):
                self._write(number, check)

    def _write_environment(self) -> None:
        names = ("backend_version", "unobserved", "deployment", "image", "digest", "profile")
        given = ((name, self._started.get(name)) for name in (*names, "expect", "run"))
        lines = [f"{name}={value}" for name, value in given if value]
        self._put("environment.properties", "\n".join(lines) + "\n")

    def _write(self, number: int, check: Mapping[str, Any]) -> None:
        record = CheckRecord.from_json(check["record"])
        # The id is derived from run, position and case, so that a replay writes the same files.
        name = f"{self._started.get('run', '')}/{number}/{record.case}"
        result = _result(record, check, uuid.uuid5(uuid.NAMESPACE_URL, _encodable(name)))
        entry = self._entries.get(record.ledger)
        result.labels = [Label(name=name, value=value) for name, value in _labels(record, entry)]
        if entry is not None and entry.link:
            result.links = [Link(type="issue", url=entry.link, name=entry.id)]
        if record.verdict in _WITH_ATTACHMENTS:
            result.attachments = list(self._attached(result.uuid, record, check["story"]))
        self._put(f"{result.uuid}-result.json", _plain(result))

    def _attached(self, name: str, record: CheckRecord, story: str) -> Iterator[Attachment]:
        if story:
            path = f"{name}-story-attachment.txt"
            self._put(path, story)
            yield Attachment(name="story", source=path, type="text/plain")
        if record.seen:
            path = f"{name}-seen-attachment.json"
            self._put(path, json.dumps(record.seen, indent=1))
            yield Attachment(name="requests and effects", source=path, type="application/json")

    def _put(self, name: str, text: str) -> None:
        # Texts of a backend may contain half a surrogate pair, which UTF-8 cannot encode.
        (self._folder / name).write_bytes(text.encode("utf-8", "backslashreplace"))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _result(record: CheckRecord, check: Mapping[str, Any], name: uuid.UUID) -> TestResult:
    at = check.get("at")
    # Events of the first versions have no time; Allure needs one.
    moment = datetime.fromisoformat(at).timestamp() if at else time.time()
    # The event of a check is emitted at its end.
    stop, details = int(moment * 1000), None
    if record.reason:
        details = StatusDetails(message=record.reason, trace=check["story"])
    return TestResult(
        uuid=str(name),
        name=record.case.rpartition("::")[2],
        fullName=record.case,
        # Without the run, so that Allure connects the results of one case over many runs.
        historyId=hashlib.sha256(record.case.encode("utf-8", "replace")).hexdigest()[:32],
        status=_STATUS[Verdict(record.verdict)],
        statusDetails=details,
        start=stop - int(check["seconds"] * 1000),
        stop=stop,
    )


def _labels(record: CheckRecord, entry: Deviation | None) -> Iterator[tuple[str, str]]:
    """Yield the labels as pairs of name and value, without empty values."""
    folder, _, module = module_of(record.case).partition("/")
    labels = {
        "epic": "SciCat jobs",
        "feature": record.operation or "not verifiable",
        "story": record.deciding or record.verdict,
        "parentSuite": folder,
        "suite": module,
        "severity": _severity(record, entry),
        "identity": record.identity,
        "job_type": record.job_type,
        "rule": record.deciding,
    }
    yield from ((name, value) for name, value in labels.items() if value)
    yield from (("tag", name) for name in record.deviations)
    # A record names a channel once per effect; as a label it is needed once.
    yield from (("channel", channel) for channel in sorted(set(record.effects)))


def _severity(record: CheckRecord, entry: Deviation | None) -> str:
    """Return the severity of Allure.

    A failure in which a request was allowed that must be denied is critical. Otherwise it is that
    of the known deviation, or normal.
    """
    opened = record.expected == Decision.DENY and record.observed == Decision.ALLOW
    if record.verdict == Verdict.FAILED and opened:
        return "critical"
    return _SEVERITY[entry.severity] if entry is not None else "normal"


def _plain(result: TestResult) -> str:
    # The models of Allure have many fields; an empty one means the same as a missing one.
    return json.dumps(attr.asdict(result, filter=lambda _, value: bool(value)))
