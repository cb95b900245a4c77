"""Runs against a backend that somebody else started: only what is the run's own is removed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.session import Logins
from scicat_harness.client.transport import Transport
from scicat_harness.config.startup import Secrets
from scicat_harness.deploy.external import read_accounts
from scicat_harness.deploy.readiness import wait_healthy
from scicat_harness.fixtures.cases import PROBE_TYPE
from scicat_harness.fixtures.site import SITE
from scicat_harness.fixtures.sites import janitor_of

from .runs import GONE, ROOT, Run, events, harness, started, wait_for

JANITOR = janitor_of(SITE)
FEW = ("--profile=smoke", "--only=delete", "--report-dir=report", "-n0")


@dataclass(frozen=True)
class Elsewhere:
    """A running backend with the configuration of the harness, and a job of somebody in it."""

    url: str
    folder: Path
    foreign: str

    def arguments(self, *more: str) -> tuple[str, ...]:
        """A run against it."""
        written = self.folder / "config"
        return (
            *("run", "--deployment=external", f"--url={self.url}", *FEW),
            f"--accounts={written / 'functionalAccounts.json'}",
            f"--backend-env={written / 'backend.env'}",
            *more,
        )

    def run(self, *more: str) -> Run:
        """A run against it, to its end."""
        return harness(*self.arguments(*more), cwd=self.folder, environment=self.variables)

    def clean(self, run: str) -> Run:
        """Remove what a run left."""
        accounts = f"--accounts={self.folder / 'config' / 'functionalAccounts.json'}"
        given = ("clean", run, f"--url={self.url}", accounts)
        return harness(*given, cwd=self.folder, environment=self.variables)

    @property
    def variables(self) -> dict[str, str]:
        """A state folder of the test's own."""
        return {"XDG_STATE_HOME": str(self.folder / "state")}

    def lists(self) -> list[Path]:
        """Lists of what runs made, of runs that left something."""
        return list(self.folder.glob("state/scicat-harness/runs/*/made-*.jsonl"))

    def jobs(self) -> set[str]:
        """Ids of all jobs."""
        with client(self.url, self.folder) as speaking:
            return {str(each["id"]) for each in speaking.find_jobs(JANITOR, {})}


@contextmanager
def client(url: str, folder: Path) -> Iterator[SciCat]:
    """The janitor's client, apart from any run."""
    accounts = read_accounts(folder / "config" / "functionalAccounts.json")
    with closing(Transport(url)) as transport:
        context = Logins(transport, Secrets({JANITOR.name: accounts.passwords[JANITOR.name]}, None))
        yield SciCat(transport, context.tokens_for(SITE))


@contextmanager
def backend(folder: Path, defect: str | None) -> Iterator[str]:
    """The address of one that is started with what ``config`` writes."""
    assert harness("config", "config", cwd=folder).code == 0
    lines = (folder / "config" / "backend.env").read_text(encoding="utf-8").splitlines()
    pairs = (each.partition("=") for each in lines if "=" in each and not each.startswith("#"))
    told = {name: value.strip("\"'") for name, _, value in pairs}
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        command = [sys.executable, "-m", "scicat_harness.embedded", "--fd", str(sock.fileno())]
        command += ["--defect", defect] if defect else []
        with subprocess.Popen(
            command,
            pass_fds=[sock.fileno()],
            cwd=folder / "config",
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **told},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                url = f"http://127.0.0.1:{sock.getsockname()[1]}"
                wait_healthy(url, deadline=30)
                yield url
            finally:
                process.kill()


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    with backend(tmp_path, getattr(request, "param", None)) as url:
        with client(url, tmp_path) as speaking:
            params = {"run": "of-the-archive", "note": "harness-deadbeef"}
            body = {"type": PROBE_TYPE, "jobParams": params, "contactEmail": "a@b.example"}
            reply = speaking.send(JANITOR, "POST", "/api/v4/jobs", body=body)
            assert reply.status == 201, reply.summary()
        yield Elsewhere(url, tmp_path, reply.json["id"])


def test_a_run_leaves_what_others_made_and_nothing_else(elsewhere: Elsewhere) -> None:
    run = elsewhere.run()
    assert run.code == 0, run.output
    assert elsewhere.jobs() == {elsewhere.foreign}
    assert elsewhere.lists() == []


@pytest.mark.parametrize("elsewhere", ["fullquery.where-ignored"], indirect=True)
def test_a_backend_that_ignores_the_filter_loses_nothing(elsewhere: Elsewhere) -> None:
    run = elsewhere.run("-k", "user1")
    assert run.code == 1, run.output
    assert run.says("without it", "nothing was removed", "left behind:")
    assert elsewhere.foreign in elsewhere.jobs()
    summary = json.loads((elsewhere.folder / "report" / "summary.json").read_text())
    assert summary["verdict"] == "fail"
    assert any("the removal was stopped" in each for each in summary["left_behind"])
    cleaned = elsewhere.clean(summary["run"])
    assert cleaned.code == 1, cleaned.output
    assert elsewhere.foreign in elsewhere.jobs()


def test_what_a_killed_run_leaves_is_told_and_removed_by_its_name(elsewhere: Elsewhere) -> None:
    with started(
        *elsewhere.arguments(), cwd=elsewhere.folder, environment=elsewhere.variables
    ) as run:
        wait_for(run, lambda: bool(events(elsewhere.folder / "report", "check")))
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=GONE)
    (begun,) = events(elsewhere.folder / "report", "started")
    assert len(elsewhere.jobs()) > 1
    told = harness("run", *FEW, cwd=elsewhere.folder, environment=elsewhere.variables)
    assert told.says("left behind: by an earlier run", f"scicat-harness clean {begun['run']}")
    assert told.code == 0, told.output
    wrong = harness(
        *("clean", begun["run"], "--url=http://127.0.0.1:1", "--accounts=config/backend.env"),
        cwd=elsewhere.folder,
        environment=elsewhere.variables,
    )
    assert wrong.code == 3, wrong.output
    cleaned = elsewhere.clean(begun["run"])
    assert cleaned.code == 0, cleaned.output
    assert elsewhere.jobs() == {elsewhere.foreign}
    assert elsewhere.lists() == []


def test_a_run_that_never_was_cannot_be_cleaned(elsewhere: Elsewhere) -> None:
    cleaned = elsewhere.clean("harness-deadbeef")
    assert cleaned.code == 3, cleaned.output
    assert cleaned.says("no list of objects that it made")
    assert elsewhere.jobs() == {elsewhere.foreign}
