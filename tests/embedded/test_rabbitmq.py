"""The broker: what is published, and what becomes of the backend when it is lost.

Everything marked ``needs_rabbitmq`` talks to the real broker at ``SCICAT_CI_AMQP_URL``.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pika
import pytest
import requests

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.broker import Publication
from scicat_harness.embedded.failures import BootFailure

from .facility import Build, job_type
from .sinks import BrokerSink

RABBIT = {"actionType": "rabbitmq", "exchange": "ex", "queue": "q", "key": "k.{{job.type}}"}


def test_delivery(build: Build) -> None:
    broker = BrokerSink()
    world = build([job_type("t", actions=[RABBIT], update_actions=[RABBIT])], broker=broker)
    created = world.submit(None, "t")
    updated = world.update(None, created.json["id"])
    assert broker.received == [
        Publication(
            queue="q",
            exchange="ex",
            binding_key="k.{{job.type}}",
            routing_key="k.{{job.type}}",
            body=answer.text.encode(),
            queue_durable=True,
            delivery_mode=2,
        )
        for answer in (created, updated)
    ]
    id_ = created.json["id"]
    line = f"[RabbitMQJobAction] (Job {id_}) Performing RabbitMQJobAction"
    assert world.log.count(line) == 2


def test_a_closed_connection_fails_jobs_that_are_stored(build: Build) -> None:
    broker = BrokerSink(gone=True)
    world = build([job_type("t", actions=[RABBIT])], broker=broker)
    answer = world.submit(None, "t")
    assert answer.json == {
        "status": 400,
        "message": "Invalid job input. Job 't' unable to perform action 'rabbitmq' due to Error:"
        " Could not connect to RabbitMQ queue q with exchange ex and key k.{{job.type}}.",
    }
    assert len(world.backend.store.jobs) == 1


def variables(port: int, **more: str) -> dict[str, str]:
    names = {"HOSTNAME": "127.0.0.1", "PORT": str(port), "USERNAME": "guest", "PASSWORD": "guest"}
    return {f"RABBITMQ_{k}": v for k, v in {"ENABLED": "yes", **names, **more}.items()}


def test_nobody_listens() -> None:
    with pytest.raises(BootFailure, match=r"^Error: Cannot connect to RabbitMQ"):
        EmbeddedBackend.boot(variables(1))


@pytest.fixture
def server() -> pika.URLParameters:
    url = os.environ.get("SCICAT_CI_AMQP_URL")
    if not url:
        pytest.skip("SCICAT_CI_AMQP_URL names no broker")
    return pika.URLParameters(url)


@pytest.fixture
def channel(server: pika.URLParameters) -> Iterator[Any]:
    connection = pika.BlockingConnection(server)
    yield connection.channel()
    if connection.is_open:
        connection.close()


class Relay:
    """A TCP relay to the broker whose connections can be cut, resetting them."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="relay", daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            upstream = socket.create_connection(self._target)
            self._pairs += [client, upstream]
            for source, sink in ((client, upstream), (upstream, client)):
                thread = threading.Thread(target=self._pump, args=(source, sink), daemon=True)
                self._threads.append(thread)
                thread.start()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            return

    def cut(self) -> None:
        """Reset everything at once."""
        for sock in self._pairs:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            sock.shutdown(socket.SHUT_RD)
            sock.close()

    def close(self) -> None:
        """Stop accepting."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Running:
    """A backend process with a rabbitmq action of its own exchange and queue."""

    def __init__(self, process: subprocess.Popen[str], port: int, data: Path, name: str) -> None:
        self.process, self.port, self.data, self.name = process, port, data, name

    def submit(self) -> requests.Response:
        url = f"http://127.0.0.1:{self.port}/api/v4/jobs"
        return requests.post(url, json={"type": "t", "jobParams": {}}, timeout=10)

    def ended(self) -> tuple[int, str]:
        """The exit code and what was written to standard error."""
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors


@contextmanager
def running(tmp_path: Path, port: int, exchange: str | None = None) -> Iterator[Running]:
    name = f"embedded-{uuid.uuid4().hex[:8]}"
    rabbit = {"exchange": name if exchange is None else exchange, "queue": name, "key": "key"}
    config = [job_type("t", actions=[{"actionType": "rabbitmq", **rabbit}])]
    (tmp_path / "jobs.json").write_text(json.dumps({"configVersion": "1", "jobs": config}))
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": "0",
        "JOB_CONFIGURATION_FILE": str(tmp_path / "jobs.json"),
        **variables(port),
    }
    data = tmp_path / "data.json"
    with subprocess.Popen(
        [sys.executable, "-m", "scicat_harness.embedded", "--data", str(data)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            announced = next(line for line in lines if "listening on port" in line)
            next(line for line in lines if "successfully started" in line)
            yield Running(process, int(announced.split()[-1]), data, name)
        finally:
            process.kill()


def stored(data: Path) -> int:
    return len(json.loads(data.read_text())["jobs"])


@pytest.mark.needs_rabbitmq
def test_messages_arrive(tmp_path: Path, server: pika.URLParameters, channel: Any) -> None:
    with running(tmp_path, server.port) as backend:
        answer = backend.submit()
        assert answer.status_code == 201
        channel.queue_declare(backend.name, durable=True)
        channel.exchange_declare(backend.name, "topic", durable=True)
        method, properties, body = channel.basic_get(backend.name, auto_ack=True)
        assert (method.exchange, method.routing_key) == (backend.name, "key")
        assert (properties.delivery_mode, properties.headers) == (2, {})
        assert (properties.content_type, properties.message_id) == (None, None)
        assert body.decode() == answer.text
        assert channel.basic_get(backend.name)[0] is None
        backend.process.terminate()
        assert backend.ended() == (0, "")


@pytest.mark.needs_rabbitmq
def test_an_unlike_queue_ends_the_process(
    tmp_path: Path, server: pika.URLParameters, channel: Any
) -> None:
    with running(tmp_path, server.port) as backend:
        channel.queue_declare(backend.name, durable=False, auto_delete=True)
        with pytest.raises(requests.ConnectionError):
            backend.submit()
        code, errors = backend.ended()
        assert code == 1
        assert "Error: Channel closed by server: 406 (PRECONDITION-FAILED)" in errors
        assert "inequivalent arg 'durable'" in errors
        assert stored(backend.data) == 1


@pytest.mark.needs_rabbitmq
def test_the_default_exchange_ends_the_process(tmp_path: Path, server: pika.URLParameters) -> None:
    with running(tmp_path, server.port, exchange="") as backend:
        with pytest.raises(requests.ConnectionError):
            backend.submit()
        code, errors = backend.ended()
        assert (code, "403 (ACCESS-REFUSED)" in errors) == (1, True)


@pytest.mark.needs_rabbitmq
def test_a_reset_connection_ends_the_process(tmp_path: Path, server: pika.URLParameters) -> None:
    relay = Relay((server.host, server.port))
    try:
        with running(tmp_path, relay.port) as backend:
            assert backend.submit().status_code == 201
            relay.cut()
            code, errors = backend.ended()
            assert code == 1
            assert errors.startswith("Error: ")
            assert stored(backend.data) == 1
    finally:
        relay.close()


@pytest.mark.needs_rabbitmq
def test_wrong_password(server: pika.URLParameters) -> None:
    with pytest.raises(BootFailure, match=r"^Error: Cannot connect to RabbitMQ"):
        EmbeddedBackend.boot(variables(server.port, PASSWORD="wrong"))
