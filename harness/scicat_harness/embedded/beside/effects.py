"""Defects by which mails, calls, messages and log lines have more in them than configured."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from scicat_harness.embedded.beside.table import Table
from scicat_harness.embedded.broker import Publication
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.fetch import OutgoingCall

__all__ = [
    "CALLER_TOKEN",
    "CALLS",
    "DOCUMENTS",
    "LOGS",
    "MAILS",
    "ROUTES",
    "Sent",
    "called",
    "logged",
    "mailed",
    "published",
    "routed",
]

CALLER_TOKEN: ContextVar[str] = ContextVar("caller_token", default="")
"""The token of the request that is being handled."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail that is about to be sent: envelope and message."""

    to: list[str]
    content: bytes
    more: list["Sent"] = field(default_factory=list)
    """Mails that are sent beside it."""

    def with_header(self, header: str) -> "Sent":
        """Return the mail with one more header."""
        return replace(self, content=header.encode() + b"\r\n" + self.content)


MAILS: Table[Callable[[Sent], Sent]] = Table("mails")
CALLS: Table[Callable[[OutgoingCall], OutgoingCall]] = Table("calls")
DOCUMENTS: Table[Callable[[Any], Any]] = Table("messages")
ROUTES: Table[Callable[[Publication], list[Publication]]] = Table("messages")
LOGS: Table[Callable[[str], str]] = Table("log")

_INTRUDER = "intruder@elsewhere.example"


def mailed(defect: Defects, to: list[str], content: bytes) -> list[Sent]:
    """Return the mails to send in place of one."""
    damage = MAILS.selected(defect)
    sent = Sent(to, content)
    sent = sent if damage is None else damage(sent)
    return [sent, *sent.more]


def called(defect: Defects, call: OutgoingCall) -> OutgoingCall:
    """Return a URL call, changed by the selected defect."""
    damage = CALLS.selected(defect)
    return call if damage is None else damage(call)


def published(defect: Defects, document: Any) -> Any:
    """Return the document of a message, changed by the selected defect."""
    damage = DOCUMENTS.selected(defect)
    return document if damage is None else damage(document)


def routed(defect: Defects, message: Publication) -> list[Publication]:
    """Return the messages to publish in place of one."""
    damage = ROUTES.selected(defect)
    return [message] if damage is None else damage(message)


def logged(defect: Defects, token: str) -> str | None:
    """Return a line that the selected defect writes for a request; None for no line."""
    damage = LOGS.selected(defect)
    return None if damage is None or not token else damage(token)


@MAILS.add("mail.cc-header", "A mail has a Cc header.")
def _(sent: Sent) -> Sent:
    return sent.with_header(f"Cc: {_INTRUDER}")


@MAILS.add("mail.bcc-header", "A mail has a Bcc header.")
def _(sent: Sent) -> Sent:
    return sent.with_header(f"Bcc: {_INTRUDER}")


@MAILS.add("mail.silent-recipient", "A mail goes to one more recipient.")
def _(sent: Sent) -> Sent:
    return replace(sent, to=[*sent.to, _INTRUDER])


@MAILS.add("mail.dots-lost", "A line that begins with a dot loses it.")
def _(sent: Sent) -> Sent:
    return replace(sent, content=sent.content.replace(b"\n.", b"\n"))


@MAILS.add("mail.copy", "A copy of each mail goes to somebody else.")
def _(sent: Sent) -> Sent:
    return replace(sent, more=[Sent([_INTRUDER], sent.content)])


@MAILS.add("mail.reply-to-twice", "A mail has a second Reply-To.")
def _(sent: Sent) -> Sent:
    return sent.with_header(f"Reply-To: {_INTRUDER}")


@MAILS.add("mail.names-software", "A mail names the software that sent it.")
def _(sent: Sent) -> Sent:
    return sent.with_header("X-Mailer: scicat")


@MAILS.add("mail.has-token", "A mail has the caller's token in its text.")
def _(sent: Sent) -> Sent:
    # Quoted-printable and base64 texts would need encoding; a header is text as it is.
    return sent.with_header(f"Message-Context: {CALLER_TOKEN.get()}")


@MAILS.add("mail.names-in-any-letters", "Recipients that differ in case get one mail.")
def _(sent: Sent) -> Sent:
    return replace(sent, to=list({each.lower(): each for each in sent.to}.values()))


@CALLS.add("call.caller-token", "A URL call has the caller's token.")
def _(call: OutgoingCall) -> OutgoingCall:
    return _with_header(call, "Authorization", f"Bearer {CALLER_TOKEN.get()}")


@CALLS.add("call.extra-header", "A URL call has a header that is not configured.")
def _(call: OutgoingCall) -> OutgoingCall:
    return _with_header(call, "X-Forwarded-For", "127.0.0.1")


@CALLS.add("call.cookie", "A URL call has a cookie.")
def _(call: OutgoingCall) -> OutgoingCall:
    return _with_header(call, "Cookie", "session=1")


@CALLS.add("call.extra-parameter", "A URL call has one more parameter.")
def _(call: OutgoingCall) -> OutgoingCall:
    separator = "&" if "?" in call.url else "?"
    return replace(call, url=f"{call.url}{separator}source=scicat")


@CALLS.add("call.token-in-address", "A URL call has the caller's token in its address.")
def _(call: OutgoingCall) -> OutgoingCall:
    separator = "&" if "?" in call.url else "?"
    return replace(call, url=f"{call.url}{separator}access_token={CALLER_TOKEN.get()}")


@DOCUMENTS.add("message.extra-field", "A message has a field that is not stored.")
def _(document: Any) -> Any:
    return {**document, "host": "node1"}


@DOCUMENTS.add("message.has-token", "A message has the caller's token.")
def _(document: Any) -> Any:
    return {**document, "statusMessage": CALLER_TOKEN.get()}


@ROUTES.add("message.copy-to-another-exchange", "A copy of each message goes elsewhere.")
def _(message: Publication) -> list[Publication]:
    return [message, replace(message, exchange="elsewhere", queue="elsewhere")]


@ROUTES.add("message.copy-without-queue", "A copy goes to an exchange that nobody listens to.")
def _(message: Publication) -> list[Publication]:
    return [message, replace(message, exchange="elsewhere", binding_key="nowhere")]


@ROUTES.add("message.tapped", "A further queue gets a copy of each message.")
def _(message: Publication) -> list[Publication]:
    return [replace(message, also=f"{message.queue}.tap")]


@ROUTES.add("message.queue-for-everything", "A queue has a further binding, for all messages.")
def _(message: Publication) -> list[Publication]:
    return [replace(message, also=message.queue, binding_key="#")]


@LOGS.add("log.has-token", "The log has the tokens of callers.")
def _(token: str) -> str:
    return f"Request with {token}"


def _with_header(call: OutgoingCall, name: str, value: str) -> OutgoingCall:
    return replace(call, headers=(*call.headers, (name, value)))
