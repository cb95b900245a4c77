"""The process: sockets, signals, standard input, exit codes and options."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "scicat_harness.embedded"]
JOBS = 'configVersion: "1"\njobs:\n  - {jobType: t, create: {auth: "#all"}, update: {}}\n'


def environment(tmp_path: Path, **variables: str) -> dict[str, str]:
    path = tmp_path / "jobs.yaml"
    path.write_text(JOBS)
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "JOB_CONFIGURATION_FILE": str(path), **variables}


def listening() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.bind(("127.0.0.1", 0))
    sock.listen()
    return sock


@contextmanager
def running(tmp_path: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A backend on an inherited socket, answering."""
    with listening() as sock:
        port = sock.getsockname()[1]
        with subprocess.Popen(
            [*COMMAND, "--fd", str(sock.fileno()), *options],
            pass_fds=[sock.fileno()],
            env=environment(tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                assert request(port, "GET", "/api/v3/health")[0] == 200
                yield process, port
            finally:
                process.kill()


def request(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def failing(tmp_path: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options],
        env=environment(tmp_path, **variables),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as (process, port):
        created = request(port, "POST", "/api/v4/jobs", '{"type":"t","jobParams":{}}')
        assert created[0] == 201
        process.send_signal(number)
        output, _ = process.communicate(timeout=10)
        assert process.returncode == 0
    lines = output.splitlines()
    announced = f"[Main] Scicat Backend listening on port: {port}"
    assert [line for line in lines if line.endswith(announced)]
    assert lines[-1].endswith("[NestApplication] Nest application successfully started")
    assert re.match(r"\[Nest\] \d+  - ", lines[0])


def test_end_of_standard_input(tmp_path: Path) -> None:
    with running(tmp_path, "--exit-with-stdin") as (process, port):
        assert request(port, "GET", "/api/v3/health")[0] == 200
        assert process.poll() is None
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=5) == 0


def test_keep_alive_answers_come_in_one_piece(tmp_path: Path) -> None:
    with running(tmp_path) as (_, port), socket.create_connection(("127.0.0.1", port)) as client:
        started = time.perf_counter()
        for _number in range(50):
            client.sendall(b"GET /api/v3/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(65536).endswith(b"}")
        assert time.perf_counter() - started < 1.5


def test_head(tmp_path: Path) -> None:
    with running(tmp_path) as (_, port):
        assert request(port, "HEAD", "/api/v3/health") == (200, "")


def test_taken_port(tmp_path: Path) -> None:
    with listening() as sock:
        port = sock.getsockname()[1]
        done = failing(tmp_path, PORT=str(port))
    assert done.returncode == 1
    assert done.stderr == f"cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_own_socket(tmp_path: Path) -> None:
    with subprocess.Popen(
        COMMAND, env=environment(tmp_path, PORT="0"), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            port = next(line for line in lines if "listening on port" in line).split()[-1]
            assert request(int(port), "GET", "/api/v3/health")[0] == 200
        finally:
            process.terminate()
        assert process.wait(timeout=10) == 0


def test_another_address_of_the_machine(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.2", 0)) as sock:
        port = sock.getsockname()[1]
        done = failing(tmp_path, "--host", "127.0.0.2", PORT=str(port))
    assert done.returncode == 1
    assert done.stderr == f"cannot listen on 127.0.0.2:{port}: Address already in use\n"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"JOB_CONFIGURATION_FILE": "/no"}, "Error: ENOENT: no such file or directory, open '/no'"),
        ({"ACCESS_GROUPS_STATIC_ENABLED": "x"}, 'Error: Cannot convert "x" to a boolean'),
    ],
)
def test_bad_configuration(tmp_path: Path, variables: dict[str, str], message: str) -> None:
    done = failing(tmp_path, **variables)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].endswith(f"  ERROR [ExceptionHandler] {message}")
    assert done.stderr == ""


def test_bad_descriptor(tmp_path: Path) -> None:
    done = failing(tmp_path, "--fd", "99")
    assert done.returncode == 1
    assert done.stderr.startswith("cannot listen on descriptor 99: ")


def test_defect_options(tmp_path: Path) -> None:
    done = failing(tmp_path, "--defect", "nope")
    assert (done.returncode, done.stdout) == (2, "")
    assert "unknown defect 'nope'" in done.stderr
    listed = failing(tmp_path, "--list-defects")
    assert listed.returncode == 0
    rows = json.loads(listed.stdout)
    assert len(rows) >= 60
    assert set(rows[0]) == {"id", "family", "sentence"}
    with running(tmp_path, "--defect", "status.create-200") as (_, port):
        created = request(port, "POST", "/api/v4/jobs", '{"type":"t","jobParams":{}}')
        assert created[0] == 200
