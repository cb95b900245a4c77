"""A backend that is not ours and lies: nothing of others is changed, and nothing false is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import HttpRequest, Transport
from scicat_harness.deploy.embedded import EmbeddedDeployment
from scicat_harness.errors import EnvironmentFault
from scicat_harness.fixtures.axes import PROBE_JOBS
from scicat_harness.fixtures.cases import PROBE_TYPE
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.request import PatchForm, UpdateRequest
from scicat_harness.probe.made import MadeList
from scicat_harness.probe.prepared import furnish, log_in

from .test_removal import JANITOR, RUN, Elsewhere

Lie = Callable[[HttpRequest, Exchange], Exchange]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def elsewhere(stack: ExitStack, tmp_path: Path) -> Elsewhere:
    deployment = EmbeddedDeployment(tmp_path)
    stack.callback(deployment.close)
    backend = replace(deployment.start(SITE), owned=False)
    prepared = log_in(backend, SITE, JANITOR, RUN, tmp_path / "made.jsonl")
    return Elsewhere(furnish(prepared, SITE, JANITOR, (PROBE_TYPE, PROBE_JOBS)), stack)


@pytest.fixture
def lying(monkeypatch: pytest.MonkeyPatch) -> Callable[[Lie], None]:
    """From now on replies are these; what has an answer before it is sent is not sent."""
    usual = Transport._answer

    def install(lie: Lie) -> None:
        def answer(self: Transport, call: HttpRequest, prepared: object, sent: object) -> object:
            unsent = lie(call, Exchange(call.method, "", "", None, {}, 0, "", 0.0))
            if unsent.status:
                return _Reply(unsent)
            reply = usual(self, call, prepared, sent)  # type: ignore[arg-type]
            text = reply.content.decode()
            changed = lie(
                call, Exchange(call.method, "", "", None, {}, reply.status_code, text, 0.0)
            )
            return _Reply(changed)

        monkeypatch.setattr(Transport, "_answer", answer)

    return install


class _Reply:
    def __init__(self, exchange: Exchange) -> None:
        self.status_code = exchange.status
        self.content = exchange.text.encode()
        self.headers = {"Content-Type": "application/json"}


def said(exchange: Exchange, status: int, text: str) -> Exchange:
    return replace(exchange, status=status, text=text)


def test_a_delete_that_does_nothing_is_found_out(
    elsewhere: Elsewhere, lying: Callable[[Lie], None]
) -> None:
    before = elsewhere.jobs()
    lying(
        lambda call, reply: (
            said(reply, 200, "{}") if call.method == "DELETE" and not reply.status else reply
        )
    )
    removal = elsewhere.remove()
    assert elsewhere.jobs() == before
    assert any("after DELETE was answered 200" in each for each in removal.findings)
    assert any("DELETE did not remove" in each for each in removal.left)
    assert elsewhere.prepared.made is not None
    assert len(MadeList(elsewhere.prepared.made).read().jobs) == len(before)
    assert MadeList(elsewhere.prepared.made).read().pids


def test_jobs_that_are_listed_and_cannot_be_read_are_left(
    elsewhere: Elsewhere, lying: Callable[[Lie], None]
) -> None:
    lying(
        lambda call, reply: (
            said(reply, 404, '{"message":"not found"}')
            if call.method == "GET" and "/jobs/" in call.path and "fullquery" not in call.path
            else reply
        )
    )
    removal = elsewhere.remove()
    assert any("answers otherwise than it must" in each for each in removal.left)
    assert elsewhere.jobs()


@pytest.mark.parametrize("job_id", ["", "..", "../../v3/datasets/x", "a b", "\n"])
def test_what_is_no_id_is_not_sent(job_id: str, elsewhere: Elsewhere) -> None:
    request = UpdateRequest("x", None)
    with pytest.raises(EnvironmentFault, match="was not sent"):
        elsewhere.ours.update(JANITOR, job_id, request, "mark")
    with pytest.raises(EnvironmentFault, match="was not sent"):
        elsewhere.ours.delete(JANITOR, job_id)


def test_a_job_of_somebody_else_is_neither_changed_nor_deleted(elsewhere: Elsewhere) -> None:
    foreign = elsewhere.job_of_somebody({"run": "another"})
    with pytest.raises(EnvironmentFault, match="is no job of this run"):
        elsewhere.ours.update(JANITOR, foreign, UpdateRequest("x", None), "mark")
    with pytest.raises(EnvironmentFault, match="is no job of this run"):
        elsewhere.ours.send(JANITOR, "DELETE", f"/api/v3/jobs/{foreign}")
    assert foreign in elsewhere.jobs()


def test_our_own_jobs_are_changed_and_unknown_ids_are_tried(elsewhere: Elsewhere) -> None:
    own = next(iter(elsewhere.prepared.probes.values()))
    request = UpdateRequest("x", None, form=PatchForm.REPLACE)
    assert elsewhere.ours.update(JANITOR, own, request, "mark").status in (200, 403)
    unknown = "00000000-0000-4000-8000-000000000000"
    assert elsewhere.ours.delete(JANITOR, unknown).status == 400


def test_a_dataset_of_somebody_else_is_not_changed(elsewhere: Elsewhere) -> None:
    for path in ("/api/v3/datasets/foreign%2F0", "/api/v4/datasets/x", "/api/v3/datasets"):
        with pytest.raises(EnvironmentFault, match="is no dataset of this run"):
            elsewhere.ours.send(JANITOR, "PATCH", path, body={})


def test_a_reply_that_names_another_dataset_is_refused(
    stack: ExitStack, tmp_path: Path, lying: Callable[[Lie], None]
) -> None:
    deployment = EmbeddedDeployment(tmp_path)
    stack.callback(deployment.close)
    backend = replace(deployment.start(SITE), owned=False)
    prepared = log_in(backend, SITE, JANITOR, RUN, tmp_path / "made.jsonl")
    lying(
        lambda call, reply: (
            said(reply, 201, '{"pid":"foreign/0"}')
            if call.method == "POST" and call.path.endswith("/datasets") and reply.status
            else reply
        )
    )
    with pytest.raises(EnvironmentFault, match="could not make a dataset"):
        furnish(prepared, SITE, JANITOR)
    made = MadeList(tmp_path / "made.jsonl").read()
    assert "foreign/0" not in made.pids
    assert all(each.startswith(f"{RUN}/") for each in made.pids)


def test_a_removal_that_must_stop_names_what_is_left(elsewhere: Elsewhere) -> None:
    from scicat_harness.probe.removal import remove_made

    removal = remove_made(elsewhere.prepared, JANITOR, lambda: True)
    assert "the removal was cut short" in removal.left[0]
    assert elsewhere.remove().left == []
