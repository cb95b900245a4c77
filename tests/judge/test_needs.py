"""What a release lacks is not verifiable on it, by name, and nothing is sent."""

from __future__ import annotations

import pytest

from scicat_harness.fixtures.axes import PROBE_JOBS
from scicat_harness.fixtures.cases import PROBE_TYPE
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.views import VIEWS
from scicat_harness.judge.trial import NotVerifiable, Trial
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import Release

from ..stubs import context_of

USER = SITE.identity("user1")
DETAILS = next(view for view in VIEWS if view.name == "dataset-details-v4")
TOO_OLD = "v4.21.0 lacks GET /api/v4/jobs/datasetDetails, which came with v4.22.0"


def test_a_list_that_the_release_lacks_is_not_verifiable() -> None:
    trial = Trial(context_of(release=Release(4, 21, 0)), "case")
    with pytest.raises(NotVerifiable, match="lacks"):
        trial.browse(USER, PROBE_TYPE, PROBE_JOBS[0], DETAILS)
    assert trial.record is not None
    assert (trial.record.verdict, trial.record.reason) == (Verdict.NOT_VERIFIABLE, TOO_OLD)
    assert trial.context.client.transport.sent == 0


@pytest.mark.parametrize("release", [Release(4, 22, 0), Release(5, 2, 1)], ids=str)
def test_what_the_release_has_is_not_held_back(release: Release) -> None:
    trial = Trial(context_of(release=release), "case")
    trial.needs(Release(4, 22, 0), "it", USER)
    assert trial.record is None
