"""Endpoint authorization: the union over all job types opens an endpoint, or leaves it closed.

Rules: endpoint.*. Sources: specification: endpoint.authorization; documentation
authorization_jobs.md ("the most permissive authorization across all the jobs defined"). Small
configurations show it: none, one without a type for anonymous, one without a type for users, one
that is public only. The union configuration of the other scenarios opens everything.
"""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.case import EndpointCase
from scicat_harness.fixtures.cases import endpoint_cases
from scicat_harness.fixtures.matrix import matrix
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.pinned import Pinned
from scicat_harness.judge.trial import Trial
from scicat_harness.model.request import CreateRequest, Operation


@matrix(lambda _: (case for case in endpoint_cases() if case.request is not None))
def test_create(case: EndpointCase, trial: Trial) -> None:
    """POST of types the small site knows, and of one it does not."""
    assert case.request is not None
    outcome = trial.submit(case.identity, case.request)
    outcome.must_be_as_specified()


@matrix(lambda _: (case for case in endpoint_cases() if case.request is None))
def test_other_endpoints(case: EndpointCase, trial: Trial) -> None:
    """PATCH, GET and DELETE of an id that no job has, and the list."""
    outcome = trial.use_endpoint(case.identity, case.operation, case.predict)
    outcome.must_be_as_specified()


@pytest.mark.site("empty")
@pytest.mark.parametrize(
    ("identity", "status"), [("anonymous", 403), ("user1", 403), ("creator", 400), ("updater", 403)]
)
def test_nothing_configured(identity: str, status: int, trial: Trial) -> None:
    """Without any job type only the privileged get past the gate, to find no type."""
    outcome = trial.submit(SITE.identity(identity), CreateRequest("owner_access"))
    outcome.must_be(Pinned(status))


@pytest.mark.site("no-anonymous-type")
def test_one_owner_type_opens_patch_to_every_user(trial: Trial) -> None:
    """#jobOwnerUser on one type lets any user reach the instance level of every job."""
    outsider = SITE.identity("outsider")
    outcome = trial.use_endpoint(
        outsider, Operation.UPDATE, EndpointCase("", Operation.UPDATE, outsider).predict
    )
    outcome.must_be(Pinned(400))


@pytest.mark.site("no-user-type")
def test_named_group_opens_post_to_its_members_only(trial: Trial) -> None:
    """@group5 and user5 open POST for user5, and for nobody else without privileges."""
    outcome = trial.submit(SITE.identity("outsider"), CreateRequest("no_such_type"))
    outcome.must_be(Pinned(403))
