"""Mails over a real SMTP connection."""

import re
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from scicat_harness.embedded.failures import BootFailure
from scicat_harness.embedded.mail import Mail, addresses, recipients

from .facility import Build, World, job_type
from .sinks import MailSink

ENVIRONMENT = {"EMAIL_FROM": "from@default.org", "EMAIL_REPLYTO": "reply@default.org"}


def sending(
    build: Build,
    sink: MailSink,
    tmp_path: Path,
    html: str = "<p>é {{job.type}}</p>",
    **options: Any,
) -> World:
    template = tmp_path / "body.html"
    template.write_text(html)
    email = {
        "actionType": "email",
        "to": "{{{request.jobParams.to}}}",
        "subject": "S {{job.type}} {{{request.jobParams.s}}}",
        "bodyTemplateFile": str(template),
        **options,
    }
    sink.received.clear()
    after = {"actionType": "log", "perform": "after"}
    types = [job_type("t", actions=[email, after])]
    return build(types, environment=sink.environment(ENVIRONMENT))


def lines(world: World) -> list[str]:
    return [line for line in world.log if re.match(r"\[(Email|Utils|MailS|LogJ)", line)]


def test_message(build: Build, mail_sink: MailSink, tmp_path: Path) -> None:
    world = sending(build, mail_sink, tmp_path)
    job = world.submit(None, "t", jobParams={"to": "a@b.org", "s": "<é>"}).json
    (mail,) = mail_sink.received
    assert (mail.sender, mail.recipients) == ("from@default.org", ("a@b.org",))
    head, _, body = mail.raw.decode().partition("\r\n\r\n")
    assert body == "<p>=C3=A9 t</p>\r\n"
    assert re.fullmatch(
        r"From: from@default\.org\r\nTo: a@b\.org\r\nReply-To: reply@default\.org\r\n"
        r"Subject: =\?UTF-8\?Q\?S_t_=3C=C3=A9=3E\?=\r\nMessage-ID: <[0-9a-f-]{36}@default\.org>\r\n"
        r"Content-Transfer-Encoding: quoted-printable\r\nDate: .* \+0000\r\n"
        r"MIME-Version: 1\.0\r\nContent-Type: text/html; charset=utf-8",
        head,
    )
    assert lines(world) == [
        *["[EmailJobAction] EmailJobAction parameters are valid."] * 2,
        f"[EmailJobAction] (Job {job['id']}) Performing EmailJobAction",
        "[Utils.sendMail] Sending email to: a@b.org",
        "[LogJobAction] after",
    ]


def test_a_subject_is_one_line(build: Build, mail_sink: MailSink, tmp_path: Path) -> None:
    world = sending(build, mail_sink, tmp_path)
    subject = "one\r\nBcc: evil@b.org\n\ntwo"
    assert world.submit(None, "t", jobParams={"to": "a@b.org", "s": subject}).status == 201
    (mail,) = mail_sink.received
    assert b"\r\nSubject: S t one Bcc: evil@b.org  two\r\n" in mail.raw
    assert mail.recipients == ("a@b.org",)


def test_lists_names_and_a_literal_sender(
    build: Build, mail_sink: MailSink, tmp_path: Path
) -> None:
    world = sending(build, mail_sink, tmp_path, **{"from": "A {{job.type}} <a@x.org>"})
    to = "One <a@b.org>, c@d.org; refused@x.org"
    assert world.submit(None, "t", jobParams={"to": to}).status == 201
    (mail,) = mail_sink.received
    assert mail.recipients == ("a@b.org", "c@d.org")
    assert mail.message["From"] == '"A {{job.type}}" <a@x.org>'
    assert mail.message["To"] == "One <a@b.org>, c@d.org, refused@x.org"


def test_a_line_break_redirects_the_mail(build: Build, mail_sink: MailSink, tmp_path: Path) -> None:
    world = sending(build, mail_sink, tmp_path)
    world.submit(None, "t", jobParams={"to": "a@b.org\r\nBcc: evil@x.org"})
    (mail,) = mail_sink.received
    assert mail.recipients == ("evil@x.org",)
    assert b"\r\nBcc:" not in mail.raw


@pytest.mark.parametrize("to", ["", "nobody", "refused@x.org"])
def test_unsendable_mails_are_forgotten(
    build: Build, mail_sink: MailSink, tmp_path: Path, to: str
) -> None:
    world = sending(build, mail_sink, tmp_path)
    assert world.submit(None, "t", jobParams={"to": to}).status == 201
    assert not mail_sink.received
    assert f"[MailService.sendMail] Failed sending email to: {to}" in lines(world)
    assert lines(world)[-1] == "[LogJobAction] after"


def test_no_server(build: Build, tmp_path: Path) -> None:
    template = tmp_path / "body.html"
    template.write_text("x")
    email = {"actionType": "email", "to": "a@b.org", "subject": "s"}
    action = {**email, "bodyTemplateFile": str(template)}
    server = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": "1"}
    world = build([job_type("t", actions=[action])], environment=server)
    assert world.submit(None, "t").status == 201
    assert "[MailService.sendMail] Failed sending email to: a@b.org" in lines(world)


@pytest.mark.parametrize(("ignored", "status"), [(False, 400), (True, 201)])
def test_template_errors(
    build: Build, mail_sink: MailSink, tmp_path: Path, ignored: bool, status: int
) -> None:
    world = sending(build, mail_sink, tmp_path, "{{nosuch 1}}", ignoreErrors=ignored)
    assert world.submit(None, "t", jobParams={"to": "a@b.org"}).status == status
    assert len(world.backend.store.jobs) == 1
    assert not mail_sink.received
    assert ("[LogJobAction] after" in world.log) is ignored
    assert lines(world)[3].endswith(
        'EmailJobAction: Template error: Error: Missing helper: "nosuch"'
    )


def test_the_body_is_read_once(build: Build, mail_sink: MailSink, tmp_path: Path) -> None:
    world = sending(build, mail_sink, tmp_path, ".dot\nplain")
    (tmp_path / "body.html").write_text("changed")
    world.submit(None, "t", jobParams={"to": "a@b.org"})
    assert mail_sink.received[0].html.rstrip("\n") == ".dot\nplain"


def test_a_path_relative_to_the_working_directory(
    build: Build, mail_sink: MailSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world = sending(build, mail_sink, tmp_path, "x", bodyTemplateFile="body.html")
    assert world.submit(None, "t", jobParams={"to": "a@b.org"}).status == 201
    assert len(mail_sink.received) == 1


def test_nothing_goes_out_in_the_clear_where_starttls_was_offered(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def refuse(self: SMTP, arg: str) -> None:  # noqa: ARG001
        asked.append("STARTTLS")
        await self.push("454 TLS not available")

    monkeypatch.setattr(SMTP, "smtp_STARTTLS", refuse)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with MailSink(tls_context=context) as sink:
        world = sending(build, sink, tmp_path)
        assert world.submit(None, "t", jobParams={"to": "a@b.org"}).status == 201
        assert asked == ["STARTTLS"]
        assert not sink.received


def test_ms365_is_refused_once_its_ids_are_there(build: Build) -> None:
    names = ("MS365_TENANT_ID", "MS365_CLIENT_ID", "MS365_CLIENT_SECRET")
    complete = {"EMAIL_TYPE": "ms365", **dict.fromkeys(names, "x")}
    with pytest.raises(BootFailure, match="Missing MS365_CLIENT_SECRET"):
        build([], environment={**complete, "MS365_CLIENT_SECRET": ""})
    with pytest.raises(BootFailure, match="does not support EMAIL_TYPE=ms365"):
        build([], environment=complete)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('A B <a@b.org>, c@d.org; "Q, x" <e@f.org>', ["a@b.org", "c@d.org", "e@f.org"]),
        ("g: a@b.org, c@d.org;", ["a@b.org", "c@d.org"]),
        ("a b@c.org (comment), Ö <o@ö.org>", ["b@c.org", "o@xn--nda.org"]),
        ("nonsense; @x; y@", []),
    ],
)
def test_addresses(text: str, found: list[str]) -> None:
    assert list(recipients(addresses(text))) == found


@pytest.mark.parametrize(
    ("html", "encoding"),
    [
        ("<p>short</p>", b"7bit"),
        ("y" * 80, b"quoted-printable"),
        ("some text é", b"quoted-printable"),
        ("日本", b"base64"),
    ],
)
def test_encodings(html: str, encoding: bytes) -> None:
    content = Mail("a@b.org", "c@d.org", "s", html).content()
    assert b"Content-Transfer-Encoding: " + encoding + b"\r\n" in content
    assert max(map(len, content.split(b"\r\n"))) <= 78


def test_a_silent_server_is_given_up(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scicat_harness.embedded.smtp._SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        (tmp_path / "b.html").write_text("x")
        email = {"actionType": "email", "to": "a@b.org", "subject": "s"}
        action = {**email, "bodyTemplateFile": str(tmp_path / "b.html")}
        silent = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.getsockname()[1])}
        world = build([job_type("t", actions=[action])], environment=silent)
        assert world.submit(None, "t").status == 201
    assert "[MailService.sendMail] Error: Connection timeout" in world.log
