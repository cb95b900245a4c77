"""Watching effects: barriers at sinks and log, what is handed out, and what comes too late."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from urllib.request import urlopen

import pika
import pytest

from scicat_harness.broker.embedded_broker import EmbeddedBroker
from scicat_harness.deploy.sinks import start_sinks
from scicat_harness.errors import DeadlineExceeded, EnvironmentFault
from scicat_harness.model.action import Rabbitmq
from scicat_harness.probe.loglines import LogReader
from scicat_harness.probe.sources import LogSource, Places, SinkSource, Source
from scicat_harness.probe.watch import EffectWatch
from scicat_harness.processes.children import Children
from scicat_harness.sinks.address import SinksAddress
from scicat_harness.sinks.client import Sinks

RUN = "harness-0f0f0f0f"
EXCHANGE, QUEUE, KEY = f"{RUN}.jobs", f"{RUN}.usual", "usual"
TOKENS = re.compile(rf"{RUN}-[a-z0-9]+-\d{{7}}")
SHORT = 0.3
_NUMBERS = count()


def mint() -> str:
    """A token that is greater than all before."""
    return f"{RUN}-main-{next(_NUMBERS):07d}"


class Scenery:
    """Real sinks and a broker, with a queue bound as a backend would."""

    def __init__(self, folder: Path, children: Children) -> None:
        self.address: SinksAddress = start_sinks(folder / "sinks", RUN, children)
        self.broker = EmbeddedBroker(folder, children)
        where = self.broker.address
        self._connection = pika.BlockingConnection(
            pika.ConnectionParameters(where.host, where.port, heartbeat=0)
        )
        self._channel = self._connection.channel()
        self._channel.exchange_declare(EXCHANGE, "topic", durable=True)
        self._channel.queue_declare(QUEUE, durable=True)
        self._channel.queue_bind(QUEUE, EXCHANGE, KEY)
        with Sinks(self.address) as sinks:
            sinks.amqp.connect(where.url)
            sinks.amqp.bind(EXCHANGE)
            sinks.amqp.consume(QUEUE)

    def publish(self, token: str) -> None:
        """A message of a request."""
        self._channel.basic_publish(EXCHANGE, KEY, f'{{"token": "{token}"}}'.encode())

    def call(self, token: str) -> None:
        """A call of a request."""
        with urlopen(f"{self.address.url}/done/{token}", timeout=5) as reply:
            reply.read()

    def close(self) -> None:
        """Let go of the broker."""
        self._connection.close()


@pytest.fixture(scope="module")
def scenery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenery]:
    """One for all tests: every test has tokens of its own."""
    children = Children()
    try:
        made = Scenery(tmp_path_factory.mktemp("scenery"), children)
        yield made
        made.close()
        made.broker.close()
    finally:
        children.close()


@pytest.fixture
def sinks(scenery: Scenery) -> Iterator[Sinks]:
    """A client of the sinks."""
    with Sinks(scenery.address) as client:
        yield client


PLACES = Places.of([Rabbitmq(EXCHANGE, QUEUE, KEY)])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of a backend."""
    path = tmp_path / "backend.log"
    path.touch()
    return path


def line(token: str, *, context: str = "LogJobAction") -> str:
    """A line of a request."""
    return f"[Nest] 1  - 11/23/2026, 9:00:00 PM     LOG [{context}] done {token}\n"


class Backend:
    """Sends sentinels as a backend would; ``forgets`` what it does not do."""

    def __init__(self, scenery: Scenery, sinks: Sinks, log: Path | None) -> None:
        self.scenery, self.log = scenery, log
        self.publishes = self.writes = True
        self.behind: list[str] = []
        """Lines that are written right after the sentinel's."""
        sources: list[Source] = [SinkSource(sinks, PLACES)]
        if log is not None:
            sources.append(LogSource(LogReader(log, TOKENS)))
        self.watch = EffectWatch(sinks, self.sentinel, sources, TOKENS, deadline=SHORT)

    def sentinel(self) -> str:
        """Make a sentinel job."""
        token = mint()
        if self.publishes:
            self.scenery.publish(token)
        if self.writes and self.log is not None:
            self.write(line(token), *self.behind)
        return token

    def write(self, *lines: str) -> None:
        """Write lines into the log."""
        assert self.log is not None
        with self.log.open("a") as log:
            log.write("".join(lines))


@pytest.fixture
def backend(scenery: Scenery, sinks: Sinks, log: Path) -> Backend:
    """One that does what it should."""
    return Backend(scenery, sinks, log)


def test_messages_calls_and_lines_are_handed_out_by_request(
    backend: Backend, scenery: Scenery
) -> None:
    first, second = mint(), mint()
    scenery.call(first)
    scenery.publish(second)
    backend.write(line(first))
    seen = backend.watch.settle([first, second])
    assert [each.channel for each in seen.arrivals[first]] == ["url", "log"]
    assert sorted(each.source for each in seen.arrivals[second]) == ["exchange", QUEUE]
    assert seen.barrier == pytest.approx(time.time(), abs=60)


def test_the_barrier_itself_is_nobodys_effect(backend: Backend) -> None:
    token = mint()
    assert backend.watch.settle([token]).arrivals == {}


def test_only_what_lies_between_the_tokens_comes_from_the_sinks(
    backend: Backend, scenery: Scenery
) -> None:
    before, first, last, behind = (mint() for _ in range(4))
    for token in (before, first, last, behind):
        scenery.call(token)
    assert backend.watch.settle([first, last]).arrivals.keys() == {first, last}


def test_lines_of_other_loggers_are_no_effects(backend: Backend) -> None:
    token = mint()
    backend.write(line(token, context="JobsController"), line("nobody"))
    seen = backend.watch.settle([token])
    assert seen.arrivals == {}
    assert [each.content["text"] for each in seen.stray] == ["done nobody"]


def test_a_barrier_that_no_queue_sees_is_an_environment_fault(backend: Backend) -> None:
    backend.publishes = False
    with pytest.raises(DeadlineExceeded, match=rf"was not seen at exchange, {QUEUE} within 0.3 s"):
        backend.watch.settle([mint()])


def test_a_barrier_that_the_log_does_not_show_is_an_environment_fault(backend: Backend) -> None:
    backend.writes = False
    with pytest.raises(DeadlineExceeded, match=r"in the backend's log within 0\.3 s"):
        backend.watch.settle([mint()])


def test_a_line_that_only_mentions_the_sentinel_is_no_barrier(backend: Backend) -> None:
    backend.writes = False
    sentinel = backend.sentinel

    def with_a_line() -> str:
        token = sentinel()
        backend.write(line(token, context="JobsController"))
        return token

    backend.watch.send_sentinel = with_a_line
    with pytest.raises(DeadlineExceeded, match="in the backend's log"):
        backend.watch.settle([mint()])


def test_where_no_log_can_be_seen_only_messages_are_awaited(scenery: Scenery, sinks: Sinks) -> None:
    token = mint()
    scenery.publish(token)
    seen = Backend(scenery, sinks, None).watch.settle([token])
    assert len(seen.arrivals[token]) == 2


def test_a_line_behind_the_barrier_belongs_to_the_next_batch(backend: Backend) -> None:
    first, second = mint(), mint()
    backend.behind = [line(second)]
    assert backend.watch.settle([first]).arrivals == {}
    backend.behind = []
    assert [each.channel for each in backend.watch.settle([second]).arrivals[second]] == ["log"]


def test_nothing_is_late_when_nothing_was_settled(backend: Backend, scenery: Scenery) -> None:
    scenery.call(mint())
    assert backend.watch.late() == []


def test_what_was_settled_is_not_late(backend: Backend, scenery: Scenery) -> None:
    token = mint()
    scenery.call(token)
    backend.write(line(token))
    backend.watch.settle([token])
    assert backend.watch.late() == []


def test_a_call_after_its_barrier_is_late(backend: Backend, scenery: Scenery) -> None:
    token = mint()
    scenery.call(token)
    backend.watch.settle([token])
    scenery.call(token)
    (late,) = backend.watch.late()
    assert (late.correlation, late.channel) == (token, "url")


def test_a_message_of_a_request_without_effects_is_late(backend: Backend, scenery: Scenery) -> None:
    token = mint()
    backend.watch.settle([token])
    scenery.publish(token)
    backend.watch.settle([mint()])  # behind it, so that it has arrived
    assert [each.correlation for each in backend.watch.late()] == [token, token]


def test_a_line_after_its_barrier_is_late(backend: Backend) -> None:
    token = mint()
    backend.behind = [line(token)]
    backend.watch.settle([token])
    backend.behind = []
    assert [each.correlation for each in backend.watch.late()] == [token]


def test_a_late_line_is_not_forgotten_by_the_next_batch(backend: Backend) -> None:
    token = mint()
    backend.behind = [line(token)]
    backend.watch.settle([token])
    backend.behind = []
    backend.watch.settle([mint()])
    assert [each.correlation for each in backend.watch.late()] == [token]


def test_what_the_backend_tells_of_a_request_later_is_no_late_effect(backend: Backend) -> None:
    token = mint()
    backend.watch.settle([token])
    backend.write(line(token, context="JobsController"))
    assert backend.watch.late() == []


def test_an_audit_waits_as_long_as_requested(backend: Backend) -> None:
    backend.watch.settle([mint()])
    began = time.monotonic()
    assert backend.watch.late(quiet=0.2) == []
    assert 0.2 <= time.monotonic() - began < 5


def test_sinks_that_are_gone_are_an_environment_fault(tmp_path: Path) -> None:
    children = Children()
    sinks = Sinks(start_sinks(tmp_path, RUN, children))
    watch = EffectWatch(sinks, mint, [SinkSource(sinks, PLACES)], deadline=SHORT)
    children.close()
    with pytest.raises(EnvironmentFault):
        watch.settle([mint()])
    sinks.close()


A, B = Rabbitmq("x", "a", "k"), Rabbitmq("x", "b", "k")
ELSEWHERE = Rabbitmq("x", "a", "other")


@pytest.mark.parametrize(
    ("sent", "counts"),
    [
        ([], {}),
        ([A], {"exchange": 1, "a": 1}),
        ([A, B], {"exchange": 2, "a": 2, "b": 2}),
        ([A, ELSEWHERE], {"exchange": 2, "a": 2}),
        ([A, B, ELSEWHERE], {"exchange": 3, "a": 3, "b": 2}),
        ([A, Rabbitmq("y", "c", "k")], {"exchange": 2, "a": 1, "c": 1}),
    ],
    ids=["nothing", "one", "one-route", "two-keys", "all", "two-exchanges"],
)
def test_a_sentinel_is_counted_wherever_its_routes_lead(
    sent: list[Rabbitmq], counts: dict[str, int]
) -> None:
    places = Places.of(sent)
    assert dict(places.counts) == counts
    assert places.queues == sorted(set(counts) - {"exchange"})


def test_a_sentinel_is_awaited_in_every_queue_that_is_routed_to() -> None:
    routed = [replace(each, key="barrier") for each in (A, B)]
    places = Places.of([replace(A, key="barrier")], routed)
    assert dict(places.counts) == {"exchange": 1, "a": 1, "b": 1}
