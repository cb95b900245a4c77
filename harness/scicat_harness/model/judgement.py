"""Judgements: the result of comparing one observation with its expectation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scicat_harness.model.difference import Difference
from scicat_harness.model.outcome import Verdict

__all__ = ["Judgement", "worst"]

# A failure is a fact about SciCat, so it outweighs what could not be judged.
_FROM_THE_BEST = (
    Verdict.PASSED,
    Verdict.DEVIATING,
    Verdict.ACCEPTED,
    Verdict.NOT_VERIFIABLE,
    Verdict.UNKNOWN,
    Verdict.FAILED,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdict and reasons of one request.

    ``deciding`` is the id of the rule that decided the expectation, ``rules`` are the ids of all
    rules that applied. ``deviation`` is the id of the ledger entry that covers it, or "".
    """

    verdict: Verdict
    deciding: str = ""
    rules: tuple[str, ...] = ()
    deviation: str = ""
    differences: tuple[Difference, ...] = ()


def worst(verdicts: Iterable[str]) -> Verdict:
    """Return the worst of the verdicts; passed for an empty list."""
    return max(map(Verdict, verdicts), key=_FROM_THE_BEST.index, default=Verdict.PASSED)
