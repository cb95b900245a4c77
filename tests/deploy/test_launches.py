"""Launches: attempts, ends, data that is shared by name, on the embedded deployment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.session import Logins
from scicat_harness.client.transport import Transport
from scicat_harness.config.jobconfig import job_config_yaml
from scicat_harness.deploy.deployment import Backend, StartFiles
from scicat_harness.deploy.embedded import EmbeddedDeployment
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.request import CreateRequest, Ownership

TYPES = (JobType("archive", "#all", "#all"),)
SMALL = replace(
    SITE,
    name="small",
    job_types={each.name: each for each in TYPES},
    identities={JANITOR.name: JANITOR},
    data="kept",
)


# Without workers this process has started the backends of the scenarios, too.
_OTHERS: set[int] = set()


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[EmbeddedDeployment]:
    """Ended in the end."""
    _OTHERS.clear()
    _OTHERS.update(running())
    with closing(EmbeddedDeployment(tmp_path)) as made:
        yield made


def files(text: str | None = None) -> StartFiles:
    """What a backend can be started with, if the text is right."""
    return StartFiles(
        job_config_yaml(TYPES) if text is None else text, {"functionalAccounts.json": "[]"}
    )


def test_an_attempt_with_good_files_is_healthy(deployment: EmbeddedDeployment) -> None:
    found = deployment.attempt(files())
    assert (found.healthy, found.exit_code) == (True, None)


def test_an_attempt_with_bad_files_tells_exit_code_and_output(
    deployment: EmbeddedDeployment,
) -> None:
    found = deployment.attempt(files("configVersion: v1\njobs: 7\n"))
    assert (found.healthy, found.exit_code) == (False, 1)
    assert "jobs" in found.output


def test_a_configuration_that_is_not_there_is_part_of_an_attempt(
    deployment: EmbeddedDeployment,
) -> None:
    found = deployment.attempt(StartFiles(None, {"functionalAccounts.json": "[]"}))
    assert found.healthy in (True, False)


def test_variables_can_be_given_and_taken_away(
    deployment: EmbeddedDeployment, tmp_path: Path
) -> None:
    given = replace(files(), environment={"JOB_CONFIGURATION_FILE": str(tmp_path / "other.yaml")})
    (tmp_path / "other.yaml").write_text("configVersion: v1\njobs: 7\n")
    assert not deployment.attempt(given).healthy
    assert deployment.attempt(replace(given, environment={"JOB_CONFIGURATION_FILE": None})).healthy


def test_an_attempt_leaves_no_process(deployment: EmbeddedDeployment) -> None:
    deployment.attempt(files())
    assert running() == []


def running() -> list[int]:
    """The embedded backends below this process that the test has started."""
    found = psutil.Process().children(recursive=True)
    embedded = (each.pid for each in found if "scicat_harness.embedded" in each.cmdline())
    return [each for each in embedded if each not in _OTHERS]


def client_of(backend: Backend) -> SciCat:
    """The janitor's client."""
    transport = Transport(backend.base_url)
    return SciCat(transport, Logins(transport, backend.secrets, backend.tokens).tokens_for(SMALL))


def jobs(backend: Backend) -> list[str]:
    """The types of the jobs that are stored."""
    client = client_of(backend)
    try:
        return [each["type"] for each in client.find_jobs(JANITOR, {})]
    finally:
        client.transport.close()


def store(backend: Backend) -> None:
    """Make a job."""
    client = client_of(backend)
    asked = CreateRequest("archive", ownership=Ownership("nobodys", email="a@x.example"))
    assert client.submit(JANITOR, asked, {}, {"run": "r"}).status == 201
    client.transport.close()


def test_two_starts_share_their_data_by_name(deployment: EmbeddedDeployment) -> None:
    first = deployment.start(SMALL)
    store(first)
    deployment.end(first)
    second = deployment.start(SMALL)
    assert jobs(second) == ["archive"]
    assert jobs(deployment.start(replace(SMALL, data="other"))) == []
    assert jobs(deployment.start(replace(SMALL, data=""))) == []


def test_an_end_is_seen_and_may_be_asked_for_twice(deployment: EmbeddedDeployment) -> None:
    backend = deployment.start(SMALL)
    assert not deployment.has_ended(backend, 0.0)
    deployment.end(backend)
    assert deployment.has_ended(backend, 0.0)
    deployment.end(backend)
    assert running() == []


def test_a_backend_that_ends_by_itself_is_noticed(deployment: EmbeddedDeployment) -> None:
    backend = deployment.start(SMALL)
    (pid,) = running()
    psutil.Process(pid).kill()
    assert deployment.has_ended(backend, 10.0)


def test_every_start_has_a_folder_of_its_own(
    deployment: EmbeddedDeployment, tmp_path: Path
) -> None:
    logs = {deployment.start(SMALL).log for _ in range(2)}
    assert logs == {tmp_path / "small" / "backend.log", tmp_path / "small-2" / "backend.log"}
    accounts = json.loads((tmp_path / "small-2" / "functionalAccounts.json").read_text())
    assert [each["username"] for each in accounts] == [JANITOR.name]
