"""Check list: which queues a message goes to."""

from __future__ import annotations

import pytest

from scicat_harness.broker.embedded.routing import topic_matches

from .client import Client, refused

TOPICS = [
    ("jobs.write", "jobs.write", True),
    ("jobs.write", "jobs.read", False),
    ("jobs.*", "jobs.write", True),
    ("jobs.*", "jobs", False),
    ("jobs.*", "jobs.write.now", False),
    ("jobs.*", "jobs.", True),
    ("*.write", "jobs.write", True),
    ("*", "", False),
    ("*", "jobs", True),
    ("*.*", "jobs", False),
    ("#", "", True),
    ("#", "jobs", True),
    ("#", "jobs.write.now", True),
    ("jobs.#", "jobs", True),
    ("jobs.#", "jobs.write.now", True),
    ("jobs.#", "job", False),
    ("#.now", "now", True),
    ("#.now", "jobs.write.now", True),
    ("#.now", "jobs.now.write", False),
    ("jobs.#.now", "jobs.now", True),
    ("jobs.#.now", "jobs.write.now", True),
    ("jobs.#.now", "jobs.write", False),
    ("#.*", "", False),
    ("#.*", "jobs", True),
    ("*.#.*", "jobs", False),
    ("*.#.*", "jobs.write", True),
    ("#.#", "", True),
    ("#.a.#", "b.a.b", True),
    ("#.a.#.a", "a.b.a", True),
    ("#.a.#.a", "a", False),
    ("a*", "ab", False),
    ("a#", "a.b", False),
    ("", "", True),
    ("", "jobs", False),
    ("a..b", "a..b", True),
    ("a.*.b", "a..b", True),
    ("JOBS", "jobs", False),
]


@pytest.mark.parametrize(("pattern", "key", "taken"), TOPICS)
def test_topics_alone(pattern: str, key: str, taken: bool) -> None:
    assert topic_matches(pattern, key) is taken


def test_topics(client: Client, name: str) -> None:
    """The same table through a broker: what keeps the function above honest."""
    client.exchange(name)
    for number, (pattern, _, _) in enumerate(TOPICS):
        client.bound(name, f"{name}-{number}", pattern)
    found = []
    for number, (pattern, key, _) in enumerate(TOPICS):
        client.publish(name, key, b"%d" % number)
        found.append((pattern, key, b"%d" % number in client.take_all(f"{name}-{number}")))
    assert found == TOPICS


def test_direct(client: Client, name: str) -> None:
    client.exchange(name, "direct")
    client.bound(name, f"{name}-1", "a", "b")
    client.bound(name, f"{name}-2", "*")
    for key in ("a", "b", "c", "*"):
        client.publish(name, key, key.encode())
    assert client.take_all(f"{name}-1") == [b"a", b"b"]
    assert client.take_all(f"{name}-2") == [b"*"]


def test_fanout(client: Client, name: str) -> None:
    client.exchange(name, "fanout")
    client.bound(name, f"{name}-1", "a")
    client.bound(name, f"{name}-2", "")
    client.publish(name, "whatever", b"1")
    assert (client.take_all(f"{name}-1"), client.take_all(f"{name}-2")) == ([b"1"], [b"1"])


def test_one_copy_per_queue(client: Client, name: str) -> None:
    client.exchange(name)
    client.bound(name, f"{name}-1", "jobs.*", "#", "*.write")
    client.bound(name, f"{name}-2", "jobs.write")
    client.publish(name, "jobs.write", b"1")
    assert (client.take_all(f"{name}-1"), client.take_all(f"{name}-2")) == ([b"1"], [b"1"])


def test_bound_twice_and_unbound_once(client: Client, name: str) -> None:
    client.exchange(name)
    client.bound(name, f"{name}-1", "key", "key")
    client.channel.queue_unbind(f"{name}-1", name, "key")
    client.publish(name, "key", b"1")
    assert client.take(f"{name}-1") is None


def test_a_removed_queue_gets_nothing(client: Client, name: str) -> None:
    client.exchange(name)
    client.bound(name, f"{name}-1", "key")
    client.channel.queue_delete(f"{name}-1")
    client.queue(f"{name}-1")
    client.publish(name, "key", b"1")
    assert client.take(f"{name}-1") is None


def test_the_default_exchange_means_the_queue(client: Client, name: str) -> None:
    client.queue(name)
    client.publish("", name, b"1")
    client.publish("", f"{name}-missing", b"2")
    assert client.take_all(name) == [b"1"]


def test_a_missing_exchange_closes_the_channel(client: Client, name: str) -> None:
    client.queue(name)
    with refused() as refusal:
        client.publish(f"{name}-missing", "key", b"1")
        client.count(name)
    assert refusal.code == 404
    assert refusal.text == f"NOT_FOUND - no exchange '{name}-missing' in vhost '/'"
    client.fresh()
    assert client.count(name) == 0


def test_nobody_publishes_to_an_internal_exchange(client: Client, name: str) -> None:
    client.exchange(name, internal=True)
    with refused() as refusal:
        client.publish(name, "key", b"1")
        client.channel.exchange_declare(name, passive=True)
    assert refusal.code == 403
    assert refusal.text == (
        f"ACCESS_REFUSED - cannot publish to internal exchange '{name}' in vhost '/'"
    )
