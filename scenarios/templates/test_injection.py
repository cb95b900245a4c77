"""A value of a request ends where its template put it: no other recipient, header, address, line.

Source: specification: templates.syntax (actions do what is configured); observed v5.2.1 if a value
does more, each of which stands in the ledger. What three braces let through by design (a further
parameter in a query, a path that climbs) is judged as what it is. Not covered: templates that fail
in ``error`` and ``validate``.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import EffectCase
from scicat_harness.fixtures.effects.rows import effect_rows
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(effect_rows(__file__, part="test_recipient"))
def test_recipient(case: EffectCase, trial: Trial) -> None:
    """Recipients of a mail."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_header"))
def test_header(case: EffectCase, trial: Trial) -> None:
    """Headers of mails and calls."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_address"))
def test_address(case: EffectCase, trial: Trial) -> None:
    """Addresses of calls."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)


@matrix(effect_rows(__file__, part="test_line"))
def test_line(case: EffectCase, trial: Trial) -> None:
    """Log lines."""
    trial.send(case.identity, case.request, case.behaviours).must_be(case.pinned)
