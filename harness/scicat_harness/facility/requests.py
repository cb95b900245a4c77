"""Requests: assignments of values turned into what is sent, and into the datasets it lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scicat_harness.facility.goals import Assignment, OutOfReach
from scicat_harness.model.request import Operation

__all__ = ["Needs", "asked_by"]

_LISTED = ("jobParams", "datasetList")
_PROPERTY = re.compile(r"[\w-]+")
_GIVEN = {"run", "correlation"}
"""Parameters that every job of a run has."""
_RESULT = "jobResultObject"


@dataclass(slots=True)
class Needs:
    """What a request must carry: parameters, a first status, and what its datasets are like.

    For an update ``params`` and ``first_status`` are of the job that it is about.
    """

    params: dict[str, Any] = field(default_factory=dict)
    status: str | None = None
    result: dict[str, Any] = field(default_factory=dict)
    contact: str | None = None
    datasets: dict[str, Any] = field(default_factory=dict)
    """Fields by dotted path."""
    lists: bool = False
    """Whether datasets must be listed at all."""


def asked_by(
    assignments: Sequence[Assignment], operation: Operation, job_type: str, env: Mapping[str, str]
) -> Needs:
    """The request that has these values; OutOfReach says which of them no request can have."""
    asked = Needs()
    for each in assignments:
        if each.root == "datasets":
            _of_dataset(asked, each)
        elif each.root == "env":
            _of_environment(each, env)
        elif each.root == "job" and operation is Operation.CREATE:
            _of_new_job(asked, each, job_type)
        elif each.root == "job":
            _of_updated_job(asked, each, job_type)
        elif operation is Operation.CREATE:
            _of_create(asked, each, job_type)
        else:
            _of_update(asked, each)
    return asked


def _of_dataset(asked: Needs, each: Assignment) -> None:
    if not all(_PROPERTY.fullmatch(step) for step in each.steps) or each.steps[0] == "pid":
        raise OutOfReach(f"no dataset of ours can have a {_path(each.steps)} of its own choice")
    asked.lists = True
    if not each.absent:
        _keep(asked.datasets, ".".join(each.steps), each)


def _of_environment(each: Assignment, env: Mapping[str, str]) -> None:
    value = env.get(each.steps[0])
    if value != each.value:
        raise OutOfReach(f"env.{_path(each.steps)} is {value!r} in this environment")


def _of_create(asked: Needs, each: Assignment, job_type: str) -> None:
    first, *rest = each.steps
    if each.steps[:2] == _LISTED:
        asked.lists = not each.absent
        if each.absent:
            return
    elif first == "jobParams" and rest and rest[0] not in _GIVEN:
        _put(asked.params, rest, each)
    elif first == "contactEmail" and not rest and isinstance(each.value, str):
        asked.contact = each.value
    elif first == "type" and each.value == job_type:
        return
    else:
        raise OutOfReach(f"no create of ours can have request.{_path(each.steps)} {_shown(each)}")


def _of_new_job(asked: Needs, each: Assignment, job_type: str) -> None:
    if each.steps == ("statusCode",) and isinstance(each.value, str):
        # The creator may choose it, and the backend keeps what was chosen.
        if each.value != "jobSubmitted":
            _keep(asked.params, "jobStatusMessage", each)
        return
    _of_create(asked, each, job_type)


def _of_update(asked: Needs, each: Assignment) -> None:
    first, *rest = each.steps
    if first == "statusCode" and not rest and isinstance(each.value, str) and each.value:
        asked.status = each.value
    elif first == _RESULT and rest:
        _put(asked.result, rest, each)
    elif first == _RESULT and isinstance(each.value, dict):
        asked.result |= each.value
    else:
        raise OutOfReach(f"no update of ours can have request.{_path(each.steps)} {_shown(each)}")


def _of_updated_job(asked: Needs, each: Assignment, job_type: str) -> None:
    """What an update writes shows in the job; the rest was chosen when that was made."""
    if each.steps[0] in ("statusCode", _RESULT):
        _of_update(asked, each)
    else:
        _of_create(asked, each, job_type)


def _put(target: dict[str, Any], steps: Sequence[str], each: Assignment) -> None:
    """Set a value below a path; lists have one item."""
    *parents, last = steps
    place: Any = target
    for step, following in zip(parents, steps[1:], strict=True):
        empty: Any = [{}] if _is_item(following) else {}
        if _is_item(step):
            place = place[0]
            continue
        place = place.setdefault(step, empty)
    if each.absent:
        if isinstance(place, dict):
            place.pop(last, None)
        return
    if _is_item(last):
        place[:] = [each.value]
    elif isinstance(place, dict):
        _keep(place, last, each)
    else:
        _keep(place[0], last, each)


def _keep(place: dict[str, Any], name: str, each: Assignment) -> None:
    if name in place and place[name] != each.value:
        raise OutOfReach(f"{_path(each.steps)} would have to have two values at once")
    place[name] = each.value


def _is_item(step: str) -> bool:
    return step == "*" or step.isdigit()


def _path(steps: Iterable[str]) -> str:
    return ".".join(steps)


def _shown(each: Assignment) -> str:
    return "missing" if each.absent else f"= {each.value!r}"
