"""One check list, two brokers: the embedded one always, a real RabbitMQ where there is one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from scicat_harness.broker.address import BrokerAddress, parse_url
from scicat_harness.broker.embedded_broker import EmbeddedBroker
from scicat_harness.broker.rabbitmq import PrivateNode, find_server
from scicat_harness.processes.children import Children

from .client import Client

GIVEN = "SCICAT_CI_AMQP_URL"


@pytest.fixture(scope="session")
def own_embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """An embedded broker for all tests that leave it as it is."""
    found = EmbeddedBroker(tmp_path_factory.mktemp("embedded"), Children())
    yield found
    found.close()


@pytest.fixture(scope="session")
def own_rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateNode]:
    """A private node for all tests that leave it as it is."""
    if find_server() is None:
        pytest.skip("no rabbitmq-server is installed")
    found = PrivateNode(tmp_path_factory.mktemp("rabbitmq"), Children())
    yield found
    found.close()


@pytest.fixture(
    scope="session",
    params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.needs_rabbitmq)],
)
def broker(request: pytest.FixtureRequest) -> BrokerAddress:
    """A broker to hold against the list."""
    url = os.environ.get(GIVEN)
    if request.param == "rabbitmq" and url:
        return parse_url(url)
    if request.param == "rabbitmq" and find_server() is None:
        pytest.skip(f"no rabbitmq-server is installed, and {GIVEN} names none")
    own: EmbeddedBroker | PrivateNode = request.getfixturevalue(f"own_{request.param}")
    return own.address


@pytest.fixture
def client(broker: BrokerAddress) -> Iterator[Client]:
    """A connection with a channel; what is declared through it is removed."""
    with Client(broker) as found:
        yield found


@pytest.fixture
def other(broker: BrokerAddress) -> Iterator[Client]:
    """Another connection."""
    with Client(broker) as found:
        yield found


@pytest.fixture
def name() -> str:
    """A name nobody has used."""
    return f"check-{secrets.token_hex(6)}"


@pytest.fixture
def children() -> Iterator[Children]:
    """Owns processes of one test."""
    found = Children()
    yield found
    found.close()


@pytest.fixture
def embedded(tmp_path: Path, children: Children) -> Iterator[EmbeddedBroker]:
    """An embedded broker for one test."""
    found = EmbeddedBroker(tmp_path, children)
    yield found
    found.close()
