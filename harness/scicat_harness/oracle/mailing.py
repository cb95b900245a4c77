"""Mails: what arrives of an email action, envelope and parts included."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr

from scicat_harness.model.action import Email
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.oracle.action_result import ActFacts, ActionResult

__all__ = ["mail", "mail_without_reply", "mail_without_sender"]


def mail(facts: ActFacts) -> ActionResult:
    """A mail from its sender or the configured one, with the configured address for replies."""
    return _mailed(facts, "$default_reply_to")


def mail_without_reply(facts: ActFacts) -> ActionResult:
    """The same by a release that knows no address for replies."""
    return _mailed(facts, None)


def mail_without_sender(facts: ActFacts) -> ActionResult:
    """The same by a release that does not use the configured sender."""
    (sent,) = _mailed(facts, None).effects
    content = {**sent.content, "from": None, "mail_from": "<>"}
    return ActionResult((replace(sent, content=content),), notable=True)


def _mailed(facts: ActFacts, reply_to: str | None) -> ActionResult:
    action = facts.action
    assert isinstance(action, Email)
    sender = action.sender or "$default_from"
    content = {
        "to": action.to,
        "subject": action.subject,
        "html": action.body,
        "from": sender,
        "mail_from": parseaddr(sender)[1],
        "reply_to": reply_to,
        "parts": ["text/html"],
    }
    return ActionResult((Effect(Channel.EMAIL, content, "actions.perform.email.sends"),))
