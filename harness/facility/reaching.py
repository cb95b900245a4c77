"""Reaching a case: whether a request makes a switch choose it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.model.action import Phase, Switch, SwitchCase
from harness.model.request import CreateRequest, UpdateRequest
from harness.model.site import Site
from harness.oracle.doing import ActFacts
from harness.oracle.javascript import UNDEFINED
from harness.oracle.scene import create_scene, stored_document, update_scene

__all__ = ["chooses"]


def chooses(
    site: Site,
    request: CreateRequest | UpdateRequest,
    made: CreateRequest | None,
    switch: Switch,
    wanted: SwitchCase,
) -> bool:
    """Whether the switch chooses that case in its phase, as far as the scene tells.

    ``made`` is what made the job that an update is about.
    """
    if isinstance(request, CreateRequest):
        scene = create_scene(site, request)
        after = scene.stored(_with_params(stored_document(scene, None)))
    else:
        scene = update_scene(site, request)
        after = scene.stored(_with_made(stored_document(scene, None), made))
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


def _with_params(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A first status that was chosen is the status of the job, no parameter."""
    params = dict(document["jobParams"])
    told = params.pop("jobStatusMessage", None)
    return {**document, "jobParams": params, **({"statusCode": told} if told else {})}


def _with_made(document: Mapping[str, Any], made: CreateRequest | None) -> Mapping[str, Any]:
    return {**document, "jobParams": dict(made.params)} if made is not None else document
