"""An SMTP client that sends one mail: one connection, one transaction.

See specification: action.email, environment.services. EHLO, no AUTH, STARTTLS if offered. The mail
is sent if at least one recipient is accepted.
"""

import asyncio
import ssl
from collections.abc import Sequence

from scicat_harness.embedded.services import MailSettings

__all__ = ["MailRefused", "send"]

_SECONDS = 30.0
# The name in EHLO: an address literal, since the host need not have a name.
_NAME = "[127.0.0.1]"


class MailRefused(Exception):
    """The mail was not sent; the text is the error of the real backend's library."""


async def send(settings: MailSettings, sender: str, to: Sequence[str], content: bytes) -> None:
    """Send a message to all recipients, from the address ``sender``.

    ``content`` has CRLF line ends. Raises MailRefused for every failure: no recipient, no
    connection, a refusal by the server, or more than 30 s for all of it.
    """
    if not to:
        raise MailRefused("Error: No recipients defined")
    try:
        async with asyncio.timeout(_SECONDS):
            await _Session.deliver(settings, sender, to, content)
    except TimeoutError:
        raise MailRefused("Error: Connection timeout") from None
    except (OSError, ssl.SSLError) as error:
        where = f"{settings.host}:{settings.port}"
        raise MailRefused(f"Error: {error.strerror or error} {where}") from None
    except (EOFError, ValueError):
        raise MailRefused("Error: Connection closed unexpectedly") from None


class _Session:
    """A session with one server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def deliver(
        cls, settings: MailSettings, sender: str, to: Sequence[str], content: bytes
    ) -> None:
        """Connect, send one mail, and disconnect."""
        context = ssl.create_default_context() if settings.secure else None
        streams = await asyncio.open_connection(settings.host, settings.port, ssl=context)
        session = cls(*streams)
        try:
            await session._greet(settings)
            await session._transact(sender, to, content)
            # The mail is accepted already; no reply to QUIT matters.
            await session._ask("QUIT", (2, 4, 5))
        finally:
            session._writer.close()

    async def _greet(self, settings: MailSettings) -> None:
        await self._reply((2,))
        offers = await self._ask(f"EHLO {_NAME}", (2,))
        if settings.secure or not any(line.upper() == "STARTTLS" for line in offers):
            return
        await self._ask("STARTTLS", (2,))
        context = ssl.create_default_context()
        await self._writer.start_tls(context, server_hostname=settings.host)
        # The extensions before STARTTLS are void, so they are requested again (RFC 3207).
        await self._ask(f"EHLO {_NAME}", (2,))

    async def _transact(self, sender: str, to: Sequence[str], content: bytes) -> None:
        await self._ask(f"MAIL FROM:<{sender}>", (2,))
        refusals = []
        for address in to:
            try:
                await self._ask(f"RCPT TO:<{address}>", (2,))
            except MailRefused as refused:
                refusals.append(refused)
        if len(refusals) == len(to):
            raise MailRefused(
                f"Error: Can't send mail - all recipients were rejected: {refusals[0]}"
            )
        await self._ask("DATA", (3,))
        # A line of a single dot would end the message (RFC 5321, section 4.5.2).
        lines = content.split(b"\r\n")
        dotted = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
        self._writer.write(dotted.removesuffix(b"\r\n") + b"\r\n.\r\n")
        await self._reply((2,))

    async def _ask(self, command: str, fine: tuple[int, ...]) -> list[str]:
        """Send a command and return the texts of its reply; see ``_reply``."""
        # A line break in an address would begin a command of its own.
        if "\r" in command or "\n" in command:
            raise MailRefused(f"Error: Invalid address in {command!r}")
        self._writer.write(command.encode("utf-8") + b"\r\n")
        return await self._reply(fine)

    async def _reply(self, fine: tuple[int, ...]) -> list[str]:
        """Return the texts of a reply; raise MailRefused unless its first digit is in ``fine``."""
        lines: list[str] = []
        while True:
            line = (await self._reader.readline()).decode("utf-8", errors="replace").rstrip("\r\n")
            if not line:
                raise EOFError
            lines.append(line[4:])
            # "250-" announces another line, "250 " is the last one.
            if line[3:4] != "-":
                break
        if int(line[:1]) not in fine:
            raise MailRefused(line)
        return lines
