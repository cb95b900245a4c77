"""The protocol of a mail sink: aiosmtpd without its limits, and able to drop connections."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from scicat_harness.sinks.mail import Conversation, MailRules

__all__ = ["smtp_protocol"]

_LONGEST_LINE = 1 << 20
"""aiosmtpd refuses commands of more than 512 bytes and lines of more than 1001 by default."""
_GREETING = "sink.example"


def smtp_protocol(
    rules: MailRules, *, tls: ssl.SSLContext | None = None
) -> Callable[[], asyncio.Protocol]:
    """Return a factory of protocols, one per connection, for ``loop.create_server``."""

    def make() -> asyncio.Protocol:
        conversation = Conversation(rules)
        return _Connection(_Hooks(conversation), conversation, tls=tls)

    return make


class _Connection(SMTP):
    """One connection; commands that the library refuses itself reach the conversation, too."""

    command_size_limit = _LONGEST_LINE
    line_length_limit = _LONGEST_LINE

    def __init__(
        self, hooks: _Hooks, conversation: Conversation, *, tls: ssl.SSLContext | None
    ) -> None:
        credentials = conversation.rules.credentials
        super().__init__(
            hooks,
            data_size_limit=None,
            enable_SMTPUTF8=True,
            hostname=_GREETING,
            ident="scicat-harness",
            tls_context=tls,
            # Without TLS a client may log in where a login is required.
            auth_require_tls=credentials is None,
            authenticator=_authenticator(credentials) if credentials else None,
            loop=asyncio.get_running_loop(),
        )
        # The library keeps one mapping for all connections and adds to it at every EHLO.
        self.command_size_limits = defaultdict(lambda: _LONGEST_LINE)
        self._conversation = conversation
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._greeted:
            return  # the same connection again, after STARTTLS
        self._greeted = True
        if self._conversation.dropped_at_connect() and isinstance(transport, asyncio.Transport):
            transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._conversation.end()
        super().connection_lost(error)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        self._conversation.handshake_begins()
        await super().smtp_STARTTLS(arg)
        self._conversation.handshake_succeeded()

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        before = self._conversation.attempts
        await super().smtp_MAIL(arg)
        if self._conversation.attempts == before:
            self._conversation.malformed_sender(arg or "")

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        before = self._conversation.attempts
        await super().smtp_RCPT(arg)
        if self._conversation.attempts == before:
            self._conversation.malformed_recipient(arg or "")


class _Hooks:
    """The handler that the library calls; it passes each command to the conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    async def handle_HELO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str
    ) -> str:
        session.host_name = hostname
        await _reply(server, self._conversation.hello())
        return f"250 {_GREETING}"

    async def handle_EHLO(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        await _reply(server, self._conversation.hello())
        return responses

    async def handle_MAIL(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        reply = await self._conversation.sender(
            address, encrypted=session.ssl is not None, authenticated=bool(session.authenticated)
        )
        # aiosmtpd leaves the envelope to the handler.
        if reply == "":
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return await _reply(server, reply)

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        reply = await self._conversation.recipient(address)
        if reply == "":
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return await _reply(server, reply)

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        return await _reply(server, await self._conversation.message(raw))

    async def handle_RSET(  # noqa: N802
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        self._conversation.end()
        return "250 OK"

    async def handle_QUIT(  # noqa: N802
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        self._conversation.end()
        return "221 Bye"

    async def handle_exception(self, error: Exception) -> str:
        return f"421 4.3.0 {type(error).__name__}"


async def _reply(server: SMTP, reply: str | None) -> str:
    if reply is not None:
        return reply or "250 OK"
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
    # The library would reply on a closed connection. This never returns; the loss of the
    # connection cancels it.
    return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]


def _authenticator(credentials: tuple[str, str]) -> Callable[..., AuthResult]:
    expected = tuple(each.encode() for each in credentials)

    def check(_server: Any, _session: Any, _envelope: Any, _kind: str, given: Any) -> AuthResult:
        good = isinstance(given, LoginPassword) and (given.login, given.password) == expected
        # With handled=False the library writes the reply to a refused login.
        return AuthResult(success=good, handled=False)

    return check
