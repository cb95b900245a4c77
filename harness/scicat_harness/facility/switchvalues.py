"""Values for the cases of a switch: proposed by a case, and tested with all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from scicat_harness.facility.samples import MOST_STEPS, ValueSearch, fits
from scicat_harness.model.action import SwitchCase
from scicat_harness.oracle.javascript import Pattern, loosely_equal
from scicat_harness.oracle.work import bounded, spend

__all__ = ["chooses_case", "proposals_of_case"]


# Further values that are loosely equal to one: an earlier case may take the value itself.
_LOOSE: Mapping[str, tuple[Any, ...]] = {
    "False": ("", "0", 0, [], "0.0"),
    "True": (1, "1", "1.0"),
    "0": ("", "0", False, []),
    "1": ("1", True, "1.0"),
}


def proposals_of_case(case: SwitchCase) -> list[Any]:
    """Return values that a case may match; raises TooMuch like ``satisfying``."""
    with bounded(MOST_STEPS, "finding a value"):
        search = ValueSearch()
        return search.all(_proposals(search, case), lambda each: _matches(case, each))


def chooses_case(cases: tuple[SwitchCase, ...], index: int, value: Any) -> bool:
    """Return whether the case at ``index`` is the first that matches a value."""
    first = next((n for n, case in enumerate(cases) if _matches(case, value)), None)
    return first == index and not _breaks(cases[:index], value)


def _proposals(search: ValueSearch, case: SwitchCase) -> Iterator[Any]:
    if case.schema is not None:
        yield from search.proposed(case.schema)
    elif case.regex is not None:
        yield from search.like(case.regex)
    elif case.is_match:
        # JSON has no infinity, so no request can have it.
        if isinstance(case.match, float) and not math.isfinite(case.match):
            return
        yield case.match
        if isinstance(case.match, int | float) and not isinstance(case.match, bool):
            # A text passes a regex before it, which fails for a number.
            yield str(case.match)
        yield from _LOOSE.get(str(case.match), ())
    else:
        yield from ("harness-other", "", 12345, None, False, True, [], {})


def _matches(case: SwitchCase, value: Any) -> bool:
    spend()
    if case.schema is not None:
        return fits(value, case.schema)
    if case.regex is not None:
        return isinstance(value, str) and Pattern(case.regex).found(value)
    return loosely_equal(value, case.match) if case.is_match else True


def _breaks(earlier: tuple[SwitchCase, ...], value: Any) -> bool:
    """Return whether an earlier regex gets a value that is no text: the switch fails then."""
    return not isinstance(value, str) and any(
        each.regex is not None and each.schema is None for each in earlier
    )
