"""The sweep: what no request explains is found, and named with the requests of that moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.client.transcript import Exchange
from scicat_harness.deploy.mongo import StoredPolicy
from scicat_harness.judge import sweep as module
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.sweep import sweep, sweep_backend
from scicat_harness.model.identity import Identity
from scicat_harness.probe.prepared import PreparedBackend
from scicat_harness.scenarios.jobs import JANITOR

from ..stubs import TOKEN, context_of, exchange_of

AT = "2026-01-31T12:00:00.000Z"
SECONDS = 1769860800.0


def job(name: str, number: int, **fields: Any) -> dict[str, Any]:
    """A stored job with the correlation of that number."""
    params = {"run": "run", "correlation": f"run-main-{number:07d}"}
    times = {"createdAt": AT, "updatedAt": AT}
    return {"_id": name, "id": name, "type": "t", "jobParams": params, **times, **fields}


class Client:
    """A client of a backend that has these jobs; datasets by path."""

    def __init__(self, *jobs: dict[str, Any]) -> None:
        self.jobs = jobs
        self.transport = self

    def find_jobs(self, identity: Identity, where: Mapping[str, Any]) -> list[dict[str, Any]]:
        del identity
        if "id" in where:
            return [each for each in self.jobs if each["id"] in where["id"]["$in"]]
        marked = [each for each in self.jobs if "run" in each["jobParams"]]
        return (
            [each for each in self.jobs if each not in marked]
            if "jobParams.run" in where
            else marked
        )

    def query(self, identity: Identity, path: str, params: Mapping[str, Any]) -> Exchange:
        """The facet of the ids."""
        del identity, path, params
        return exchange_of(200, [{"id": [{"_id": each["id"], "count": 1} for each in self.jobs]}])

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def context() -> CheckContext:
    """A context that made two jobs by two correlations."""
    made = context_of()
    for number, name in enumerate(("a", "b")):
        made.correlation()
        made.known.note(job(name, number))
    made.sent.append((SECONDS - 1, SECONDS + 1, "scenarios/case"))
    return made


def swept(context: CheckContext, *jobs: dict[str, Any]) -> list[str]:
    """The findings where these jobs are stored."""
    context.client = Client(*jobs)  # type: ignore[assignment]
    return list(sweep(context))


def test_everything_is_as_it_was_left(context: CheckContext) -> None:
    assert swept(context, job("a", 0), job("b", 1)) == []


def test_a_job_that_changed(context: CheckContext) -> None:
    (text,) = swept(context, job("a", 0, type="u"), job("b", 1))
    assert "the job a changed after its last permitted request" in text
    assert "type is 'u' instead of 't'" in text
    assert f"(at {AT}, during scenarios/case)" in text


def test_a_job_that_is_gone(context: CheckContext) -> None:
    assert swept(context, job("a", 0)) == ["the job b is gone, which no permitted request deleted"]


def test_two_jobs_of_one_request(context: CheckContext) -> None:
    (text,) = swept(context, job("a", 0), job("b", 1), job("c", 1))
    assert text.startswith("two jobs carry the correlation run-main-0000001")


def backend(tmp_path: Path, log: str = "") -> PreparedBackend:
    """A backend whose log has this text."""
    path = tmp_path / "backend.log"
    path.write_text(log)
    return PreparedBackend("run", "http://127.0.0.1:1", True, path, {"user1": TOKEN})


def swept_backend(
    monkeypatch: pytest.MonkeyPatch, prepared: PreparedBackend, *jobs: dict[str, Any]
) -> list[str]:
    """The findings in a backend with these jobs."""
    monkeypatch.setattr(module, "open_client", lambda _: Client(*jobs))
    return list(sweep_backend(prepared, JANITOR, {"made"}, SECONDS - 60))


def test_a_job_without_marks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare = {"id": "x", "type": "t", "createdBy": "user1", "createdAt": AT, "jobParams": {}}
    old = {**bare, "id": "old", "createdAt": "2026-01-31T11:00:00.000Z"}
    (text,) = swept_backend(monkeypatch, backend(tmp_path), bare, old, {**bare, "id": "made"})
    assert text.startswith("no request explains the job {'id': 'x'")


def test_a_token_in_the_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    prepared = backend(tmp_path, f"line\nwith {TOKEN}\nand {TOKEN}\n")
    assert swept_backend(monkeypatch, prepared) == [
        "the log of the backend has the token of user1 in it"
    ]


def test_what_only_the_database_shows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    prepared = replace(
        backend(tmp_path), database="mongodb://127.0.0.1/x", collections={"User": "1", "Role": "1"}
    )
    monkeypatch.setattr(module, "stored_ids", lambda *_: ["a", "hidden"])
    monkeypatch.setattr(module, "fingerprints", lambda *_, **__: {"User": "2", "Role": "1"})
    monkeypatch.setattr(module, "policies", lambda *_: {})
    monkeypatch.setattr(module, "owner_groups", lambda *_: [])
    assert swept_backend(monkeypatch, prepared, job("a", 0)) == [
        "the database has the job hidden, which the API does not show",
        "the collection User changed, which no request of the run may change",
    ]


def test_policies_are_added_for_owner_groups_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = {"kept": "1", "changed": "1", "gone": "1"}
    after = {
        "kept": StoredPolicy("group1", "1"),
        "changed": StoredPolicy("group2", "2"),
        "of-a-new-dataset": StoredPolicy("group3", "1"),
        "of-nobody": StoredPolicy("attackers", "1"),
    }
    prepared = replace(backend(tmp_path), database="mongodb://127.0.0.1/x", policies=before)
    monkeypatch.setattr(module, "stored_ids", lambda *_: [])
    monkeypatch.setattr(module, "fingerprints", lambda *_, **__: {})
    monkeypatch.setattr(module, "policies", lambda *_: after)
    monkeypatch.setattr(module, "owner_groups", lambda *_: ["group3"])
    assert swept_backend(monkeypatch, prepared) == [
        "the policy changed of group2 changed, which no request of the run may do",
        "the policy gone is gone, which no request of the run may do",
        "no request explains the policy of-nobody of attackers, which owns no dataset",
    ]
