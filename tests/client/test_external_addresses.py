"""Backends as facilities have them: behind TLS of their own, under a path, at an IPv6 address."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import AF_INET6

import pytest
import trustme

from scicat_harness.client.transport import HttpRequest, Transport
from scicat_harness.config.address import base_address
from scicat_harness.config.tls import Tls
from scicat_harness.deploy.readiness import wait_healthy
from scicat_harness.errors import EnvironmentFault, UsageFault


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(self.path).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing of it matters."""


class Server6(ThreadingHTTPServer):
    address_family = AF_INET6


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[int]:
    """The port of a running server."""
    with server:
        thread = threading.Thread(target=server.serve_forever, name="external")
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(5)


class Authority:
    """An authority of a facility's own, as files."""

    def __init__(self, folder: Path) -> None:
        self.made = trustme.CA()
        self.bundle = folder / "authority.pem"
        self.made.cert_pem.write_to_path(str(self.bundle))
        self.client = folder / "client.pem"
        issued = self.made.issue_cert("harness@facility.example")
        issued.private_key_and_cert_chain_pem.write_to_path(str(self.client))

    @contextmanager
    def serving(self, *, wants_client: bool = False) -> Iterator[str]:
        """The address of a server with a certificate of it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.made.issue_cert("127.0.0.1").configure_cert(context)
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(str(self.bundle))
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        with serving(server) as port:
            yield f"https://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def asked(url: str, tls: Tls, path: str = "/api/v3/health") -> str:
    """The path as the server saw it."""
    with closing(Transport(url, deadline=5.0, tls=tls, owned=False)) as made:
        return str(made.send(HttpRequest("GET", path)).json)


def test_an_authority_that_is_given_is_believed(authority: Authority) -> None:
    tls = Tls.given(authority.bundle, None)
    with authority.serving() as url:
        assert asked(url, tls) == "/api/v3/health"
        wait_healthy(url, deadline=5.0, tls=tls)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_authority_of_the_environment_is_believed(name: str, authority: Authority) -> None:
    tls = Tls.given(None, None, {name: str(authority.bundle)})
    with authority.serving() as url:
        assert asked(url, tls) == "/api/v3/health"


def test_another_authority_is_not_believed_and_said(authority: Authority) -> None:
    with authority.serving() as url:
        with pytest.raises(EnvironmentFault, match="--ca-bundle") as fault:
            asked(url, Tls())
        assert "certificate verify failed" in str(fault.value)
        with pytest.raises(EnvironmentFault, match="--ca-bundle"):
            wait_healthy(url, deadline=5.0)


def test_a_certificate_of_ours_is_shown(authority: Authority) -> None:
    with authority.serving(wants_client=True) as url:
        assert asked(url, Tls.given(authority.bundle, authority.client)) == "/api/v3/health"
        with pytest.raises(EnvironmentFault):
            asked(url, Tls.given(authority.bundle, None))


@pytest.mark.parametrize("option", ["--ca-bundle", "--client-cert"])
@pytest.mark.parametrize("content", [None, b"", b"nonsense"], ids=["missing", "empty", "nonsense"])
def test_a_file_without_certificates_is_said(
    option: str, content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "x.pem"
    if content is not None:
        path.write_bytes(content)
    bundle, own = (path, None) if option == "--ca-bundle" else (None, path)
    with pytest.raises(UsageFault, match=rf"{option} .*x\.pem"):
        Tls.given(bundle, own)


def test_a_path_before_the_api_stays() -> None:
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        url = base_address(f"http://127.0.0.1:{port}/scicat/api/")
        assert asked(url, Tls()) == "/scicat/api/v3/health"


def test_an_ipv6_address() -> None:
    try:
        server = Server6(("::1", 0), Handler)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback address")
    with serving(server) as port:
        assert asked(base_address(f"http://[::1]:{port}/"), Tls()) == "/api/v3/health"


ADDRESSES = {
    "http://host": "http://host",
    "http://host/": "http://host",
    "https://host:8443//": "https://host:8443",
    "https://host/scicat": "https://host/scicat",
    "https://host/scicat/": "https://host/scicat",
    "https://host/scicat/api": "https://host/scicat",
    "https://host/scicat/api/v4/": "https://host/scicat",
    "https://host/api/v3": "https://host",
    "https://host/rapid": "https://host/rapid",
    "http://[2001:db8::1]:3000": "http://[2001:db8::1]:3000",
}


@pytest.mark.parametrize(("given", "used"), ADDRESSES.items(), ids=ADDRESSES)
def test_an_address_is_used_without_the_api(given: str, used: str) -> None:
    assert base_address(given) == used


@pytest.mark.parametrize(
    "given",
    [
        *("", "host", "ftp://host", "http://", "http://[::1", "http://host:99999"),
        *("http://host:x", "http://host?x=1", "http://host#x", "http://:3000"),
    ],
)
def test_what_is_no_address_is_said(given: str) -> None:
    with pytest.raises(UsageFault, match=r"^--url.*give http\(s\)://HOST"):
        base_address(given)


@pytest.mark.parametrize("given", ["http://user:hunter22@host", "http://user:hunter22@[::1"])
def test_credentials_in_an_address_are_refused_and_not_shown(given: str) -> None:
    with pytest.raises(UsageFault) as fault:
        base_address(given)
    assert "hunter22" not in str(fault.value)
