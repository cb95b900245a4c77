"""Judgements: what one observation comes to, held against its expectation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scicat_harness.model.difference import Difference
from scicat_harness.model.outcome import Verdict

__all__ = ["Judgement", "worst"]

_FROM_THE_BEST = (
    Verdict.PASSED,
    Verdict.DEVIATING,
    Verdict.NOT_VERIFIABLE,
    Verdict.UNKNOWN,
    Verdict.FAILED,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdict and reasons of one request.

    ``deciding`` is the rule that settled what was expected, ``rules`` are all rules on the way.
    ``deviation`` is the id of the ledger entry that covers it, or "".
    """

    verdict: Verdict
    deciding: str = ""
    rules: tuple[str, ...] = ()
    deviation: str = ""
    differences: tuple[Difference, ...] = ()


def worst(verdicts: Iterable[str]) -> Verdict:
    """The verdict that counts for a list of them; passed for an empty one."""
    return max(map(Verdict, verdicts), key=_FROM_THE_BEST.index, default=Verdict.PASSED)
