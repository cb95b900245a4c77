"""Chosen cases: which cases of a matrix a run takes, shared by the many runs of ``sabotage``.

The oracle predicts thousands of cases to choose a few hundred, which takes longer than a short run
itself. The choice depends on the code and on the release, so that runs of one command share it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

__all__ = ["VARIABLE", "chosen"]

VARIABLE = "SCICAT_HARNESS_CHOSEN_CASES"
"""The variable with the folder of the choices; only a command that makes many runs sets it."""


def chosen(
    key: str, cases: Sequence[Any], choose: Callable[[Sequence[Any]], Sequence[Any]]
) -> list[Any]:
    """Return ``choose(cases)``, or what an earlier run chose under this key.

    ``key`` names the scenario, the release and the profile.
    """
    folder = os.environ.get(VARIABLE)
    if not folder:
        return list(choose(cases))
    path = Path(folder) / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    try:
        return [cases[index] for index in json.loads(path.read_text(encoding="ascii"))]
    except (OSError, ValueError):
        # Not chosen yet, or being written by another run at this moment.
        found = list(choose(cases))
    places = {id(case): index for index, case in enumerate(cases)}
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps([places[id(case)] for case in found]), encoding="ascii")
    draft.replace(path)
    return found
