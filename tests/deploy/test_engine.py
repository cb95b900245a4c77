"""The engine: references of images, and what is said when there is none to be had."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from docker.errors import DockerException

from scicat_harness.deploy import engine
from scicat_harness.deploy.engine import ContainerEngine, Owner
from scicat_harness.errors import EnvironmentFault

REFERENCES = {
    "mongo": ("mongo", "latest"),
    "mongo:7.0": ("mongo:7.0", None),
    "ghcr.io/scicatproject/backend-next": ("ghcr.io/scicatproject/backend-next", "latest"),
    "127.0.0.1:5000/scicat": ("127.0.0.1:5000/scicat", "latest"),
    "127.0.0.1:5000/scicat:v5.2.1": ("127.0.0.1:5000/scicat:v5.2.1", None),
    "scicat@sha256:4f": ("scicat", "sha256:4f"),
    "scicat:v5@sha256:4f": ("scicat:v5", "sha256:4f"),
}


@pytest.mark.parametrize(("reference", "found"), REFERENCES.items(), ids=REFERENCES)
def test_one_image_is_pulled_never_every_tag(reference: str, found: tuple[str, str | None]) -> None:
    assert engine._name_and_tag(reference) == found


GATEWAYS: dict[str, tuple[object, str | None]] = {
    "named": ([{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.9"}], "172.17.0.9"),
    "named-later": ([{"Subnet": "fd00::/64"}, {"Gateway": "10.0.0.1"}], "10.0.0.1"),
    "only-a-subnet": ([{"Subnet": "172.17.0.0/16"}], "172.17.0.1"),
    "nothing": ([{}], None),
    "no-ranges": (None, None),
}


@pytest.mark.parametrize(("ranges", "found"), GATEWAYS.values(), ids=GATEWAYS)
def test_this_machine_in_the_bridge(ranges: object, found: str | None) -> None:
    assert engine.gateway_of({"IPAM": {"Config": ranges}}) == found


class Thing:
    """A container, network or volume, as far as its owner goes."""

    def __init__(self, name: str, labels: dict[str, str]) -> None:
        self.name, self.attrs = name, {"Labels": labels}


THINGS = {
    "ours": (Thing("scicat-harness-1-mongodb", {"scicat-harness.run": "harness-1"}), True),
    "of-another-run": (Thing("scicat-harness-1-x", {"scicat-harness.run": "harness-2"}), False),
    "quotes-the-label": (Thing("postgres", {"scicat-harness.run": "harness-1"}), False),
    "quotes-the-name": (Thing("scicat-harness-1-x", {}), False),
}


@pytest.mark.parametrize(("thing", "ours"), THINGS.values(), ids=THINGS)
def test_what_is_of_a_run_has_its_label_and_its_name(thing: Thing, ours: bool) -> None:
    assert Owner("harness-1").made(thing) is ours


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        ("('Connection aborted.', PermissionError(13, 'Permission denied'))", "group 'docker'"),
        ("('Connection aborted.', ConnectionRefusedError(111, 'Connection refused'))", "start"),
        ("('Connection aborted.', FileNotFoundError(2, 'No such file'))", "set DOCKER_HOST"),
        ("Invalid bind address", "Invalid bind address; is DOCKER_HOST right"),
    ],
)
def test_an_engine_that_cannot_be_reached_says_the_mend(error: str, fix: str) -> None:
    assert fix in engine._fix(DockerException(error))


@pytest.mark.parametrize("name", ["closed.sock", "none.sock"])
def test_an_engine_that_is_not_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as closed:
        closed.bind(str(tmp_path / "closed.sock"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/{name}")
    with pytest.raises(EnvironmentFault, match=f"{name}: it is not running; start Docker"):
        ContainerEngine()


@contextmanager
def answering(body: object) -> Iterator[str]:
    """Something on a port that answers everything so; its address for DOCKER_HOST."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="engine")
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_an_engine_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering({"ApiVersion": "1.40"}) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        with pytest.raises(EnvironmentFault, match=r"API 1\.40; Docker 20\.10 or newer is needed"):
            ContainerEngine()


def test_containers_of_another_machine_do_not_reach_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with answering({"ApiVersion": "1.41", "OperatingSystem": "Debian"}) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        made = ContainerEngine()
        with pytest.raises(EnvironmentFault, match=r"is on another machine.*run the harness there"):
            made.host()
        made.close()
