"""What a request reaches, by the rules of the oracle: the cases of switches, and its goal."""

from __future__ import annotations

from scicat_harness.facility.conditions import OutOfReach
from scicat_harness.facility.goals import Goal
from scicat_harness.facility.plan import PlannedCase
from scicat_harness.model.action import Switch, SwitchCase
from scicat_harness.model.option import Phase
from scicat_harness.model.request import CreateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.actions.context import create_context, stored_document, update_context
from scicat_harness.oracle.actions.result import ActFacts
from scicat_harness.oracle.actions.switch import looks_at_hidden_job, matching, selected
from scicat_harness.oracle.javascript import UNDEFINED
from scicat_harness.oracle.prediction import Prediction

__all__ = ["chooses", "refuse_unmet"]


def chooses(site: Site, case: PlannedCase, switch: Switch, wanted: SwitchCase) -> bool:
    """Return whether the request of a case makes a switch choose ``wanted`` in one of its phases.

    The context is that of the plan, without the values that only a run knows.
    """
    if isinstance(case.request, CreateRequest):
        context = create_context(site, case.request)
    else:
        context = update_context(site, case.request, case.identity.name)
    after = context.stored(stored_document(context, None))
    for phase in (Phase.VALIDATE, Phase.PERFORM):
        if switch.phase not in (phase, Phase.ALL):
            continue
        facts = ActFacts(switch, phase, after if phase is Phase.PERFORM else context)
        # While an update is validated, the job shows no properties.
        hidden = phase is Phase.VALIDATE and looks_at_hidden_job(facts)
        found = selected(facts, job_hidden=hidden)
        # Several distinct values are an error of the switch (specification: action.switch).
        if len(found) > 1:
            continue
        if matching(switch, found[0] if found else UNDEFINED) is wanted:
            return True
    return False


def refuse_unmet(site: Site, goal: Goal, case: PlannedCase, prediction: Prediction) -> None:
    """Raise OutOfReach if, by the oracle, the request of a case does not meet its goal.

    Otherwise a case would count as tried that checks something else.
    """
    # Another refusal, such as that of an error action, says nothing about the validation.
    refused = prediction.deciding.startswith(("actions.validate.", "actions.order."))
    if goal.refused and (prediction.written or not refused):
        raise OutOfReach(
            f"the harness found no request that only this refuses ({prediction.sentence})"
        )
    if goal.unchosen and not goal.refused and refused:
        raise OutOfReach(goal.unchosen)
    for switch, wanted in goal.chosen:
        if not chooses(site, case, switch, wanted):
            raise OutOfReach(
                "the harness found no request that leads to this case of the switch on "
                f"{switch.path} in the phase {switch.phase}"
            )
