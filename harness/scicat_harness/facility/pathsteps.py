"""The steps of a JSONPath, as far as a request can be made for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from scicat_harness.facility.conditions import (
    DATASETS,
    ENV,
    JOB,
    REQUEST,
    OutOfReach,
    Root,
)

__all__ = ["FilterTest", "parsed_path"]

_COMPARISON = re.compile(
    r"""\.?\[\?\(\s*@\.(?P<names>[\w.]+)\s*(?P<sign>[=!]==?|[<>]=?)\s*"""
    r"""(?P<value>'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false)\s*\)\]"""
)
# A name after two dots is looked for at every depth; here it is tried right there.
_STEP = re.compile(
    r"\.{0,2}(?:([\w-]+)|(?<=\.)(\*)(?![~\w])|"
    r"\[\s*(?:'([^']+)'(?:\s*,\s*'[^']+')*|\"([^\"]+)\"(?:\s*,\s*\"[^\"]+\")*|(\*|\d+)|"
    r"(\d+)?:-?\d*(?::\d+)?|-\d+:|"
    r"\(\s*@\.length\s*-\s*1\s*\)|\d+(?:\s*,\s*\d+)+)\s*\])"
)


_GIVEN_OF_A_JOB = frozenset(
    {"id", "_id", "createdAt", "updatedAt", "createdBy", "updatedBy", "configVersion", "__v"}
)


@dataclass(frozen=True, slots=True)
class FilterTest:
    """What a filter asks of a value: ``[?(@.size > 5)]`` is ``("size",)``, ``>`` and 5."""

    steps: tuple[str, ...]
    sign: str
    value: Any


def parsed_path(path: str, *, from_context: bool) -> tuple[Root, tuple[str, ...], list[FilterTest]]:
    """Return root and steps of a path, and what its filters ask for.

    Without ``from_context`` the path starts inside the request. A filter that compares with a text
    or a number, such as ``[?(@.kind=='a')]``, is an item with such a value. Raises OutOfReach for
    other filters, wildcards at the root, and paths to a whole object.
    """
    rest = path.removeprefix("$")
    steps: list[str] = []
    asked: list[tuple[int, FilterTest]] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        filtered = _COMPARISON.match(rest, at)
        if filtered is not None:
            steps.append("*")
            names = tuple(filtered["names"].split("."))
            compared = FilterTest(names, filtered["sign"], _literal(filtered["value"]))
            asked.append((len(steps), compared))
            at = filtered.end()
            continue
        if found is None:
            raise OutOfReach(f"{path} is no plain path, so no request can be made for it")
        if not steps and found[0].startswith(".."):
            raise OutOfReach(f"{path} looks everywhere, so no request can be made for it")
        # Of a slice its first item, of a union of names the first. The last item and a union of
        # indices have no group: of a list with one item they are that item.
        steps.append(next((each for each in found.groups() if each is not None), "*"))
        at = found.end()
    if not steps:
        whole = "context" if from_context else "request"
        raise OutOfReach(f"{path} is the whole {whole}, for which no value is chosen")
    if not from_context:
        further = [_below(steps[:end], each) for end, each in asked]
        return REQUEST, tuple(steps), further
    root, *inside = steps
    if root not in (REQUEST, DATASETS, JOB, ENV) or not inside:
        raise OutOfReach(f"{path} does not lead into request, job, datasets or env")
    if root == JOB and inside[0] in _GIVEN_OF_A_JOB:
        raise OutOfReach(f"{path}: {inside[0]} of a job is what the backend makes it")
    # The case of a goal lists one dataset, which is both item 0 and every item.
    skipped = 2 if root == DATASETS and inside[0] in ("*", "0") else 1
    if len(steps) == skipped:
        raise OutOfReach(f"{path} is a whole dataset, for which no request can be made")
    further = [_below(steps[skipped:end], each) for end, each in asked]
    return root, tuple(steps[skipped:]), further


def _below(steps: list[str], each: FilterTest) -> FilterTest:
    return replace(each, steps=(*steps, *each.steps))


def _literal(written: str) -> Any:
    if written[0] in "'\"":
        return written[1:-1]
    if written in ("true", "false"):
        return written == "true"
    number = float(written)
    return int(number) if number.is_integer() else number
