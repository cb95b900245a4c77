"""Sending mail to the sinks with the standard library's client."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

from scicat_harness.sinks.address import Listener, SinksAddress


def message(
    subject: str, *, to: str = "to@example.org", html: str = "<p>hello</p>"
) -> EmailMessage:
    """One part of HTML, encoded as quoted-printable, as the backend sends it."""
    made = EmailMessage(policy=SMTP_POLICY)
    made["From"] = "SciCat <scicat@example.org>"
    made["To"] = to
    made["Reply-To"] = "reply@example.org"
    made["Subject"] = subject
    made.set_content(html, subtype="html", cte="quoted-printable")
    return made


def connected(where: SinksAddress | Listener) -> smtplib.SMTP:
    """A connection to a mail sink."""
    host, port = (
        (where.host, where.port)
        if isinstance(where, Listener)
        else (where.smtp_host, where.smtp_port)
    )
    return smtplib.SMTP(host, port, timeout=10)


def send(where: SinksAddress | Listener, mail: EmailMessage, *recipients: str) -> None:
    """One transaction on a connection of its own; raises what smtplib raises."""
    with connected(where) as client:
        client.send_message(mail, to_addrs=list(recipients) or None)
