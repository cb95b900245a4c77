"""The journal by itself: order, index, waking, and what a lost channel means."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.sinks.arrival import Arrival
from scicat_harness.sinks.behaviour import (
    Behaviour,
    Drop,
    HalfClose,
    HttpAnswer,
    Late,
    Redirect,
    RefuseRecipient,
    Reset,
    channels_of,
    described,
    understood,
)
from scicat_harness.sinks.bindings import Bindings
from scicat_harness.sinks.journal import Awaited, Journal
from scicat_harness.sinks.paths import behaviour_in

PATTERN = r"t-[a-z0-9]+-\d{7}"


def token(number: int) -> str:
    """Tokens sort by number."""
    return f"t-w-{number:07d}"


@pytest.fixture
def journal() -> Journal:
    """Without a file."""
    return Journal(PATTERN)


def test_order_is_kept_under_many_threads(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(PATTERN, path)

    def add(worker: int) -> None:
        for number in range(50):
            journal.add("url", "url", {"path": token(worker * 100 + number)})

    threads = [threading.Thread(target=add, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [each.seq for each in journal.after(0)] == list(range(1, 201))
    second = journal.between(token(100), token(149))
    assert [each.correlation for each in second] == [token(100 + n) for n in range(50)]
    written = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [Arrival.from_json(each) for each in written] == journal.after(0)
    journal.close()
    journal.close()


def test_the_file_can_be_read_after_each_arrival(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(PATTERN, path)
    journal.add("url", "url", {"path": "\udcff"})
    assert path.read_text(encoding="utf-8").endswith("\n")
    journal.close()


def test_only_those_who_wait_for_it_are_woken(journal: Journal) -> None:
    one, other = threading.Event(), threading.Event()
    with journal.waking({token(1)}, one.set), journal.waking({token(2)}, other.set):
        journal.add("url", "url", {"path": f"{token(0)} {token(1)}"})
        assert (one.is_set(), other.is_set()) == (True, False)
        one.clear()
        journal.lose("amqp", "gone")
        assert (one.is_set(), other.is_set()) == (True, True)
    one.clear()
    journal.add("url", "url", {"path": token(1)})
    assert not one.is_set()


def test_what_an_await_takes(journal: Journal) -> None:
    journal.add("url", "url", {"path": token(1)})
    journal.add("email", "smtp", {"html": token(1)})
    journal.add("url", "other", {"path": token(2)})
    assert journal.missing([Awaited(token(1), count=2)]) == []
    for awaited in (
        Awaited(token(1), count=3),
        Awaited(token(1), "url", count=2),
        Awaited(token(2), "url", "url"),
        Awaited(token(3)),
    ):
        assert journal.missing([awaited]) == [awaited]


def test_a_lost_channel(journal: Journal) -> None:
    journal.demand(None)
    journal.lose("amqp", "first reason")
    journal.lose("amqp", "second reason")
    journal.demand("email")
    for channel in ("amqp", None):
        with pytest.raises(EnvironmentFault, match="first reason"):
            journal.demand(channel)
    journal.restore("amqp")
    journal.demand(None)


def test_keys_of_mappings_are_no_evidence(journal: Journal) -> None:
    arrival = journal.add("amqp", "q", {"json": {token(1): [{"a": token(2)}]}}, also=[token(3)])
    assert arrival.tokens == (token(2), token(3))


@pytest.mark.parametrize(
    "behaviour",
    [
        HttpAnswer(500, "x", {"a": "b"}),
        Redirect(hops=2),
        Late(1, Late(2, Drop("data"))),
        Reset(),
        HalfClose(),
        RefuseRecipient(451),
    ],
)
def test_a_behaviour_survives_being_sent(behaviour: Behaviour) -> None:
    assert understood(json.loads(json.dumps(described(behaviour)))) == behaviour


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "HttpAnswer"}, "missing 1 required"),
        ({"kind": "Redirect", "status": 200}, "does not redirect"),
        ({"kind": "Redirect", "hops": 0}, "0 hops"),
        ({"kind": "Late", "seconds": 1000}, "a delay of 1000 s"),
        ({"kind": "Drop", "stage": "quit"}, "stage 'quit' is none of"),
        ({"kind": "RefuseData", "code": 250}, "code 250 does not refuse"),
        ({"kind": "HalfClose", "body": "x"}, "two characters"),
    ],
)
def test_a_behaviour_that_makes_no_sense(data: dict[str, object], said: str) -> None:
    with pytest.raises(UsageFault, match=said):
        understood(data)


def test_bindings_apply_to_their_channel_source_and_match() -> None:
    bindings = Bindings()
    bindings.add("abc", HttpAnswer(500), seconds=60, source="here", client="c")
    bindings.add("abc", RefuseRecipient(), seconds=60)
    assert bindings.matching("url", "here", ["xabcx"]) == [HttpAnswer(500)]
    assert bindings.matching("url", "there", ["xabcx"]) == []
    assert bindings.matching("email", "there", ["", "abc"]) == [RefuseRecipient()]
    assert bindings.matching("email", "there", ["ab", "c"]) == []
    bindings.forget_client("c")
    assert bindings.matching("url", "here", ["abc"]) == []
    assert len(bindings) == 1
    assert channels_of(Late(1)) == ("email", "url")


@pytest.mark.parametrize(
    ("target", "behaviour"),
    [
        ("/", None),
        ("/statuses/500", None),
        ("/status/500", HttpAnswer(500)),
        ("/status/500/body/a%2Fb/rest", HttpAnswer(500, "a/b")),
        ("/redirect/3/x?q=1", Redirect(to="/redirect/2/x?q=1")),
        ("/redirect/0/status/500/x", HttpAnswer(500)),
        ("/redirect-loop/x?q", Redirect(to="/redirect-loop/x?q", loop=True)),
        ("/late/250/reset/x", Late(0.25, Reset())),
        ("/late/99999999/x", None),
        ("/half", HalfClose()),
    ],
)
def test_behaviour_in_a_path(target: str, behaviour: Behaviour | None) -> None:
    assert behaviour_in(target) == behaviour
