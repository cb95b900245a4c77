"""Lists do what they are asked: where, limit, skip, sort, and counts of facets.

Source: backend documentation of the list filters; observed on v4.20.2 to v5.2.1 (the limit is
applied before the skip since v4.27.0; ``limits.sort`` is honoured since v5.2.0). Without that, a
list that shows nothing of others' jobs could be a list that shows nothing. Hand-written
expectations.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from scicat_harness.client.scicat import list_params
from scicat_harness.fixtures.axes import PROBE_JOBS
from scicat_harness.fixtures.cases import PROBE_TYPE
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.matchers import has_rows, is_same_as, rows
from scicat_harness.judge.trial import Trial
from scicat_harness.model.expectation import Matcher
from scicat_harness.model.release import LISTS_IN_DATABASE, REWRITTEN_CREATE, ByRelease

OPERATOR = SITE.identity("operator")
ASKED = "a list shows what is asked for (documentation: filters)"
NAMES = [job.name for job in PROBE_JOBS]


def probes(trial: Trial, name: str | None = None) -> dict[str, Any]:
    """A condition on the probe jobs of this run, or on the one of a name."""
    wanted: Any = {"$exists": True} if name is None else name
    return {"jobParams.run": trial.run, "jobParams.probe": wanted}


def shows(*names: str) -> Matcher:
    """The list shows these probe jobs, in this order."""

    return rows("jobParams.probe", *names)


@pytest.mark.parametrize("path", ["v4/jobs", "v4/jobs/fullquery"])
def test_where_chooses(path: str, trial: Trial) -> None:
    """A condition leaves only the jobs that meet it."""
    question = list_params(probes(trial, "nobodys"))
    trial.query(OPERATOR, path, question).must_answer(200, shows("nobodys"), because=ASKED)


@pytest.mark.parametrize("path", ["v4/jobs", "v4/jobs/fullquery"])
def test_limit_is_a_limit(path: str, trial: Trial) -> None:
    """No more rows than asked for."""
    question = list_params(probes(trial), {"limit": 1})
    trial.query(OPERATOR, path, question).must_answer(200, has_rows(1), because=ASKED)


_ROWS = ByRelease(3, ((LISTS_IN_DATABASE, 1),))
"""Rows of a limit of 3 and a skip of 2, by release."""


def test_limit_and_skip(trial: Trial) -> None:
    """Three rows at most, of which two are skipped; before, two skipped and then three rows."""
    wanted = _ROWS.at(trial.release)
    question = {"filter": {"where": probes(trial), "limits": {"limit": 3, "skip": 2}}}
    trial.query(OPERATOR, "v4/jobs", question).must_answer(200, has_rows(wanted), because=ASKED)


def test_sorts_descending(trial: Trial) -> None:
    """By a field that no two of the jobs share; two may be made in the same millisecond."""
    trial.needs(REWRITTEN_CREATE, "limits.sort", OPERATOR)
    question = {"filter": {"where": probes(trial), "limits": {"sort": {"jobParams.probe": "desc"}}}}
    trial.query(OPERATOR, "v4/jobs", question).must_answer(
        200, shows(*sorted(NAMES, reverse=True)), because=ASKED
    )


def test_facets_count(trial: Trial) -> None:
    """A facet counts the visible jobs, and so does the total."""
    question = {"facets": ["type"], "fields": {"mode": probes(trial)}}
    trial.query(OPERATOR, "v4/jobs/fullfacet", question).must_answer(
        200, _counts(len(NAMES)), because=ASKED
    )


def test_facets_count_each_value(trial: Trial) -> None:
    """Three facets at once; a job without a value counts for none of the others."""
    question = {
        "facets": ["type", "createdBy", "ownerGroup"],
        "fields": {"mode": probes(trial)},
    }
    jobs = trial.visible_jobs(OPERATOR, PROBE_TYPE, PROBE_JOBS)
    groups = Counter(job.get("ownerGroup") for job in jobs)
    trial.query(OPERATOR, "v4/jobs/fullfacet", question).must_answer(
        200, is_same_as(dict(groups), _groups), because=ASKED
    )


def _groups(reply: Any) -> Any:
    (facets,) = reply
    return {each["_id"]: each["count"] for each in facets["ownerGroup"]}


def _counts(wanted: int) -> Matcher:
    return is_same_as(
        [{"type": [{"_id": PROBE_TYPE, "count": wanted}], "all": [{"totalSets": wanted}]}]
    )


def test_more_than_a_hundred(trial: Trial) -> None:
    """Without a limit there are a hundred rows since v5.2.0; a limit of 0 is no limit."""
    trial.needs(LISTS_IN_DATABASE, "a limit of 0", OPERATOR)
    mark, number = trial.new_mark(), 101
    for _ in range(number):
        trial.make(trial.body({"one-of": mark}, type=PROBE_TYPE), OPERATOR)
    unlimited = ByRelease(number, ((REWRITTEN_CREATE, 100),)).at(trial.release)
    for limits, shown in (({}, unlimited), ({"limit": 0}, number), ({"limit": number}, number)):
        question = list_params({"jobParams.one-of": mark}, limits)
        trial.query(OPERATOR, "v4/jobs", question).must_answer(200, has_rows(shown), because=ASKED)
