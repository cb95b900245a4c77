"""A facility's configuration does what it says: who may do what, and what is done then.

Rules: those of the oracle, applied to the facility's job types, accounts and group lists; every
action with its own templates, routes and cases. Source: the configuration itself.
Not covered: effects beyond the sinks, and what no request can reach; both are named.
"""

from __future__ import annotations

import pytest

from scicat_harness.facility.plan import Beyond, PlannedCase
from scicat_harness.plugin.verifying import Verifier


@pytest.mark.planned("silent")
def test_silence(case: PlannedCase, verifier: Verifier) -> None:
    """One request that nothing may come of, apart from the job if it is permitted."""
    outcome = verifier.ask(case)
    outcome.must_be_as_specified()


@pytest.mark.at_once
@pytest.mark.planned("acting")
def test_promise(case: PlannedCase, verifier: Verifier) -> None:
    """One request, and everything it leads to."""
    outcome = verifier.ask(case)
    outcome.must_be_as_specified()
    verifier.must_have_judged_all_of(outcome)


@pytest.mark.planned("beyond")
def test_beyond(case: Beyond, verifier: Verifier) -> None:
    """Cases that no request here can show are named, and counted."""
    verifier.pass_over(case)
