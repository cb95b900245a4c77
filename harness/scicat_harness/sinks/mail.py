"""The rules of a mail sink: accept, refuse and journal mails, one method per SMTP command.

A method returns "" for the usual reply, a reply that refuses, or None to close the connection
without one. A mail is in the journal before the reply to its last command is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from scicat_harness.errors import UsageFault
from scicat_harness.sinks.arrival import EMAIL, strings_in
from scicat_harness.sinks.behaviour import (
    Behaviour,
    Drop,
    Late,
    RefuseAllRecipients,
    RefuseData,
    RefuseMail,
    RefuseRecipient,
    described,
)
from scicat_harness.sinks.bindings import Bindings
from scicat_harness.sinks.journal import Journal
from scicat_harness.sinks.message import message_content
from scicat_harness.sinks.unfinished import Unfinished

__all__ = ["Conversation", "MailRules", "Require"]

Reply = str | None


class Require(StrEnum):
    """The requirement of a mail listener for accepting a sender."""

    NONE = "none"
    STARTTLS = "starttls"
    AUTH = "auth"

    @classmethod
    def _missing_(cls, value: object) -> Require:
        raise UsageFault(f"require {value!r} is none of {', '.join(cls)}")


@dataclass(frozen=True, slots=True)
class MailRules:
    """The name and requirements of one mail listener, and the state it shares with the others."""

    source: str
    journal: Journal
    bindings: Bindings
    unfinished: Unfinished
    stopping: asyncio.Event
    require: Require = Require.NONE
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    """The user name and password that a login must give."""


@dataclass(slots=True)
class _Mail:
    stage: str
    mail_from: str | None = None
    rcpt_tos: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    behaviour: Behaviour | None = None
    waited: list[Late] = field(default_factory=list)
    """Delays that are over: each is kept once per mail, though it may match several commands."""

    @property
    def envelope(self) -> list[str]:
        return [self.mail_from or "", *self.rcpt_tos, *self.refused]


class Conversation:
    """One SMTP connection; each mail begun in it is journaled once, however it ends.

    ``attempts`` counts the sender and recipient commands that reached it. The protocol compares it
    to find out that the library refused a command by itself.
    """

    def __init__(self, rules: MailRules) -> None:
        self.rules = rules
        self.attempts = 0
        self._mail: _Mail | None = None

    def dropped_at_connect(self) -> bool:
        """Return whether the connection must be closed at once."""
        return self._dropped("connect")

    def hello(self) -> Reply:
        """Handle HELO or EHLO."""
        # HELO and EHLO also reset a mail that was begun (RFC 5321, 4.1.4).
        self.end()
        return None if self._dropped("helo") else ""

    def handshake_begins(self) -> None:
        """Handle STARTTLS: until the handshake succeeds, it counts as a failed mail."""
        # A client that rejects the certificate closes the connection without a command.
        self.end()
        self._mail = _Mail("starttls")
        self.rules.unfinished.begin(self)

    def handshake_succeeded(self) -> None:
        """Forget the handshake: it has succeeded, and the client begins anew."""
        self._mail = None
        self.rules.unfinished.end(self)

    async def sender(self, address: str, *, encrypted: bool, authenticated: bool) -> Reply:
        """Handle MAIL FROM; refuse the sender with 530 if a requirement is not met."""
        self.end()
        self.attempts += 1
        mail = self._mail = _Mail("mail", address)
        refusal = self._unmet(encrypted=encrypted, authenticated=authenticated)
        if refusal is not None:
            self.end()
            return refusal
        for behaviour in await self._applying(mail, [address]):
            if isinstance(behaviour, RefuseMail) or behaviour == Drop("mail"):
                mail.behaviour = behaviour
                self.end()
                return _refusal(behaviour, "sender refused")
        return ""

    def malformed_sender(self, argument: str) -> None:
        """Journal a MAIL FROM that the library refused for its form."""
        # A second MAIL FROM within a mail is refused as well, and is no new mail.
        if self._mail is None:
            self._write(_Mail("mail", argument))

    async def recipient(self, address: str) -> Reply:
        """Handle RCPT TO.

        Drop and RefuseAllRecipients match any address of the mail so far, RefuseRecipient only
        this one.
        """
        self.attempts += 1
        mail = self._begun("rcpt")
        for behaviour in await self._applying(mail, [*mail.envelope, address]):
            if behaviour == Drop("rcpt"):
                mail.refused.append(address)
                mail.behaviour = behaviour
                self.end()
                return None
            if isinstance(behaviour, RefuseAllRecipients):
                return self._refuse(mail, address, behaviour)
        for behaviour in await self._applying(mail, [address]):
            if isinstance(behaviour, RefuseRecipient):
                return self._refuse(mail, address, behaviour)
        mail.rcpt_tos.append(address)
        return ""

    def malformed_recipient(self, argument: str) -> None:
        """Note a RCPT TO that the library refused for its form."""
        if self._mail is not None:
            self._refuse(self._mail, argument, None)

    async def message(self, raw: bytes) -> Reply:
        """Handle DATA with the whole message; journal the mail."""
        mail = self._begun("data")
        # Parsed first: behaviours may match the subject or the body.
        content = message_content(raw)
        reply: Reply = ""
        for behaviour in await self._applying(mail, [*mail.envelope, *strings_in(content)]):
            if isinstance(behaviour, RefuseData) or behaviour == Drop("data"):
                mail.behaviour = behaviour
                reply = _refusal(behaviour, "message refused")
                break
        self._write(mail, content, accepted=reply == "")
        return reply

    def end(self) -> None:
        """Journal the mail that was begun, if any: it goes no further. Safe to call twice."""
        if self._mail is not None:
            self._write(self._mail)

    def _dropped(self, stage: str) -> bool:
        # There are no texts yet: only a behaviour of the whole listener can match.
        drop = Drop(stage)
        if drop not in self.rules.bindings.matching(EMAIL, self.rules.source, [""]):
            return False
        self._write(_Mail(stage, behaviour=drop))
        return True

    def _unmet(self, *, encrypted: bool, authenticated: bool) -> str | None:
        if self.rules.require is Require.STARTTLS and not encrypted:
            return "530 5.7.0 Must issue a STARTTLS command first"
        if self.rules.require is Require.AUTH and not authenticated:
            return "530 5.7.0 Authentication required"
        return None

    def _begun(self, stage: str) -> _Mail:
        if self._mail is None:
            self._mail = _Mail(stage)
        self._mail.stage = stage
        return self._mail

    def _refuse(self, mail: _Mail, address: str, behaviour: Behaviour | None) -> Reply:
        mail.stage = "rcpt"
        mail.refused.append(address)
        mail.behaviour = behaviour or mail.behaviour
        # Journaled when the client gives up on the mail; readers of the journal wait for that.
        self.rules.unfinished.begin(self)
        return _refusal(behaviour, "recipient refused")

    async def _applying(self, mail: _Mail, texts: Iterable[str]) -> list[Behaviour]:
        """Wait for the delays among the matching behaviours; return the others."""
        found: list[Behaviour] = []
        for behaviour in self.rules.bindings.matching(EMAIL, self.rules.source, texts):
            now: Behaviour | None = behaviour
            while isinstance(now, Late):
                await self._delay(mail, now)
                now = now.then
            if now is not None:
                found.append(now)
        return found

    async def _delay(self, mail: _Mail, late: Late) -> None:
        if late in mail.waited:
            return
        mail.waited.append(late)
        mail.behaviour = mail.behaviour or late
        # Not a plain pause: sinks that stop must not wait for it.
        try:
            await asyncio.wait_for(self.rules.stopping.wait(), late.seconds)
        except TimeoutError:
            return

    def _write(
        self, mail: _Mail, content: dict[str, Any] | None = None, *, accepted: bool = False
    ) -> None:
        self.rules.journal.add(
            EMAIL,
            self.rules.source,
            {
                "stage": mail.stage,
                "accepted": accepted,
                "mail_from": mail.mail_from,
                "rcpt_tos": mail.rcpt_tos,
                "refused": mail.refused,
                **(content or {"html": None}),
            },
            behaviour=described(mail.behaviour) if mail.behaviour is not None else None,
        )
        self._mail = None
        self.rules.unfinished.end(self)


def _refusal(behaviour: Behaviour | None, text: str) -> Reply:
    # Drop has no code: it closes the connection.
    code = getattr(behaviour, "code", None)
    return f"{code} {text}" if code is not None else None
