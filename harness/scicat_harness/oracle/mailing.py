"""Mails: the expected mail of an email action, with envelope and parts.

Source: specification: action.email, environment.services. ``$default_from`` and
``$default_reply_to`` stand for the configured ``EMAIL_FROM`` and ``EMAIL_REPLYTO``.
"""

from __future__ import annotations

import re
from dataclasses import replace

from scicat_harness.model.action import Email
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.oracle.action_result import ActFacts, ActionResult

# A name, in quotes or not, and an address in angles.
_NAMED = re.compile(r'\s*(?P<quote>"?)(?P<name>[^"<>]*?)(?P=quote)\s*<(?P<address>[^<>]+)>\s*')
_PLAIN = re.compile(r"[\w ]*", re.ASCII)

__all__ = ["mail", "mail_without_reply", "mail_without_sender"]


def mail(facts: ActFacts) -> ActionResult:
    """Return the mail from the sender of the action or the configured one.

    Its Reply-To is the configured address, since v4.27.0.
    """
    return _mailed(facts, "$default_reply_to")


def mail_without_reply(facts: ActFacts) -> ActionResult:
    """Return the mail of a release before v4.27.0, without Reply-To."""
    return _mailed(facts, None)


def mail_without_sender(facts: ActFacts) -> ActionResult:
    """Return the mail of a release before v4.25.0 if the action has no sender.

    It has no From header and an empty envelope sender (observed v4.20.2).
    """
    (sent,) = _mailed(facts, None).effects
    # An empty sender is written <> in SMTP.
    content = {**sent.content, "from": None, "mail_from": "<>"}
    return ActionResult((replace(sent, content=content),), notable=True)


def _mailed(facts: ActFacts, reply_to: str | None) -> ActionResult:
    action = facts.action
    assert isinstance(action, Email)
    name, address = _sender(action.sender or "$default_from")
    content = {
        "to": action.to,
        "subject": action.subject,
        "html": action.body,
        "from": f"{name} <{address}>" if name else address,
        # The envelope has the address alone, without the name before it.
        "mail_from": address,
        "reply_to": reply_to,
        "parts": ["text/html"],
    }
    return ActionResult((Effect(Channel.EMAIL, content, "actions.perform.email.sends"),))


def _sender(configured: str) -> tuple[str, str]:
    """Return name and address of a sender as the header has them.

    A name is quoted if it has more than letters, digits and blanks; encoded words are decoded
    (observed v5.2.1).
    """
    found = _NAMED.fullmatch(configured)
    if found is None:
        return "", configured.strip()
    name = found["name"].strip()
    quoted = name.isascii() and _PLAIN.fullmatch(name) is None
    return (f'"{name}"' if quoted else name), found["address"].strip()
