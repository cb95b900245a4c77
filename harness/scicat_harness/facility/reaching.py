"""The choice of a switch: which case a request reaches, by the rules of the oracle."""

from __future__ import annotations

from scicat_harness.model.action import Phase, Switch, SwitchCase
from scicat_harness.model.request import CreateRequest, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.action_context import create_context, stored_document, update_context
from scicat_harness.oracle.action_result import ActFacts
from scicat_harness.oracle.javascript import UNDEFINED

__all__ = ["chooses"]


def chooses(
    site: Site,
    request: CreateRequest | UpdateRequest,
    switch: Switch,
    wanted: SwitchCase,
) -> bool:
    """Return whether a request makes a switch choose a case in one of its phases.

    The context is that of the plan, without the values that only a run knows.
    """
    if isinstance(request, CreateRequest):
        context = create_context(site, request)
    else:
        context = update_context(site, request)
    after = context.stored(stored_document(context, None))
    for phase in (Phase.VALIDATE, Phase.PERFORM):
        if switch.phase not in (phase, Phase.ALL):
            continue
        facts = ActFacts(switch, phase, after if phase is Phase.PERFORM else context, "switch")
        # While an update is validated, the job shows no properties.
        hidden = phase is Phase.VALIDATE and facts.undecided
        found = facts.selected(switch.path, job_hidden=hidden)
        # Several distinct values are an error of the switch (specification: action.switch).
        if len(found) > 1:
            continue
        if facts.matching(found[0] if found else UNDEFINED) is wanted:
            return True
    return False
