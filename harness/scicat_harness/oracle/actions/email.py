"""Rules of email actions: the expected mail, with envelope and parts.

``$default_from`` and ``$default_reply_to`` stand for the configured ``EMAIL_FROM`` and
``EMAIL_REPLYTO``. Sources: specification: action.email, actions.failures, environment.services;
documentation page jobconfig.md for the options; observed v5.2.1 and v4.20.2 for failures.
"""

from __future__ import annotations

import re
from dataclasses import replace

from scicat_harness.model.action import Email
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.release import DEFAULT_SENDER_USED, REPLY_ADDRESS, ReleaseRange
from scicat_harness.model.remote import MailServer
from scicat_harness.oracle.actions.result import (
    IGNORED,
    ActFacts,
    ActionResult,
    ActionRules,
    ActTable,
    failing,
)
from scicat_harness.oracle.actions.shared import BROKEN, IGNORED_FAILURE, LATER, SWALLOWED
from scicat_harness.oracle.rule import Reading, Rule, RuleTable

__all__ = ["EMAIL"]

_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"
# A name, in quotes or not, and an address in angles.
_NAMED = re.compile(r'\s*(?P<quote>"?)(?P<name>[^"<>]*?)(?P=quote)\s*<(?P<address>[^<>]+)>\s*')
_PLAIN = re.compile(r"[\w ]*", re.ASCII)


def _mail(facts: ActFacts[Email]) -> ActionResult:
    """Return the mail from the sender of the action or the configured one.

    Its Reply-To is the configured address, since v4.27.0.
    """
    return ActionResult((_sent(facts.action, "$default_reply_to"),))


def _without_reply(facts: ActFacts[Email]) -> ActionResult:
    """Return the mail of a release before v4.27.0, without Reply-To."""
    return ActionResult((_sent(facts.action, None),))


def _without_sender(facts: ActFacts[Email]) -> ActionResult:
    """Return the mail of a release before v4.25.0 if the action has no sender.

    It has no From header and an empty envelope sender (observed v4.20.2).
    """
    sent = _sent(facts.action, None)
    # An empty sender is written <> in SMTP.
    content = {**sent.content, "from": None, "mail_from": "<>"}
    return ActionResult((replace(sent, content=content),), notable=True)


def _sent(action: Email, reply_to: str | None) -> Effect:
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
    return Effect(Channel.EMAIL, content, "actions.perform.email.sends")


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


def _is_lost(facts: ActFacts[Email]) -> bool:
    return facts.action.server is MailServer.REFUSES


def _is_lost_openly(facts: ActFacts[Email]) -> bool:
    return _is_lost(facts) and not facts.action.ignore_errors


_PERFORMING: ActTable[Email] = RuleTable(
    "actions.perform.email",
    (
        SWALLOWED,
        IGNORED_FAILURE,
        BROKEN,
        # Since v4.26.0 ``ignoreErrors`` of email covers its templates; a mail that cannot be sent
        # fails no job with or without it, though documented otherwise (action.email).
        Rule(
            "actions.perform.email.lost",
            "a mail that the server does not accept is given up; only the log shows it",
            _SEEN,
            _is_lost_openly,
            lambda _: IGNORED,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.perform.email.lost-told",
            "a mail that cannot be sent fails the action unless errors are to be ignored",
            _DOCS,
            _is_lost_openly,
            # The documentation gives no text for it.
            lambda f: failing(f, r"[\s\S]*"),
            reading=Reading.DOCUMENTED,
        ),
        Rule(
            "actions.perform.email.lost-ignored",
            "ignoreErrors: a mail that cannot be sent is given up",
            _DOCS,
            _is_lost,
            lambda _: IGNORED,
        ),
        # One rule for each set of headers: v4.25.0 added the default sender, v4.27.0 Reply-To.
        Rule(
            "actions.perform.email.senderless",
            "a mail without a sender of its own has none: the configured one is overwritten",
            "observed v4.20.2",
            lambda f: f.action.sender is None,
            _without_sender,
            releases=ReleaseRange(until=DEFAULT_SENDER_USED),
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.perform.email.sends-without-reply-to",
            "a mail goes to its recipients, with subject and body, answered to its sender",
            _SEEN,
            lambda _: True,
            _without_reply,
            releases=ReleaseRange(until=REPLY_ADDRESS),
        ),
        Rule(
            "actions.perform.email.sends",
            "a mail goes to its recipients, with its subject and its body",
            _DOCS,
            lambda _: True,
            _mail,
        ),
    ),
)

EMAIL: ActionRules[Email] = ActionRules(RuleTable("actions.validate.email", (LATER,)), _PERFORMING)
