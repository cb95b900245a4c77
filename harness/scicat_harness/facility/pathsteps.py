"""The steps of a JSONPath, as far as a request can be made for it."""

from __future__ import annotations

import re
from typing import Any

from scicat_harness.facility.solving import DATASETS, ENV, JOB, REQUEST, OutOfReach, Root

__all__ = ["parsed_path"]

_EQUALITY = re.compile(
    r"""\.?\[\?\(\s*@\.(?P<names>[\w.]+)\s*===?\s*(?P<value>'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?)\s*\)\]"""
)
# A name after two dots is looked for at every depth; here it is tried right there.
_STEP = re.compile(
    r"\.{0,2}(?:([\w-]+)|(?<=\.)(\*)(?![~\w])|\[\s*(?:'([^']+)'|\"([^\"]+)\"|(\*|\d+))\s*\])"
)


def parsed_path(
    path: str, *, from_context: bool
) -> tuple[Root, tuple[str, ...], list[tuple[tuple[str, ...], Any]]]:
    """Return root and steps of a path, and the values that its filters ask for.

    Without ``from_context`` the path starts inside the request. A filter for equality, such as
    ``[?(@.kind=='a')]``, is an item with that value. Raises OutOfReach for other filters, wildcards
    at the root, and paths to a whole object.
    """
    rest = path.removeprefix("$")
    steps: list[str] = []
    asked: list[tuple[int, list[str], Any]] = []
    at = 0
    while at < len(rest):
        found = _STEP.match(rest, at)
        filtered = _EQUALITY.match(rest, at)
        if filtered is not None:
            steps.append("*")
            asked.append((len(steps), filtered["names"].split("."), _literal(filtered["value"])))
            at = filtered.end()
            continue
        if found is None:
            raise OutOfReach(f"{path} is no plain path, so no request can be made for it")
        steps.append(next(each for each in found.groups() if each is not None))
        at = found.end()
    if not steps:
        raise OutOfReach(f"{path} is the whole context, for which no request can be made")
    if not from_context:
        further = [((*steps[:end], *names), value) for end, names, value in asked]
        return REQUEST, tuple(steps), further
    root, *inside = steps
    if root not in (REQUEST, DATASETS, JOB, ENV) or not inside:
        raise OutOfReach(f"{path} does not lead into request, job, datasets or env")
    # The case of a goal lists one dataset, which is both item 0 and every item.
    skipped = 2 if root == DATASETS and inside[0] in ("*", "0") else 1
    if len(steps) == skipped:
        raise OutOfReach(f"{path} is a whole dataset, for which no request can be made")
    further = [((*steps[skipped:end], *names), value) for end, names, value in asked]
    return root, tuple(steps[skipped:]), further


def _literal(written: str) -> Any:
    if written[0] in "'\"":
        return written[1:-1]
    number = float(written)
    return int(number) if number.is_integer() else number
