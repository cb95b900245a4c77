"""The value by which a case of a switch is reached."""

from __future__ import annotations

from typing import Any

from scicat_harness.facility.samples import NO_SAMPLE
from scicat_harness.facility.switchvalues import chooses_case, proposals_of_case
from scicat_harness.model.action import SwitchCase

__all__ = ["matching"]


def matching(cases: tuple[SwitchCase, ...], index: int) -> Any:
    """Return a value for which the case at ``index`` is the first that matches, or NO_SAMPLE."""
    found = (each for each in proposals_of_case(cases[index]) if chooses_case(cases, index, each))
    return next(found, NO_SAMPLE)
