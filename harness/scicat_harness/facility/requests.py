"""The needs of a request: assignments of values as parameters, owners and dataset fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.facility.axes import FILES
from scicat_harness.facility.conditions import Assignment, OutOfReach
from scicat_harness.model.request import Operation

__all__ = ["Needs", "needs_of"]

_LISTED = ("jobParams", "datasetList")
_PROPERTY = re.compile(r"[\w-]+")
_GIVEN = {"run", "correlation"}
"""Parameters that the harness puts into every job of a run."""
_LAST_ITEM = 100
"""The greatest index for which a list is made."""
_RESULT = "jobResultObject"
_OWNERS = ("ownerUser", "ownerGroup")
_MOST_FILES = 100


@dataclass(slots=True)
class Needs:
    """The contents that a request needs, and the fields of the datasets that it lists.

    For an update ``params``, ``contact`` and ``datasets`` belong to the job that it updates;
    ``status``, ``message`` and ``result`` are its own.
    """

    params: dict[str, Any] = field(default_factory=dict)
    status: str | None = None
    message: str | None = None
    result: dict[str, Any] = field(default_factory=dict)
    contact: str | None = None
    owners: dict[str, str | None] = field(default_factory=dict)
    """``ownerUser`` and ``ownerGroup``, if their value matters; None for one that is left out."""
    datasets: dict[str, Any] = field(default_factory=dict)
    """Fields by dotted path."""
    lists: bool = False
    """True if the request must have a dataset list."""
    count: int | None = None
    """The number of datasets in it, if it matters."""


def needs_of(assignments: Sequence[Assignment], operation: Operation, job_type: str) -> Needs:
    """Return the needs of a request that has these values.

    Raises OutOfReach for a value that no request can have, such as another ``jobParams.run``, and
    for two different values at one path::

        fast = Assignment("request", ("jobParams", "mode"), "fast")
        needs_of([fast], Operation.CREATE, "archive").params  # {"mode": "fast"}
    """
    needs = Needs()
    for each in assignments:
        if each.root == "datasets":
            _of_dataset(needs, each)
        elif each.root == "job" and operation is Operation.CREATE:
            _of_new_job(needs, each, job_type)
        elif each.root == "job":
            _of_updated_job(needs, each, job_type)
        elif operation is Operation.CREATE:
            _of_create(needs, each, job_type)
        else:
            _of_update(needs, each)
    return needs


def _of_dataset(needs: Needs, each: Assignment) -> None:
    if not each.steps:
        needs.lists = True
        return
    # Pids are made by the run, and fields of datasets are no lists.
    if each.steps == ("length",):
        needs.count = each.value
        needs.lists = each.value > 0
        return
    if not all(_PROPERTY.fullmatch(step) for step in each.steps) or each.steps[0] == "pid":
        raise OutOfReach(f"no dataset of the plan can have a chosen {_path(each.steps)}")
    needs.lists = True
    if not each.absent:
        _keep(needs.datasets, ".".join(each.steps), each)


def _of_create(needs: Needs, each: Assignment, job_type: str) -> None:
    first, *rest = each.steps
    # Which datasets are listed is not chosen here, only whether there is a list.
    if each.steps[:2] == _LISTED:
        needs.lists = not each.absent
        if each.absent:
            return
        if each.steps == _LISTED and isinstance(each.value, list) and len(each.value) > 1:
            needs.count = len(each.value)
        files = _files_in(each.steps[2:], each.value)
        if files:
            _keep(needs.datasets, FILES, replace(each, value=files))
    elif each.steps == ("jobParams",) and isinstance(each.value, dict):
        needs.params |= each.value
    elif first == "jobParams" and rest and rest[0] not in _GIVEN:
        _put(needs.params, rest, each)
    elif first == "contactEmail" and not rest and isinstance(each.value, str):
        needs.contact = each.value
    elif first in _OWNERS and not rest and (each.absent or isinstance(each.value, str)):
        _keep(needs.owners, first, replace(each, value=None if each.absent else each.value))
    elif first == "type" and each.value == job_type:
        # The type of the request is fixed: it has the action that needs this.
        return
    else:
        raise OutOfReach(
            f"the harness cannot send a create with request.{_path(each.steps)} {_shown(each)}"
        )


def _files_in(steps: Sequence[str], value: Any) -> tuple[str, ...]:
    """Return the files that a value at a path within a dataset list asks for."""
    if steps and _is_item(steps[0]):
        steps = steps[1:]
    elif not steps and isinstance(value, list):
        value = value[0] if value else None
    if not steps:
        files = value.get(FILES) if isinstance(value, dict) else None
    elif steps[0] != FILES:
        return ()
    elif tuple(steps[1:]) == ("length",) and isinstance(value, int):
        files = [f"harness-{number}" for number in range(min(value, _MOST_FILES))]
    else:
        files = value if len(steps) == 1 else [value]
    texts = files if isinstance(files, list) else []
    return tuple(each for each in texts if isinstance(each, str) and each)


def _of_new_job(needs: Needs, each: Assignment, job_type: str) -> None:
    if each.steps == ("statusCode",) and isinstance(each.value, str):
        # A create chooses the status by jobStatusMessage; this one is the default.
        if each.value != "jobSubmitted":
            _keep(needs.params, "jobStatusMessage", each)
        return
    _of_create(needs, each, job_type)


def _of_update(needs: Needs, each: Assignment) -> None:
    first, *rest = each.steps
    if first == "statusCode" and not rest and isinstance(each.value, str):
        needs.status = each.value
    elif first == "statusMessage" and not rest and isinstance(each.value, str):
        needs.message = each.value
    elif first == _RESULT and rest:
        _put(needs.result, rest, each)
    elif first == _RESULT and isinstance(each.value, dict):
        needs.result |= each.value
    else:
        raise OutOfReach(
            f"the harness cannot send an update with request.{_path(each.steps)} {_shown(each)}"
        )


def _of_updated_job(needs: Needs, each: Assignment, job_type: str) -> None:
    """Add a value of an updated job: the update writes status and result, the create the rest."""
    if each.steps[0] in ("statusCode", "statusMessage", _RESULT):
        _of_update(needs, each)
    else:
        _of_create(needs, each, job_type)


def _put(target: dict[str, Any], steps: Sequence[str], each: Assignment) -> None:
    """Set or remove the value at a path; lists get as many items as the path needs, at least one.

    Raises OutOfReach if the path would have to lead into two kinds of values at once.
    """
    *parents, last = steps
    place: Any = target
    # The step that follows decides whether a missing container is a list or an object.
    for step, following in zip(parents, steps[1:], strict=True):
        empty: Any = [] if _is_item(following) else {}
        if _is_item(step):
            place = _item(_filled(place, step, empty, each), step)
        elif isinstance(place, dict):
            place = place.setdefault(step, empty)
        else:
            raise OutOfReach(f"{_path(each.steps)} would have to be in a list and an object")
    if each.absent:
        if isinstance(place, dict):
            place.pop(last, None)
        return
    if last == "*":
        place[:] = [each.value] * max(len(place), 1)
    elif _is_item(last):
        _filled(place, last, each.value, each)[int(last)] = each.value
    elif isinstance(place, dict):
        _keep(place, last, each)
    else:
        _keep(_filled(place, "0", {}, each)[0], last, each)


def _filled(place: Any, step: str, empty: Any, each: Assignment) -> list[Any]:
    """Return a list that has an item at an index; further items are copies of ``empty``."""
    number = 0 if step == "*" else int(step)
    if not isinstance(place, list) or number > _LAST_ITEM:
        raise OutOfReach(f"{_path(each.steps)} would have to be in a list and an object")
    while len(place) <= number:
        place.append(deepcopy(empty))
    # What an earlier path left empty may have to be of the other kind.
    if place[number] in ([], {}) and type(place[number]) is not type(empty):
        place[number] = deepcopy(empty)
    return place


def _item(items: list[Any], step: str) -> Any:
    return items[0 if step == "*" else int(step)]


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
