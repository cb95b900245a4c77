"""The summary of a run: counts, exercised rules, and the verdict that follows from them.

Checks that are not verifiable are counted by reason. They neither pass nor fail a run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scicat_harness.errors import ExitCode
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import unobserved_version
from scicat_harness.report.causes import Cause, Kind, causes
from scicat_harness.report.verdict import RunEnding

__all__ = ["Summary", "SummaryFile", "module_of"]

Data = Mapping[str, Any]
_OF_ACTIONS = "-actions-"
"""Part of the ids of cases that are about the actions of a facility's job type."""
_OF_A_FACILITY = "scenarios/facility/"


@dataclass(slots=True)
class Summary:
    """A consumer that adds up the events of a run.

    It can be read at any time; until the ``finished`` event, ``seconds`` and ``requests`` are 0.
    ``worst`` are the records that failed or are unknown. ``cells`` counts outcome classes by
    operation, identity and job type, and failures as ``differs``. ``modules`` counts verdicts by
    scenario module, ``ledger`` checks by known deviation.
    """

    deployment: str = ""
    backend_version: str = ""
    unobserved: str | None = None
    """A sentence if this release was never observed: by which rules it was judged; or None."""
    image: str | None = None
    digest: str | None = None
    checkout: str | None = None
    """The folder of a backend that was run from its checkout."""
    commit: str | None = None
    """The commit of that checkout, where Git knows it."""
    profile: str = ""
    expect: str = ""
    run: str = ""
    started: bool = False
    finished: bool = False
    rules_total: frozenset[str] = frozenset()
    identities: tuple[str, ...] = ()
    """Rows of the tables, in order; empty for stored runs of older versions."""
    tables: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Columns of the tables: job types in order, by operation."""
    counts: Counter[str] = field(default_factory=Counter)
    rules: set[str] = field(default_factory=set)
    ledger: Counter[str] = field(default_factory=Counter)
    worst: list[CheckRecord] = field(default_factory=list)
    accepted: Counter[str] = field(default_factory=Counter)
    """Checks whose difference is accepted, by the decision."""
    not_verifiable: Counter[str] = field(default_factory=Counter)
    cells: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)
    modules: dict[str, Counter[str]] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    acted: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Checks of the actions of a facility's job types that were made, by operation and type."""
    """Outcome classes of a facility's job types, by operation and job type; "" for no request."""
    effects: Counter[str] = field(default_factory=Counter)
    silent: int = 0
    """Checks whose effects were watched and that correctly had none."""
    left_behind: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)
    """Findings of low severity, as sentences; they fail nothing."""
    interrupted: bool = False
    broken: bool = False
    """True if the harness itself failed, or could not write a report."""
    seconds: float = 0.0
    took: dict[str, float] = field(default_factory=dict)
    """Seconds of the stages of the start, before the first check."""
    requests: int = 0

    def take(self, kind: str, data: Data) -> None:
        """Add one event; kinds that are not known are ignored."""
        # By far the most frequent kind comes first.
        if kind == "check":
            self._check(CheckRecord.from_json(data["record"]))
        elif kind == "started":
            self.started = True
            self.deployment = data["deployment"]
            self.backend_version = data["backend_version"]
            self.unobserved = _unobserved(data)
            self.image = data.get("image")
            self.digest = data.get("digest")
            self.checkout = data.get("checkout")
            self.commit = data.get("commit")
            self.profile = data["profile"]
            self.expect = data["expect"]
            self.run = data["run"]
            self.rules_total = frozenset(data["rules"])
            self.took = dict(data.get("took", {}))
            self.identities = tuple(data.get("identities", ()))
            self.tables = data.get("tables", {})
        elif kind == "finished":
            self.finished = True
            self.seconds = data["seconds"]
            self.requests = data["requests"]
            self.left_behind = list(data["left_behind"])
            self.noticed = list(data.get("noticed", ()))
            self.interrupted = data.get("interrupted", False)

    def _check(self, record: CheckRecord) -> None:
        self.counts[record.verdict] += 1
        self.modules.setdefault(module_of(record.case), Counter())[record.verdict] += 1
        if record.verdict in (Verdict.FAILED, Verdict.UNKNOWN):
            self.worst.append(record)
        if record.verdict == Verdict.ACCEPTED:
            self.accepted[record.accepted] += 1
        if record.case.startswith(_OF_A_FACILITY) and record.job_type:
            about = self.outcomes.setdefault((record.operation, record.job_type), Counter())
            about[record.observed] += 1
            made = record.observed and _OF_ACTIONS in record.case
            self.acted[record.operation, record.job_type] += bool(made)
        # A check that cannot be verified exercises no rule, but its reply may have been observed.
        if record.verdict == Verdict.NOT_VERIFIABLE:
            self.not_verifiable[record.reason] += 1
            if record.observed:
                self._cell(record)
            return
        # Any other verdict exercises its rules, a failure too: they decide what is expected.
        self.rules.update(record.rules)
        # Effects count where they are proven: a failed check may be about a wrong effect.
        if record.watched and record.verdict in (Verdict.PASSED, Verdict.DEVIATING):
            self.effects.update(record.effects)
            self.silent += not record.effects
        self.ledger.update(record.deviations)
        self._cell(record)

    def _cell(self, record: CheckRecord) -> None:
        # Only these have a table: a job type has auth values for create and update.
        if record.operation in ("create", "update") and record.verdict != Verdict.UNKNOWN:
            cell = self.cells.setdefault(
                (record.operation, record.identity, record.job_type), Counter()
            )
            cell[record.observed] += 1
            if record.verdict in (Verdict.FAILED, Verdict.ACCEPTED):
                cell["differs"] += 1

    @property
    def verdict(self) -> str:
        """pass, fail or unknown, by the table in ``report.verdict``."""
        return str(self._ending.verdict)

    @property
    def _ending(self) -> RunEnding:
        return RunEnding(
            failed=self.counts[Verdict.FAILED],
            unknown=self.counts[Verdict.UNKNOWN],
            proven=self.counts[Verdict.PASSED] + self.counts[Verdict.DEVIATING],
            interrupted=self.interrupted,
            broken=self.broken,
        )

    @property
    def causes(self) -> list[Cause]:
        """The failed and unknown checks in groups, worst first."""
        return causes(self.worst)

    @property
    def fixed(self) -> int:
        """How many of the failed checks show that a known deviation is gone."""
        return sum(len(each.cases) for each in self.causes if each.kind is Kind.FIXED)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the run."""
        return self._ending.verdict.exit_code

    @property
    def fruitless(self) -> list[str]:
        """A sentence for each operation of a facility's job type of which no request succeeds.

        A backend does as configured that refuses all of them, so no check fails. A template that
        cannot be rendered, or a schema that nothing satisfies, is seldom meant. Of some operations
        no request is known at all, or none that passes the actions.
        """
        found = []
        for (operation, job_type), seen in sorted(self.outcomes.items()):
            sent = seen.total() - seen[""]
            if not sent:
                found.append(f"{operation} {job_type}: no request could be made for its checks")
            elif seen["invalid"] and not seen["allow"]:
                found.append(
                    f"{operation} {job_type}: none of {sent} requests succeeds, {seen['invalid']} "
                    "are permitted and fail"
                )
            elif seen[""] and not self.acted[operation, job_type]:
                found.append(
                    f"{operation} {job_type}: no check of its actions could be made, only those "
                    "of permissions"
                )
        return found

    @property
    def checks(self) -> int:
        """Number of checks with any verdict."""
        return sum(self.counts.values())

    @property
    def source(self) -> str:
        """What the backend was made from: image with digest, or checkout with commit, or ""."""
        name, state = self.image or self.checkout, self.digest or self.commit
        return f"{name} ({state})" if name and state else name or ""

    def to_json(self) -> dict[str, Any]:
        """Return the content of ``summary.json``; docs/reports.md describes its fields."""
        # Only rules of this release and reading count; a record may name others.
        exercised = self.rules & self.rules_total
        return {
            "verdict": self.verdict,
            "deployment": self.deployment,
            "backend_version": self.backend_version,
            "checks": {str(verdict): self.counts[verdict] for verdict in Verdict},
            "rules": {"total": len(self.rules_total), "exercised": len(exercised)},
            "seconds": round(self.seconds, 2),
            "requests": self.requests,
            "effects": {**dict(sorted(self.effects.items())), "silent_checks": self.silent},
            "profile": self.profile,
            "expect": self.expect,
            "run": self.run,
            "unobserved": self.unobserved,
            "image": self.image,
            "digest": self.digest,
            "checkout": self.checkout,
            "commit": self.commit,
            "rules_not_exercised": sorted(self.rules_total - exercised),
            "causes": [each.to_json() for each in self.causes],
            "known_deviations": dict(sorted(self.ledger.items())),
            "accepted": dict(sorted(self.accepted.items())),
            "not_verifiable": dict(sorted(self.not_verifiable.items())),
            "fruitless": self.fruitless,
            "left_behind": self.left_behind,
            "noticed": self.noticed,
            "interrupted": self.interrupted,
            "start_up": self.took,
        }


def module_of(case: str) -> str:
    """Return the scenario module of a case.

    Example::

        module_of("scenarios/actions/test_email.py::test_sent[x]")  # actions/email
        module_of("audit::x")  # audit, for a record that the run makes of itself
    """
    path, _, _ = case.partition("::")
    return path.removeprefix("scenarios/").removesuffix(".py").replace("/test_", "/")


def _unobserved(started: Data) -> str | None:
    """Return the sentence on a release that was never observed, or None.

    Runs of older versions do not have it; for these it follows from the list of releases of today.
    """
    if "unobserved" in started:
        sentence: str | None = started["unobserved"]
        return sentence
    return unobserved_version(started["backend_version"])


class SummaryFile:
    """A consumer that writes ``summary.json`` when the run has finished.

    It has to come after ``summary`` in the list of consumers.
    """

    def __init__(self, path: Path, summary: Summary) -> None:
        self._path = path
        self._summary = summary

    def take(self, kind: str, data: Data) -> None:
        """Write the file at the last event."""
        del data
        if kind == "finished":
            text = json.dumps(self._summary.to_json(), indent=2) + "\n"
            self._path.write_text(text, encoding="utf-8")
