"""Planning: derive the cases of a plan from a facility's configuration.

Authorization: every kind of caller, dataset list and owner, for create and update. Actions: every
goal of the configuration (``facility.goals``), by an identity that may do it. The oracle predicts
the outcome of a case; a goal that its request does not meet by the oracle is out of reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from scicat_harness.facility.branching import Entered, all_templates
from scicat_harness.facility.plan import (
    MOST_CASES,
    MOST_STEPS,
    WHOLE,
    Beyond,
    Plan,
    PlanFull,
)
from scicat_harness.facility.planner import JobTypePlanner
from scicat_harness.facility.rendered import note_rendered
from scicat_harness.facility.site import SENTINELS, Cast
from scicat_harness.model.request import (
    Operation,
)
from scicat_harness.model.site import Site
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import View
from scicat_harness.oracle.work import TooMuch, bounded

__all__ = ["make_plan"]


def make_plan(
    site: Site,
    view: View,
    unknown: Mapping[str, str],
    cast: Cast,
    entered: Entered | None = None,
) -> Plan:
    """Return the plan for a site; ``unknown`` maps job types that cannot be verified to reasons.

    ``entered`` knows the branches of templates; without it there are no cases for them.

    A plan takes at most 1,500,000 steps and has at most 20,000 cases. Anything further is listed
    in ``beyond``, so that no configuration keeps a run busy for ever.
    """
    plan = Plan(site, cast)
    with bounded(MOST_STEPS, WHOLE):
        _fill(plan, view, unknown, entered)
    return plan


def _fill(plan: Plan, view: View, unknown: Mapping[str, str], entered: Entered | None) -> None:
    site = plan.site
    oracle = Oracle(site, view)
    planners: list[JobTypePlanner] = []
    for job_type in site.job_types.values():
        # The sentinels belong to the run, not to the facility.
        if job_type.name in SENTINELS:
            continue
        if job_type.name in unknown:
            for operation in (Operation.CREATE, Operation.UPDATE):
                plan.beyond.append(
                    Beyond("everything", job_type.name, operation, unknown[job_type.name])
                )
            continue
        try:
            planner = JobTypePlanner(plan, oracle, job_type, site.identities[site.janitor], entered)
            planner.add()
            planners.append(planner)
        except PlanFull:
            reason = f"the plan has {MOST_CASES:,} cases already"
            for operation in (Operation.CREATE, Operation.UPDATE):
                plan.beyond.append(Beyond("further cases", job_type.name, operation, reason))
    if entered is not None:
        # After the cases of all job types: one template often belongs to several.
        for planner in planners:
            with suppress(PlanFull, TooMuch):
                planner.add_branches(entered)
        with suppress(TooMuch):
            for planner in planners:
                note_rendered(plan, oracle, planner.job_type, entered)
        plan.unrendered += _unrendered(planners, entered)


def _templates(planner: JobTypePlanner) -> Iterator[tuple[str, str]]:
    """Yield the templates of a job type, each with its place in words."""
    for operation, actions in planner.operations():
        for each in all_templates(actions):
            yield f"{planner.job_type.name}, {operation}, {each.place}", each.source


def _unrendered(planners: Iterable[JobTypePlanner], entered: Entered) -> Iterator[str]:
    """Yield a line for each branch of a template that no case renders.

    A template that several job types have is named by the first of them.
    """
    named: set[tuple[str, int]] = set()
    for planner in planners:
        for place, text in _templates(planner):
            for number, branch in entered.missing(text):
                if (text, number) not in named:
                    named.add((text, number))
                    yield f"{place}: {branch}"
