"""The mail sink, with the standard library's client."""

from __future__ import annotations

import smtplib
import ssl
import threading
import time
from collections.abc import Callable

import pytest

from scicat_harness.sinks.arrival import Arrival
from scicat_harness.sinks.behaviour import (
    Behaviour,
    Drop,
    Late,
    RefuseAllRecipients,
    RefuseData,
    RefuseMail,
    RefuseRecipient,
)
from scicat_harness.sinks.client import Sinks
from scicat_harness.sinks.journal import Awaited
from scicat_harness.sinks.mail import Require
from tests.sinks.mails import connected, message, send


def only(sinks: Sinks, token: str) -> Arrival:
    """The one arrival of a request."""
    (arrival,) = sinks.between(token, token)
    return arrival


def test_a_mail_is_decoded(sinks: Sinks, token: str) -> None:
    html = f"<p>é {token} {'=' * 90}</p>"
    send(sinks.address, message("S <é> ü", to="Ä <a@example.org>", html=html))
    arrival = only(sinks, token)
    assert (arrival.channel, arrival.source, arrival.behaviour) == ("email", "smtp", None)
    content = arrival.content
    assert (content["stage"], content["accepted"]) == ("data", True)
    assert content["mail_from"] == "scicat@example.org"
    assert (content["rcpt_tos"], content["refused"]) == (["a@example.org"], [])
    assert content["subject"] == "S <é> ü"
    assert content["from"] == "SciCat <scicat@example.org>"
    assert (content["to"], content["reply_to"]) == ("Ä <a@example.org>", "reply@example.org")
    assert content["html"].strip() == html
    assert content["parts"] == ["text/html"]
    assert [name for name, _ in content["headers"]][:4] == ["From", "To", "Reply-To", "Subject"]
    assert "=?utf-8?" in content["raw"]
    assert html not in content["raw"]


def test_a_token_is_found_in_an_encoded_subject_and_in_recipients(
    sinks: Sinks, mint: Callable[[], str]
) -> None:
    first, second, third = mint(), mint(), mint()
    send(sinks.address, message(f"é {second}"), f"{third}@example.org", f"{first}@example.org")
    arrival = only(sinks, third)
    assert arrival.tokens == (first, second, third)
    assert sinks.between(first, second) == ()


def test_several_parts(sinks: Sinks, token: str) -> None:
    mail = message("two parts", html="<b>b</b>")
    mail.make_mixed()
    mail.add_attachment(f"plain {token}")
    send(sinks.address, mail)
    content = only(sinks, token).content
    assert content["parts"] == ["multipart/mixed", "text/html", "text/plain"]
    assert (content["html"].strip(), content["text"].strip()) == ("<b>b</b>", f"plain {token}")


def test_raw_headers_in_unknown_encodings_are_kept(sinks: Sinks, token: str) -> None:
    raw = f"Subject: =?no-such?Q?x?= {token}\r\nX: \xff\r\n\r\nbody\r\n".encode("latin-1")
    with connected(sinks.address) as client:
        client.sendmail("a@example.org", ["b@example.org"], raw)
    assert only(sinks, token).content["subject"] == f"=?no-such?Q?x?= {token}"


@pytest.mark.parametrize(
    ("behaviour", "error", "stage"),
    [
        (RefuseRecipient(451), smtplib.SMTPRecipientsRefused, "rcpt"),
        (RefuseAllRecipients(), smtplib.SMTPRecipientsRefused, "rcpt"),
        (RefuseData(552), smtplib.SMTPDataError, "data"),
        (Drop("rcpt"), smtplib.SMTPServerDisconnected, "rcpt"),
        (Drop("data"), smtplib.SMTPServerDisconnected, "data"),
    ],
)
def test_a_refusal_bound_to_a_recipient(
    sinks: Sinks, token: str, behaviour: Behaviour, error: type[Exception], stage: str
) -> None:
    with sinks.behaving(token, behaviour):
        with pytest.raises(error):
            send(sinks.address, message("no"), f"{token}@example.org")
        send(sinks.address, message("somebody else's"), "other@example.org")
    arrival = only(sinks, token)
    assert (arrival.content["stage"], arrival.content["accepted"]) == (stage, False)
    assert arrival.behaviour is not None
    assert arrival.behaviour["kind"] == type(behaviour).__name__
    assert (arrival.content["html"] is None) == (stage == "rcpt")
    envelope = [*arrival.content["rcpt_tos"], *arrival.content["refused"]]
    assert envelope == [f"{token}@example.org"]


@pytest.mark.parametrize("behaviour", [RefuseMail(), Drop("mail")])
def test_a_refused_sender(sinks: Sinks, token: str, behaviour: Behaviour) -> None:
    mail = message("no")
    del mail["From"]
    mail["From"] = f"{token}@example.org"
    with sinks.behaving(token, behaviour), pytest.raises(smtplib.SMTPException):
        send(sinks.address, mail)
    content = only(sinks, token).content
    assert (content["stage"], content["mail_from"]) == ("mail", f"{token}@example.org")


def test_one_recipient_of_two_is_refused(sinks: Sinks, token: str) -> None:
    bad, good = f"bad-{token}@example.org", f"good-{token}@example.org"
    with sinks.behaving(f"bad-{token}", RefuseRecipient()):
        send(sinks.address, message("half"), bad, good)
    content = only(sinks, token).content
    assert (content["rcpt_tos"], content["refused"]) == ([good], [bad])
    assert (content["stage"], content["accepted"]) == ("data", True)


def test_all_recipients_are_refused_from_the_first_that_matches(sinks: Sinks, token: str) -> None:
    with (
        sinks.behaving(token, RefuseAllRecipients()),
        pytest.raises(smtplib.SMTPRecipientsRefused),
    ):
        send(sinks.address, message("no"), f"{token}@example.org", "other@example.org")
    assert only(sinks, token).content["refused"] == [f"{token}@example.org", "other@example.org"]


def test_a_malformed_recipient_is_written_down(sinks: Sinks, token: str) -> None:
    with connected(sinks.address) as client:
        client.ehlo()
        client.mail("a@example.org")
        assert client.docmd("RCPT", f"TO:<{token} broken@@>")[0] == 553
    content = only(sinks, token).content
    assert (content["stage"], content["rcpt_tos"]) == ("rcpt", [])


def test_what_has_no_encoding_can_be_read_back(sinks: Sinks, token: str) -> None:
    with connected(sinks.address) as client:
        client.ehlo()
        client.mail("a@example.org")
        assert client.sock is not None
        client.sock.sendall(f"RCPT TO:<\xff{token}@example.org>\r\n".encode("latin-1"))
        assert client.getreply()[0] == 250
    assert only(sinks, token).content["rcpt_tos"] == [f"\udcff{token}@example.org"]


def test_readers_wait_for_a_mail_that_is_half_refused(sinks: Sinks, token: str) -> None:
    client = connected(sinks.address)
    client.ehlo()
    client.mail("a@example.org")
    with sinks.behaving(token, RefuseRecipient()):
        assert client.rcpt(f"{token}@example.org")[0] == 550
        hanging_up = threading.Timer(0.2, client.close)
        hanging_up.start()
        assert only(sinks, token).content["refused"] == [f"{token}@example.org"]
        hanging_up.join()


def test_a_client_that_hangs_up_leaves_its_attempt(sinks: Sinks, token: str) -> None:
    client = connected(sinks.address)
    client.ehlo()
    client.mail("a@example.org")
    client.rcpt(f"{token}@example.org")
    client.close()
    (arrival,) = sinks.wait(_awaited(token), timeout=5)
    assert (arrival.content["stage"], arrival.content["accepted"]) == ("rcpt", False)


def test_late(sinks: Sinks, token: str) -> None:
    begun = time.monotonic()
    with sinks.behaving(token, Late(0.2, RefuseData())), pytest.raises(smtplib.SMTPDataError):
        send(sinks.address, message("late"), f"{token}@example.org")
    assert 0.2 <= time.monotonic() - begun < 2
    assert not only(sinks, token).content["accepted"]


def test_long_lines_are_taken(sinks: Sinks, token: str) -> None:
    send(sinks.address, message("long", to=f"{'x' * 900}@example.org", html=token))
    mail = f"Subject: {token}\r\n\r\n{'y' * 5000}\r\n"
    with connected(sinks.address) as client:
        client.sendmail("a@example.org", ["b@example.org"], mail)
    assert [each.content["accepted"] for each in sinks.between(token, token)] == [True, True]


def test_starttls_is_required(sinks: Sinks, token: str) -> None:
    with sinks.listening("smtp", require=Require.STARTTLS) as listener:
        with pytest.raises(smtplib.SMTPSenderRefused, match="STARTTLS"):
            send(listener, message(token))
        with connected(listener) as client:
            client.starttls(context=ssl.create_default_context(cadata=listener.certificate))
            client.send_message(message(token))
        refused, accepted = sinks.after(0, source=listener.name)
    assert (refused.content["stage"], refused.content["accepted"]) == ("mail", False)
    assert (accepted.correlation, accepted.content["accepted"]) == (token, True)


def test_a_certificate_that_the_client_does_not_trust(sinks: Sinks) -> None:
    with sinks.listening("smtp", require=Require.STARTTLS) as listener:
        client = connected(listener)
        with pytest.raises(ssl.SSLCertVerificationError):
            client.starttls(context=ssl.create_default_context())
        client.close()
        (arrival,) = sinks.stray(source=listener.name)
    assert arrival.content["stage"] == "starttls"


def test_a_login_is_required(sinks: Sinks, token: str) -> None:
    with sinks.listening("smtp", require=Require.AUTH) as listener:
        with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication"):
            send(listener, message(token))
        with connected(listener) as client:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("sink", "wrong")
            client.login("sink", "sink")
            client.send_message(message(token))
        arrivals = sinks.after(0, source=listener.name)
    assert [each.content["accepted"] for each in arrivals] == [False, True]


@pytest.mark.parametrize("stage", ["connect", "helo"])
def test_a_listener_that_drops_every_connection(sinks: Sinks, stage: str) -> None:
    with sinks.listening("smtp", behaviour=Drop(stage)) as listener:
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            send(listener, message("no"))
        # The client tries HELO only where EHLO was answered, so there is one attempt.
        (arrival,) = sinks.stray(source=listener.name)
    assert (arrival.content["stage"], arrival.behaviour) == (
        stage,
        {"kind": "Drop", "stage": stage},
    )


def test_a_listener_that_refuses_everything(sinks: Sinks, token: str) -> None:
    with sinks.listening("smtp", name="refusing", behaviour=RefuseMail(421)) as listener:
        with pytest.raises(smtplib.SMTPException):
            send(listener, message(token))
        send(sinks.address, message(token))
        (refused,) = sinks.after(0, source="refusing")
    assert refused.content["stage"] == "mail"
    with pytest.raises(ConnectionRefusedError):
        connected(listener)


def _awaited(token: str) -> Awaited:
    return Awaited(token, "email")
