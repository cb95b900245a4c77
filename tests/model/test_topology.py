"""What a run declares on its broker, and what is there beyond it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scicat_harness.fixtures.site import SITE
from scicat_harness.model.action import Rabbitmq, Switch, SwitchCase
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.option import Phase
from scicat_harness.model.sentinel import BARRIER_KEY
from scicat_harness.model.topology import Route, Topology, topology_of, unexplained

INNER = Rabbitmq("inner", "$run.in", "k")
NESTED = Switch(Phase.PERFORM, "request", (SwitchCase((INNER,)),))
JOB_TYPES = (
    JobType("one", "#all", "#all", (Rabbitmq("$run.jobs", "$run.one", "one"),)),
    JobType("two", "#all", "#all", (), (NESTED,)),
)
EXPECTED = topology_of([SITE.with_job_types("small", JOB_TYPES)], "r")
OURS = "amq.gen-ours"
OF_A_BROKER = frozenset({"", "amq.topic"})


def test_a_run_declares_what_its_actions_name_and_the_routes_of_barriers() -> None:
    assert EXPECTED.exchanges == {"r.jobs", "inner"}
    assert EXPECTED.routes == {
        Route("", "r.one", "r.one"),
        Route("r.jobs", "r.one", "one"),
        Route("r.jobs", "r.one", BARRIER_KEY),
        Route("", "r.in", "r.in"),
        Route("inner", "r.in", "k"),
        Route("inner", "r.in", BARRIER_KEY),
    }


def test_what_is_expected_and_what_the_sinks_bind_is_explained() -> None:
    sinks = {Route("", OURS, OURS), Route("r.jobs", OURS, "#")}
    observed = Topology(EXPECTED.exchanges | OF_A_BROKER, EXPECTED.routes | sinks)
    assert list(unexplained(observed, EXPECTED, OURS)) == []


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (Topology(frozenset({"tap"}), frozenset()), "no action declares the exchange 'tap'"),
        (
            Topology(frozenset(), frozenset({Route("", "tap", "tap")})),
            "no action declares the queue 'tap'",
        ),
        (
            Topology(frozenset(), frozenset({Route("r.jobs", "r.one", "#")})),
            "no action binds the queue 'r.one' to the exchange 'r.jobs' with the key '#'",
        ),
    ],
)
def test_everything_else_is_a_finding(more: Topology, sentence: str) -> None:
    observed = replace(
        EXPECTED,
        exchanges=EXPECTED.exchanges | more.exchanges,
        routes=EXPECTED.routes | more.routes,
    )
    assert list(unexplained(observed, EXPECTED, OURS)) == [sentence]


def test_a_topology_travels_as_plain_data() -> None:
    assert Topology.from_json(EXPECTED.to_json()) == EXPECTED
