"""Sentinels: who is watched, and a sentinel that the backend refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scicat_harness.client.scicat import SciCat
from scicat_harness.client.transcript import Exchange
from scicat_harness.errors import EnvironmentFault
from scicat_harness.fixtures.blueprints.site import effects_site
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.fixtures.site import SITE
from scicat_harness.model.action import bindings_of
from scicat_harness.model.identity import Identity
from scicat_harness.model.release import CURRENT
from scicat_harness.model.request import CreateRequest
from scicat_harness.model.sentinel import BARRIER_KEY
from scicat_harness.probe.prepared import PreparedBackend
from scicat_harness.probe.sentinel import open_watch, send_sentinel

from ..stubs import exchange_of

STAGE = PreparedBackend("run", "http://127.0.0.1:1", True, None, {})
EFFECTS = effects_site(CURRENT)


class Answering(SciCat):
    """A client whose backend answers every create with this."""

    def __init__(self, status: int) -> None:
        super().__init__(None, {})  # type: ignore[arg-type]
        self.status = status
        self.sent: list[tuple[Identity, CreateRequest, Any]] = []

    def submit(self, identity: Identity, request: CreateRequest, pids: Any, marks: Any) -> Exchange:
        """Answer at once."""
        del pids
        self.sent.append((identity, request, marks))
        return exchange_of(self.status, {"message": "no"})


def test_a_sentinel_carries_its_correlation_and_the_run() -> None:
    client = Answering(201)
    send_sentinel(client, JANITOR, "sentinel", "run", "run-main-1")
    ((identity, request, marks),) = client.sent
    assert (identity, request.job_type) == (JANITOR, "sentinel")
    assert marks == {"run": "run", "correlation": "run-main-1"}


def test_a_sentinel_that_is_refused_is_an_environment_fault() -> None:
    with pytest.raises(EnvironmentFault, match=r"refused the sentinel job run-main-1, .* 400"):
        send_sentinel(Answering(400), JANITOR, "sentinel", "run", "run-main-1")


def test_without_sinks_there_is_nothing_to_watch() -> None:
    assert open_watch(STAGE, EFFECTS, Answering(201), JANITOR, str) is None


def test_a_site_without_a_sentinel_is_not_watched() -> None:
    prepared = replace(STAGE, sinks={})
    assert open_watch(prepared, SITE, Answering(201), JANITOR, str) is None


def routes_of(*names: str) -> list[tuple[str, str, str]]:
    """The routes of these job types, in the order of their actions."""
    kinds = [EFFECTS.job_type(name) for name in names]
    actions = [action for each in kinds for action in each.actions]
    return [(each.exchange, each.queue, each.key) for each in bindings_of(actions)]


def test_the_first_sentinel_publishes_wherever_a_job_type_does() -> None:
    sentinels = (EFFECTS.first_sentinel, EFFECTS.sentinel)
    others = routes_of(*(name for name in EFFECTS.job_types if name not in sentinels))
    first = routes_of(EFFECTS.first_sentinel)
    assert set(first) == set(others)
    assert len(first) == len(set(others))


def test_later_sentinels_publish_once_to_each_exchange_with_the_key_of_barriers() -> None:
    later = routes_of(EFFECTS.sentinel)
    first = routes_of(EFFECTS.first_sentinel)
    assert [exchange for exchange, _, _ in later] == list(dict.fromkeys(e for e, _, _ in first))
    assert {key for _, _, key in later} == {BARRIER_KEY}
    # So that the backend binds no queue to another exchange.
    assert {(exchange, queue) for exchange, queue, _ in later} <= {(e, q) for e, q, _ in first}
