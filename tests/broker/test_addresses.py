"""Addresses of brokers that somebody gives, and what is said of those that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from scicat_harness.broker.address import BrokerAddress, parse_url
from scicat_harness.broker.embedded_broker import EmbeddedBroker
from scicat_harness.broker.start import start_broker
from scicat_harness.errors import EnvironmentFault, UsageFault
from scicat_harness.processes.children import Children
from scicat_harness.processes.sockets import free_port, listening_socket

PASSWORD = "s/e:c@ret"


def test_all_parts_of_an_address() -> None:
    found = parse_url("amqp://me:s%2Fe%3Ac%40ret@[::1]:5673/%2F")
    assert found == BrokerAddress("::1", 5673, "me", PASSWORD)
    assert found.url == "amqp://me:s%2Fe%3Ac%40ret@[::1]:5673/%2F"
    assert parse_url("amqp://host") == BrokerAddress("host", 5672, "guest", "guest")


def test_what_a_backend_is_told() -> None:
    found = BrokerAddress("10.0.0.1", 5673, "me", PASSWORD)
    assert found.at(4000).environment() == {
        "RABBITMQ_ENABLED": "yes",
        "RABBITMQ_HOSTNAME": "127.0.0.1",
        "RABBITMQ_PORT": "4000",
        "RABBITMQ_USERNAME": "me",
        "RABBITMQ_PASSWORD": PASSWORD,
    }


def test_the_password_is_never_shown() -> None:
    found = BrokerAddress("host", 5672, "me", PASSWORD)
    assert PASSWORD not in repr(found) + str(found)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("amqps://me:hidden@host", "plain amqp only"),
        ("amqp://me:hidden@host/other", "virtual host 'other'"),
        (
            "amqp://me:hidden@host:port",
            "--broker 'amqp://host:port': its port is none of 1 to 65535",
        ),
        ("http://me:hidden@host", "'http://host': neither 'embedded' nor"),
        ("rabbit", "'rabbit': neither 'embedded' nor"),
        ("amqp://", "give amqp://USER:PASSWORD@HOST:PORT"),
    ],
)
def test_an_address_that_cannot_be_used(
    url: str, said: str, tmp_path: Path, children: Children
) -> None:
    with pytest.raises(UsageFault) as raised:
        start_broker(url, tmp_path, children)
    assert said in str(raised.value)
    assert "hidden" not in str(raised.value)


def test_a_given_broker(embedded: EmbeddedBroker, tmp_path: Path, children: Children) -> None:
    given = start_broker(embedded.address.url, tmp_path / "given", children)
    assert given.address == embedded.address
    given.close()
    given.close()
    assert embedded.connections() == ()


def test_a_wrong_password(embedded: EmbeddedBroker, tmp_path: Path, children: Children) -> None:
    url = f"amqp://guest:hidden@{embedded.address}"
    with pytest.raises(UsageFault) as raised:
        start_broker(url, tmp_path / "given", children)
    assert f"--broker amqp://{embedded.address}: refuses user 'guest'" in str(raised.value)
    assert "hidden" not in str(raised.value)


def test_nobody_there(tmp_path: Path, children: Children) -> None:
    url = f"amqp://guest:hidden@127.0.0.1:{free_port()}"
    with pytest.raises(EnvironmentFault) as raised:
        start_broker(url, tmp_path, children)
    assert "no broker can be used there (" in str(raised.value)
    assert "hidden" not in str(raised.value)


def test_somebody_else_there(
    tmp_path: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scicat_harness.broker.probe._CONNECT_SECONDS", 0.3)
    with listening_socket() as mute:
        url = f"amqp://guest:hidden@127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(EnvironmentFault, match="no broker can be used there"):
            start_broker(url, tmp_path, children)
