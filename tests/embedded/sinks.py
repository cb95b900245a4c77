"""The sinks of these tests: an HTTP server, an SMTP server, and a broker."""

import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as SMTP_POLICY
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from scicat_harness.embedded.broker import BrokerGone, Publication


@dataclass(frozen=True)
class Received:
    """One HTTP request; header names are lower case, in the order of the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


class HttpSink:
    """Answers ``/status/N`` with that status and ``/redirect/N/TARGET`` with a redirect.

    Of the answer to ``/half/N`` only the first half arrives.
    """

    def __init__(self) -> None:
        received: list[Received] = []

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                received.append(Received(self.command, self.path, headers, body))
                kind, _, rest = self.path.strip("/").partition("/")
                status, _, target = rest.partition("/")
                if kind not in ("status", "redirect", "half"):
                    status = "200"
                content = b"" if status in ("204", "304") else f"body of {self.path}".encode()
                location = f"Location: /{target}\r\n" if kind == "redirect" else ""
                announced = len(content) * (2 if kind == "half" else 1)
                head = f"HTTP/1.1 {status} X\r\nContent-Length: {announced}\r\n{location}\r\n"
                self.wfile.write(head.encode() + content)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Keep the test's output clean."""

        self.received = received
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass(frozen=True)
class Mailed:
    """One mail: the envelope, and the message as it came."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed message."""
        message = BytesParser(EmailMessage, policy=SMTP_POLICY).parsebytes(self.raw)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def html(self) -> str:
        """The decoded body."""
        text: str = self.message.get_content()
        return text.replace("\r\n", "\n")


@dataclass
class _Handler:
    received: list[Mailed] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if address.startswith("refused"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.received.append(Mailed(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        return "250 OK"


class MailSink:
    """Accepts every recipient whose address does not begin with ``refused``."""

    def __init__(self, **options: Any) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._handler = _Handler()
        self._controller = Controller(
            self._handler, hostname="127.0.0.1", port=self.port, **options
        )

    @property
    def received(self) -> list[Mailed]:
        return self._handler.received

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """The variables that send mails here."""
        return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.port), **more}

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()


@dataclass
class BrokerSink:
    """Keeps deliveries; with ``gone`` it is like a connection that was closed."""

    received: list[Publication] = field(default_factory=list)
    gone: bool = False

    async def publish(self, delivery: Publication) -> None:
        if self.gone:
            raise BrokerGone
        self.received.append(delivery)

    def close(self) -> None:
        """Nothing is open."""
