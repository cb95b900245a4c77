"""The ``email`` action: send one HTML mail.

See specification: action.email. ``from`` is literal; recipients, subject and body are templates. A
mail that cannot be sent is only logged; ``ignoreErrors`` is for errors of templates.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scicat_harness.embedded import smtp
from scicat_harness.embedded.actions import Context
from scicat_harness.embedded.actions.external import ExternalServices
from scicat_harness.embedded.beside.effects import mailed
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import BootFailure, Thrown
from scicat_harness.embedded.mail import Mail, addresses, recipients
from scicat_harness.embedded.nestlog import NestLog
from scicat_harness.embedded.templates import Template

__all__ = ["EmailAction"]

# The real backend loads the configuration twice, so its log lines of the start appear twice.
_INSTANTIATIONS = 2


@dataclass(frozen=True, slots=True)
class EmailAction:
    """An email action; ``sender`` is empty if neither ``from`` nor ``EMAIL_FROM`` is set."""

    log: NestLog
    defect: Defects
    external: ExternalServices
    to: Template
    subject: Template
    body: Template
    sender: str
    ignores_errors: bool
    kind: str = "email"

    @classmethod
    def build(
        cls, options: dict[str, Any], log: NestLog, defect: Defects, external: ExternalServices
    ) -> "EmailAction":
        """Return the action for accepted options, and read the template of the body.

        A relative path starts at the working folder. Raises BootFailure if the file is missing or a
        template is not supported here.
        """
        path = options["bodyTemplateFile"]
        # ``from`` is no template: it is sent as configured.
        to, subject, body = (
            Template(text, defect)
            for text in (options["to"], options["subject"], _body(path, defect))
        )
        for template in (to, subject, body):
            template.refuse_unsupported()
        for _ in range(_INSTANTIATIONS):
            log.log("EmailJobAction", "EmailJobAction parameters are valid.")
        return cls(
            log,
            defect,
            external,
            to,
            subject,
            body,
            sender=options.get("from") or external.mail.sender,
            ignores_errors=options.get("ignoreErrors", False),
        )

    @staticmethod
    def accepts(options: dict[str, Any]) -> bool:
        """Return whether the options are valid for an email action."""
        required = ("to", "subject", "bodyTemplateFile")
        return (
            all(isinstance(options.get(name), str) for name in required)
            and isinstance(options.get("from", ""), str)
            and isinstance(options.get("ignoreErrors", False), bool)
        )

    async def validate(self, context: Context) -> None:
        """Do nothing: a mail is only sent once the job is stored."""

    async def perform(self, context: Context) -> None:
        """Render the templates and send the mail.

        Raises Thrown if a template fails, unless ``ignoreErrors`` is set. A mail that cannot be
        sent raises nothing.
        """
        if self.defect("actions.email.skipped"):
            return
        if context.operation == "update" and self.defect("actions.email.create-only"):
            return
        # Logged before rendering, so the line does not prove that a mail was sent.
        self.log.log("EmailJobAction", f"(Job {context.job_id}) Performing EmailJobAction")
        try:
            mail = self._mail(context)
        except Thrown as thrown:
            if not self.defect("actions.email.template-errors-not-logged"):
                text = f"(Job {context.job_id}) EmailJobAction: Template error: {thrown.shown}"
                self.log.error("EmailJobAction", text)
            ignored = self.ignores_errors and not self.defect("actions.email.ignore-errors-ignored")
            if ignored or self.defect("actions.email.template-errors-ignored"):
                return
            raise
        times = 2 if self.defect("actions.email.sent-twice") else 1
        for _ in range(times):
            await self._send(mail)

    def _mail(self, context: Context) -> Mail:
        values = context.values()
        mail = Mail(
            sender=self.sender,
            to=self.to.render(values),
            subject=self.subject.render(values),
            html=self.body.render(values),
            reply_to=self.external.mail.reply_to,
        )
        return self._sabotaged(context, mail)

    async def _send(self, mail: Mail) -> None:
        # The rendered text, line breaks included: a log line can be forged through a recipient.
        self.log.log("Utils.sendMail", f"Sending email to: {mail.to}")
        to = list(recipients(addresses(mail.to)))
        if self.defect("actions.email.first-recipient-only"):
            to = to[:1]
        try:
            for sent in mailed(self.defect, to, mail.content()):
                await smtp.send(self.external.mail, mail.from_address, sent.to, sent.content)
        except smtp.MailRefused as refused:
            # Documented: this fails the action. Observed: it is only logged, and the job succeeds.
            self.log.error("MailService.sendMail", f"Failed sending email to: {mail.to}")
            self.log.error("MailService.sendMail", str(refused))
            if self.defect("actions.email.failure-fails-the-job"):
                raise Thrown(str(refused)) from None

    def _sabotaged(self, context: Context, right: Mail) -> Mail:
        """Return the mail as it is, or changed by the selected defect."""
        defect = self.defect
        if defect("actions.email.to-contact"):
            contact = context.job.get("contactEmail") if isinstance(context.job, dict) else ""
            return replace(right, to=contact or "")
        if defect("actions.email.subject-unrendered"):
            return replace(right, subject=self.subject.text)
        if defect("actions.email.body-unrendered"):
            return replace(right, html=self.body.text)
        if defect("actions.email.sender-default"):
            return replace(right, sender=self.external.mail.sender)
        if defect("actions.email.sender-rendered"):
            return replace(right, sender=Template(right.sender).render(context.values()))
        if defect("actions.email.reply-to-dropped"):
            return replace(right, reply_to="")
        return right


def _body(path: str, defect: Defects) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        if defect("startup.missing-mail-template-accepted"):
            return ""
        raise BootFailure(f"Error: ENOENT: no such file or directory, open '{path}'") from None
