"""Reaching a case: whether a request makes a switch choose it."""

from __future__ import annotations

from scicat_harness.model.action import Phase, Switch, SwitchCase
from scicat_harness.model.request import CreateRequest, UpdateRequest
from scicat_harness.model.site import Site
from scicat_harness.oracle.doing import ActFacts
from scicat_harness.oracle.javascript import UNDEFINED
from scicat_harness.oracle.scene import create_scene, stored_document, update_scene

__all__ = ["chooses"]


def chooses(
    site: Site,
    request: CreateRequest | UpdateRequest,
    switch: Switch,
    wanted: SwitchCase,
) -> bool:
    """Whether the switch chooses that case in its phase, as far as the scene tells."""
    if isinstance(request, CreateRequest):
        scene = create_scene(site, request)
    else:
        scene = update_scene(site, request)
    after = scene.stored(stored_document(scene, None))
    for phase in (Phase.VALIDATE, Phase.PERFORM):
        if switch.phase not in (phase, Phase.ALL):
            continue
        facts = ActFacts(switch, phase, after if phase is Phase.PERFORM else scene, "switch")
        hidden = phase is Phase.VALIDATE and facts.undecided
        found = facts.selected(switch.path, job_hidden=hidden)
        if len(found) > 1:
            continue
        if facts.matching(found[0] if found else UNDEFINED) is wanted:
            return True
    return False
