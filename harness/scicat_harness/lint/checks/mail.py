"""Options of email actions that do less than they seem to, and mails that are lost.

Specification: action.email and environment.services.
"""

from __future__ import annotations

from collections.abc import Iterator

from scicat_harness.lint.entries import ActionEntry
from scicat_harness.lint.finding import Finding
from scicat_harness.lint.namedfile import NotRead
from scicat_harness.lint.subject import LintSubject, finding
from scicat_harness.lint.words import shown

__all__ = ["mail_findings"]


def mail_findings(subject: LintSubject) -> Iterator[Finding]:
    """Yield the findings about email actions.

    A variable that all mails need is reported once, with the first action as an example.
    """
    mails = [
        action
        for job in subject.jobs
        for operation in job.operations()
        for action in operation.all_actions()
        if action.kind == "email"
    ]
    for action in mails:
        yield from _of(subject, action)
    yield from _addresses(subject, mails)


def _of(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    yield from _body(subject, action)
    sender = action.options.get("from")
    # Unlike to and subject, from is used as it is (specification: action.email).
    if isinstance(sender, str) and "{{" in sender:
        sentence = "from is sent as it is written, with its braces"
        path = (*action.path, "from")
        yield subject.at("mail.from-template", path, sentence, about=action.title)
    if action.options.get("ignoreErrors") is True and subject.features.mail_ignores_errors:
        sentence = "a mail that cannot be sent never fails the job; ignoreErrors adds errors of "
        sentence += "templates to what is only logged"
        path = (*action.path, "ignoreErrors")
        yield subject.at("mail.ignore-errors", path, sentence, about=action.title, key=True)


def _body(subject: LintSubject, action: ActionEntry) -> Iterator[Finding]:
    """Yield a finding for a body file that a backend may read and the linter must not.

    A missing file is a startup error and reported there.
    """
    name = action.options.get("bodyTemplateFile")
    if not isinstance(name, str):
        return
    found = subject.mail_body(name)
    if isinstance(found, NotRead) and found.refused:
        sentence = f"{shown(name)} is not read: {found.reason}"
        path = (*action.path, "bodyTemplateFile")
        yield subject.at("mail.body-not-read", path, sentence, about=action.title)


def _addresses(subject: LintSubject, mails: list[ActionEntry]) -> Iterator[Finding]:
    env = subject.installation.env
    if env is None or not mails:
        return
    values = env.values
    # Microsoft 365 needs no SMTP_HOST; its own variables are checked at the start.
    if (values.get("EMAIL_TYPE") or "smtp").lower() == "smtp" and not values.get("SMTP_HOST"):
        sentence = f"SMTP_HOST is not set: the mail of {mails[0].title} is lost, and the job is not"
        yield finding("env.no-mail-server", env.place("EMAIL_TYPE"), sentence)
    # SMTP_MESSAGE_FROM is the older name, and the default of EMAIL_FROM.
    if not values.get("EMAIL_FROM") and not values.get("SMTP_MESSAGE_FROM"):
        without = [each for each in mails if not each.options.get("from")]
        if without:
            sentence = f"the mail of {without[0].title} has no sender"
            yield finding("env.no-sender", env.place("SMTP_HOST"), sentence)
