"""The lattice of create auth values: who passes a stricter one passes a laxer one.

Source: specification: authorization.checks (from lax to strict). Shown without the oracle: the
same request goes to a job type with the stricter value and to one with the laxer; wherever the
first is created, the second must be. Exceptions, which the pairs leave out:

* #datasetPublic against #authenticated and #datasetAccess: anonymous may create under the first
  only, for it is laxer about who, and stricter about what.
* a dataset auth value against one that judges none, for a request without a dataset list.
"""

from __future__ import annotations

from scicat_harness.fixtures.case import LatticeCase
from scicat_harness.fixtures.cases import lattice_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.judge.trial import Trial


@matrix(lattice_cases)
def test_stricter_implies_laxer(case: LatticeCase, trial: Trial) -> None:
    """A request under the stricter and the laxer auth value."""
    stricter = trial.submit(case.identity, case.stricter)
    laxer = trial.submit(case.identity, case.laxer)
    stricter.must_imply(laxer)
