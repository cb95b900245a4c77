"""Proposals for a new release: what a run on it showed, as changes of this project.

Each cause of failed checks becomes a section with a question for a person, *is it meant?*, and the
code for both answers: rules, statuses and entries of the ledger, with a literal row where a case of
a matrix shows the cause. What cannot be expressed, a section says (docs/new-release.md).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

from scicat_harness.accepted import as_file
from scicat_harness.fixtures.case import CreateCase
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.model.release import Release
from scicat_harness.oracle.answers import Answer
from scicat_harness.oracle.facts import CallerFacts, caller
from scicat_harness.oracle.rule import View
from scicat_harness.report.causes import Cause, Kind
from scicat_harness.report.rules import RULES
from scicat_harness.report.stored.run import RunReport
from scicat_harness.suite.matrices import matrices

__all__ = ["accepted_entries", "proposals"]

_DAYS = 60
"""How long a proposed entry accepts a difference."""
_MOST_RULES = 6
_NAMES = tuple(each.name for each in fields(CallerFacts) if each.type == "bool")
_OTHER = (Kind.OF_THE_RUN, Kind.UNKNOWN, Kind.ENTRY)


@dataclass(frozen=True, slots=True)
class _Proposal:
    """What is needed to write the section of a cause."""

    run: RunReport
    judged_as: Release
    release: Release
    cause: Cause

    @property
    def example(self) -> CheckRecord:
        return self.run.records[self.cause.example]

    @property
    def constant(self) -> str:
        return f"V{self.release.major}_{self.release.minor}_{self.release.patch}"

    def lines(self) -> Iterator[str]:
        yield f"## {len(self.cause.cases)} checks: {self.cause.kind}: {self.cause.line()}"
        yield ""
        yield f"For example `{self.cause.example}`."
        yield ""
        if self.cause.kind in _OTHER:
            yield "Nothing to propose: read the report of the run."
            return
        if self.cause.kind is Kind.FIXED:
            yield from self._closed()
            return
        if not self._rules:
            scenario = self.cause.example.partition("[")[0]
            yield f"Written by hand in `{scenario}`: give the answer there `ByRelease`."
            return
        yield from self._who()
        yield "**Is it meant?** If so, a rule of both readings:"
        yield ""
        yield from _code(self._rule())
        yield "If not, the same with `reading=Reading.OBSERVED`, and an entry of the ledger:"
        yield ""
        yield from _code(self._entry())
        row = _row(self.example)
        if row:
            yield "A literal row (`scenarios/create/test_pinned.py`), before and after:"
            yield ""
            yield from _code(row.replace("SINCE", self.constant))

    def _closed(self) -> Iterator[str]:
        yield f"The known deviation `{self.cause.entry}` is gone. Close its entry:"
        yield ""
        yield from _code(f"releases=ReleaseRange(until={self.constant}),  # {self.cause.entry}")

    def _who(self) -> Iterator[str]:
        """Yield what the callers have in common that others, who got the usual answer, lack."""
        condition = self._condition()
        if condition:
            people = ", ".join(self.cause.identities)
            yield f"Common to {people}, and to nobody who is answered as before: `{condition}`."
            yield ""

    def _condition(self) -> str:
        view = View(self.judged_as)
        names = {name for name in self.cause.identities if name in SITE.identities}
        usual = {
            each.identity
            for each in self.run.records.values()
            if each.verdict in (Verdict.PASSED, Verdict.DEVIATING)
            and each.operation.partition(" ")[0] == self.cause.operation.partition(" ")[0]
            and each.identity in SITE.identities
        } - names
        facts = {name: caller(SITE, SITE.identities[name], view) for name in sorted(names | usual)}
        for size in (1, 2):
            for chosen in combinations(_NAMES, size):
                inside = all(_has(facts[name], chosen) for name in names)
                outside = any(_has(facts[name], chosen) for name in usual)
                if names and inside and not outside:
                    return " and ".join(f"f.caller.{each}" for each in chosen)
        return ""

    @property
    def _rules(self) -> list[str]:
        """The deciding rules, without that of hand-written expectations."""
        return [each for each in self.cause.rules if each in RULES]

    def _rule(self) -> str:
        # Not the table: v3 and v4 share rules, and what decides now may come before them all.
        subject = self._rules[0].rpartition(".")[0]
        condition = self._condition() or "..."
        before = ", ".join(self._rules[:_MOST_RULES])
        return (
            f"# before {before}\n"
            f"_R(\n"
            f'    "{subject}.NAME",\n'
            f'    "WHAT IT MEANS",\n'
            f'    "observed {self.release}",\n'
            f"    lambda f: {condition},\n"
            f"    {self._answer()},\n"
            f"    releases=ReleaseRange(since={self.constant}),\n"
            f")"
        )

    def _answer(self) -> str:
        """Return the answers with the observed status and class."""
        status, _, decision = self.cause.observed.partition(" ")
        found = [
            f"Answer.{each.name}"
            for each in Answer
            if each.decision == decision and str(each.reply(self.judged_as).status) == status
        ]
        return " or ".join(found) or f"Answer.NEW  # {self.cause.observed}: add it to answers.py"

    def _entry(self) -> str:
        severity = "HIGH" if self.cause.kind is Kind.PERMISSIVE else "MEDIUM"
        promised = sorted({f"{each.split('.')[0]}." for each in self.cause.rules})
        record = self.example
        return (
            f"Deviation(\n"
            f'    id="NAME",\n'
            f"    severity=Severity.{severity},\n"
            f"    releases=ReleaseRange(since={self.constant}),\n"
            f'    observed=frozenset({{"{self._rules[0].rpartition(".")[0]}.NAME"}}),\n'
            f"    documented={tuple(promised)!r},\n"
            f'    promise="WHAT THE DOCUMENTATION SAYS",\n'
            f'    behaviour="{self.cause.observed}",\n'
            f'    reproduction="{record.operation} {record.job_type} as {record.identity}: '
            f'{self.cause.observed}",\n'
            f")"
        )


def proposals(run: RunReport, judged_as: Release, release: Release) -> str:
    """Return the proposals of a run as Markdown; ``judged_as`` is the release it was judged by."""
    found = run.summary.causes
    name = f"V{release.major}_{release.minor}_{release.patch}"
    lines = [
        f"# {release}: {len(found)} causes",
        "",
        f"From {run.folder}, judged by the rules of {judged_as}: "
        f"{run.summary.counts[Verdict.FAILED]} of {run.summary.checks} checks failed.",
        "",
        "In `harness/scicat_harness/model/release.py`, by the name of the change:",
        "",
        *_code(
            f"{name} = Release({release.major}, {release.minor}, {release.patch})\n"
            '"""The release that ... (backend pull request ...)."""'
        ),
    ]
    for each in found:
        lines += [*_Proposal(run, judged_as, release, each).lines(), ""]
    lines += ["## Changelog", "", f"* {release} is judged: what changed since {judged_as}:"]
    lines += [f"  * {each.kind}: {each.line()}" for each in found]
    return "\n".join(lines) + "\n"


def accepted_entries(found: Iterable[Cause], today: datetime.date) -> str:
    """Return a file of accepted differences with an entry for each cause, without their reasons.

    What the run says of itself is left out: it must be repaired.
    """
    entries: list[dict[str, Any]] = [
        {
            "kind": str(each.kind),
            **({"operation": each.operation} if each.operation else {}),
            **({"identity": identity} if identity else {}),
            **({"observed": each.observed} if each.observed.strip() else {}),
            **({"rule": each.entry} if each.entry else {}),
            "reason": f"not decided yet: {each.line()}",
            "owner": "NAME",
            # A date for each: YAML would refer to a common one.
            "until": today + datetime.timedelta(days=_DAYS),
        }
        for each in found
        if each.kind not in _OTHER
        for identity in (each.identities or ("",))
    ]
    # Causes may differ in what an entry does not say.
    said: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in entries:
        said.setdefault(tuple(each[key] for key in each if key != "reason"), each)
    return as_file(list(said.values()))


def _has(facts: CallerFacts, names: Sequence[str]) -> bool:
    return all(getattr(facts, name) for name in names)


def _row(record: CheckRecord) -> str:
    """Return a literal row for a create of a matrix; "" for any other check."""
    cases = (
        case
        for matrix in matrices().values()
        if record.case.startswith(f"{matrix.name}[")
        for key, case in matrix.cases(Profile.FULL)
        if key == record.case
    )
    case = next(cases, None)
    if not isinstance(case, CreateCase):
        return ""
    request = case.request
    aliases = ", ".join(repr(each) for each in request.datasets.aliases)
    owner = request.ownership
    given = {"user": owner.user, "group": owner.group, "email": owner.email}
    ownership = ", ".join(f"{key}={value!r}" for key, value in given.items() if value)
    expected = 201 if record.expected == Decision.ALLOW else "..."
    return (
        f'"NAME": (\n'
        f"    {record.identity!r},\n"
        f"    CreateRequest({request.job_type!r}, on({aliases}), Ownership({ownership})),\n"
        f"    changed(SINCE, Pinned({expected}), Pinned({record.status})),\n"
        f"),"
    )


def _code(text: str) -> list[str]:
    return ["```python", text, "```", ""]
