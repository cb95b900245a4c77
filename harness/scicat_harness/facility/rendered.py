"""Branches of templates that the cases of a plan render although they were made for something else.

Cases of authorization run the actions of their job type, too. Which of them render a branch is
found out at the end, and only for branches that no other case renders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from scicat_harness.facility.branching import Entered
from scicat_harness.facility.contexts import contexts_of
from scicat_harness.facility.plan import Plan, PlannedCase
from scicat_harness.facility.reaching import chooses
from scicat_harness.facility.ways import Way, ways
from scicat_harness.model.action import Action
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.request import Operation
from scicat_harness.oracle.predict import Oracle, Unspecified
from scicat_harness.oracle.work import TooMuch

__all__ = ["note_rendered"]

# Cases of one operation that are looked at; each costs a rendering of its templates.
_MOST_CASES = 200
_MOST_WAYS = 100


def note_rendered(plan: Plan, oracle: Oracle, job_type: JobType, entered: Entered) -> None:
    """Note the branches of the templates of a job type that some case of the plan renders."""
    for operation, actions in (
        (Operation.CREATE, job_type.on_create),
        (Operation.UPDATE, job_type.on_update),
    ):
        missing = [
            (way, own) for way, own in islice(_templates(actions), _MOST_WAYS) if entered.wants(own)
        ]
        if missing:
            _note(plan, oracle, missing, entered, _cases(plan, job_type.name, operation))


def _templates(actions: Sequence[Action]) -> Iterator[tuple[Way, Sequence[Action]]]:
    """Yield each way through the switches with the actions at its end."""
    for way in ways(actions, Way()):
        yield way, way.chosen[-1][1].actions if way.chosen else actions


def _cases(plan: Plan, job_type: str, operation: Operation) -> Iterator[PlannedCase]:
    found = (
        each
        for each in plan.cases
        if each.operation is operation and each.request.job_type == job_type
    )
    return islice(found, _MOST_CASES)


def _note(
    plan: Plan,
    oracle: Oracle,
    missing: list[tuple[Way, Sequence[Action]]],
    entered: Entered,
    cases: Iterator[PlannedCase],
) -> None:
    for case in cases:
        try:
            if not case.predict(oracle).written:
                continue
            contexts = contexts_of(case, oracle)
            for way, own in missing:
                if all(chooses(plan.site, case, *each) for each in way.chosen):
                    entered.note(own, contexts)
        except (TooMuch, Unspecified):
            continue
        missing = [(way, own) for way, own in missing if entered.wants(own)]
        if not missing:
            return
