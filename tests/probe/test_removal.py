"""Removing what a run made elsewhere: all of that, and nothing that anybody else made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transport import HttpRequest, Transport
from scicat_harness.deploy.embedded import EmbeddedDeployment
from scicat_harness.errors import EnvironmentFault
from scicat_harness.fixtures.axes import PROBE_JOBS
from scicat_harness.fixtures.cases import PROBE_TYPE
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.sites import janitor_of
from scicat_harness.probe.made import MadeList
from scicat_harness.probe.prepared import PreparedBackend, furnish, log_in, make_job, open_client
from scicat_harness.probe.removal import Removal, remove_made

RUN = "harness-0123abcd"
JANITOR = janitor_of(SITE)
OPERATOR = SITE.identity("operator")


class Elsewhere:
    """A backend that is not ours, with a run in it and a client of somebody else."""

    def __init__(self, prepared: PreparedBackend, stack: ExitStack) -> None:
        self.prepared = prepared
        self.others = SciCat(Transport(prepared.base_url), prepared.tokens)
        self.ours = open_client(prepared)
        stack.callback(self.others.transport.close)
        stack.callback(self.ours.transport.close)

    def job_of_somebody(self, params: Mapping[str, Any]) -> str:
        """A job that this run did not make; its id."""
        body = {"type": PROBE_TYPE, "jobParams": dict(params), "contactEmail": "a@b.example"}
        reply = self.others.send(OPERATOR, "POST", "/api/v4/jobs", body=body)
        assert reply.status == 201, reply.summary()
        return str(reply.json["id"])

    def jobs(self) -> set[str]:
        """Ids of all jobs that are there."""
        return {str(each["id"]) for each in self.others.find_jobs(JANITOR, {})}

    def datasets(self) -> set[str]:
        """Pids of all datasets of the run that are there."""
        return {pid for pid in self.prepared.pids.values() if self._has(pid)}

    def _has(self, pid: str) -> bool:
        found = self.others.send(JANITOR, "GET", f"/api/v3/datasets/{quote(pid, safe='')}")
        return isinstance(found.json, dict) and found.json.get("pid") == pid

    def remove(self) -> Removal:
        """Remove what the run made."""
        return remove_made(self.prepared, JANITOR)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, stack: ExitStack, tmp_path: Path) -> Elsewhere:
    """With a defect where the test names one."""
    defect: str | None = getattr(request, "param", None)
    deployment = EmbeddedDeployment(tmp_path, defect=defect)
    stack.callback(deployment.close)
    backend = replace(deployment.start(SITE), owned=False)
    prepared = log_in(backend, SITE, JANITOR, RUN, tmp_path / "made.jsonl")
    return Elsewhere(furnish(prepared, SITE, JANITOR, (PROBE_TYPE, PROBE_JOBS)), stack)


def where_ignored(function: Any) -> Any:
    """The backend does not look at what a full query asks for."""
    return pytest.mark.parametrize("elsewhere", ["fullquery.where-ignored"], indirect=True)(
        function
    )


def test_everything_of_the_run_goes_and_nothing_else(elsewhere: Elsewhere) -> None:
    foreign = elsewhere.job_of_somebody({"archive": "tape"})
    assert len(elsewhere.jobs()) > 1
    assert elsewhere.datasets()
    assert elsewhere.remove() == Removal()
    assert elsewhere.jobs() == {foreign}
    assert elsewhere.datasets() == set()
    assert len(MadeList(elsewhere.prepared.made or Path()).read()) == 0
    assert elsewhere.remove() == Removal()


@pytest.mark.parametrize(
    "params",
    [
        {"run": RUN},
        {"run": RUN, "correlation": f"{RUN}-main-0000000"},
        {"run": RUN, "note": f"see {RUN}"},
    ],
    ids=["marker", "marker-and-correlation", "marker-and-text"],
)
def test_a_job_that_quotes_the_marker_stays_and_is_named(
    params: Mapping[str, str], elsewhere: Elsewhere
) -> None:
    foreign = elsewhere.job_of_somebody(params)
    removal = elsewhere.remove()
    assert elsewhere.jobs() == {foreign}
    assert (len(removal.left), removal.findings) == (1, [])
    assert foreign in removal.left[0]
    assert "left alone" in removal.left[0]


@pytest.mark.parametrize("text", [RUN, f"{RUN} and more", f'{{"run": "{RUN}"}}'])
def test_a_job_that_speaks_of_the_run_is_nobodys_business(text: str, elsewhere: Elsewhere) -> None:
    foreign = elsewhere.job_of_somebody({"note": text, "nested": {"run": RUN}})
    assert elsewhere.remove() == Removal()
    assert elsewhere.jobs() == {foreign}


@where_ignored
def test_a_query_that_returns_others_ends_the_removal(elsewhere: Elsewhere) -> None:
    elsewhere.job_of_somebody({"archive": "tape"})
    before = elsewhere.jobs()
    removal = elsewhere.remove()
    assert elsewhere.jobs() == before
    assert elsewhere.datasets()
    assert "returned 1 objects without it" in removal.findings[0]
    assert "the removal was stopped" in removal.left[0]


@where_ignored
def test_a_thousand_jobs_of_others_survive(elsewhere: Elsewhere) -> None:
    foreign = {elsewhere.job_of_somebody({"number": number}) for number in range(1000)}
    removal = elsewhere.remove()
    assert foreign <= elsewhere.jobs()
    assert "returned 1000 objects" in removal.findings[0]


def test_a_thousand_jobs_of_others_are_not_in_the_way(elsewhere: Elsewhere) -> None:
    foreign = {elsewhere.job_of_somebody({"number": number}) for number in range(1000)}
    assert elsewhere.remove() == Removal()
    assert elsewhere.jobs() == foreign


def lost_reply(elsewhere: Elsewhere, token: str, by: str = OPERATOR.name) -> str:
    """A create of the run whose reply never came; the id of its job, which the run never learns."""
    assert elsewhere.prepared.made is not None
    call = HttpRequest("POST", "/api/v4/jobs", by, correlation=token)
    MadeList(elsewhere.prepared.made).asking(call)
    return elsewhere.job_of_somebody({"run": RUN, "correlation": token})


def test_a_job_whose_reply_was_lost_goes(elsewhere: Elsewhere) -> None:
    lost_reply(elsewhere, f"{RUN}-main-0000007")
    assert elsewhere.remove() == Removal()
    assert elsewhere.jobs() == set()


def test_of_two_jobs_with_one_token_both_stay(elsewhere: Elsewhere) -> None:
    token = f"{RUN}-main-0000007"
    quoting = elsewhere.job_of_somebody({"run": RUN, "correlation": token})
    two = {lost_reply(elsewhere, token), quoting}
    removal = elsewhere.remove()
    assert elsewhere.jobs() == two
    assert "2 jobs quote the marker" in removal.left[0]


def test_a_token_in_a_job_of_another_creator_proves_nothing(elsewhere: Elsewhere) -> None:
    stays = lost_reply(elsewhere, f"{RUN}-main-0000007", by="user1")
    elsewhere.remove()
    assert elsewhere.jobs() == {stays}


def test_a_dataset_that_was_there_before_stays(stack: ExitStack, tmp_path: Path) -> None:
    deployment = EmbeddedDeployment(tmp_path)
    stack.callback(deployment.close)
    backend = replace(deployment.start(SITE), owned=False)
    prepared = log_in(backend, SITE, JANITOR, RUN, tmp_path / "made.jsonl")
    alias, pid = list(prepared.pids.items())[3]
    other = replace(prepared, made=None, pids={alias: pid})
    furnish(other, replace(SITE, datasets={alias: SITE.datasets[alias]}), JANITOR)
    with pytest.raises(EnvironmentFault, match="could not make a dataset"):
        furnish(prepared, SITE, JANITOR)
    found = Elsewhere(prepared, stack)
    assert len(found.datasets()) > 1
    assert found.remove() == Removal()
    assert found.datasets() == {pid}


def test_who_may_not_remove_names_what_is_left(elsewhere: Elsewhere) -> None:
    removal = remove_made(elsewhere.prepared, SITE.identity("user1"))
    assert elsewhere.jobs()
    assert elsewhere.datasets()
    assert removal.left or removal.findings
    assert elsewhere.remove() == Removal()


def test_a_backend_that_is_gone_names_what_is_left(elsewhere: Elsewhere, stack: ExitStack) -> None:
    stack.close()
    removal = elsewhere.remove()
    assert "jobs and" in removal.left[0]
    assert "no reply from" in removal.left[0]


def test_jobs_made_for_checks_are_listed(elsewhere: Elsewhere) -> None:
    marks = {"run": RUN, "made-for": "update"}
    job = make_job(
        elsewhere.ours, JANITOR, PROBE_TYPE, PROBE_JOBS[0], marks, elsewhere.prepared.pids
    )
    assert elsewhere.prepared.made is not None
    assert job["id"] in MadeList(elsewhere.prepared.made).read().jobs
