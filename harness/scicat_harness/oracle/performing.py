"""Rules of the perform phase: the result of each action after the job is stored or changed.

Sources: specification: actions.phases, actions.failures, action.log to action.rabbitmq;
documentation page jobconfig.md for the options and ``ignoreErrors``; observed v5.2.1 for failures.
"""

from __future__ import annotations

from scicat_harness.model.action import (
    BrokerBehaviour,
    Email,
    Foreign,
    Log,
    MailServer,
    Rabbitmq,
    Url,
)
from scicat_harness.model.effect import STORED, Channel, Effect
from scicat_harness.model.release import DEFAULT_SENDER_USED, REPLY_ADDRESS, ReleaseRange
from scicat_harness.model.text import pattern_of, plain
from scicat_harness.oracle.action_result import (
    ActFacts,
    ActionResult,
    ActRule,
    Do,
    entries,
    failing,
)
from scicat_harness.oracle.calling import (
    address_fails,
    broken_line,
    broken_text,
    broken_url,
    call_fails,
    call_refused,
    called,
    called_in_vain,
    line_fails,
    remote_refusal,
    unreachable,
)
from scicat_harness.oracle.mailing import mail, mail_without_reply, mail_without_sender
from scicat_harness.oracle.performing_early import EARLIER, IGNORED
from scicat_harness.oracle.rule import Reading, RuleTable

__all__ = ["IGNORED", "PERFORMING"]

_SOURCE = "specification: actions.phases"
_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"


def _line(facts: ActFacts) -> ActionResult:
    text = facts.text if facts.text is not None else plain(f"Performing job for {_type(facts)}")
    return ActionResult(entries(text, "actions.perform.log.writes"))


def _type(facts: ActFacts) -> str:
    return facts.context.job_type


def _lost_mail_reported(facts: ActFacts) -> ActionResult:
    # The documentation gives no text for it.
    return failing(facts, r"[\s\S]*")


def _message(facts: ActFacts) -> ActionResult:
    action = facts.action
    assert isinstance(action, Rabbitmq)
    rule = "actions.perform.rabbitmq.publishes"
    content = {
        "exchange": action.exchange,
        "key": action.key,
        # Persistent, and without content type, message id or any other property.
        "properties": {"delivery_mode": 2, "headers": {}},
        "json": STORED,
        "layout": "compact",
    }
    # The message is expected at our queue on the exchange, and in every queue bound to the key.
    places = ("exchange", *facts.context.queues(action))
    return ActionResult(
        tuple(Effect(Channel.AMQP, {"source": each, **content}, rule) for each in places)
    )


def _no_connection(facts: ActFacts) -> ActionResult:
    action = facts.action
    assert isinstance(action, Rabbitmq)
    return failing(
        facts,
        f"Error: Could not connect to RabbitMQ queue {_name(action.queue)} with exchange "
        f"{_name(action.exchange)} and key {_name(action.key)}\\.",
    )


def _name(name: str) -> str:
    """Return the pattern of an exchange, queue or key, of which the run is a part."""
    return pattern_of(name).replace("$run", r"[\w-]+")


def _dies(facts: ActFacts) -> ActionResult:
    del facts
    return ActionResult(dies=True, notable=True)


def _refused_message(facts: ActFacts) -> ActionResult:
    return failing(facts, r"[\s\S]*")


def _is_lost(facts: ActFacts) -> bool:
    return isinstance(facts.action, Email) and facts.action.server is MailServer.REFUSES


def _broker(facts: ActFacts) -> BrokerBehaviour | None:
    return facts.action.broker if isinstance(facts.action, Rabbitmq) else None


def _foreign(facts: ActFacts) -> ActionResult:
    action = facts.action
    if not isinstance(action, Foreign):
        return ActionResult()
    return (
        failing(facts, action.fails) if action.fails is not None else ActionResult(action.effects)
    )


PERFORMING: RuleTable[ActFacts, Do] = RuleTable(
    "performing",
    (
        # First, because the rules of later releases below would apply as well.
        *EARLIER,
        ActRule(
            "actions.perform.log.broken",
            "a template that fails fails the action, though the job is stored",
            _SEEN,
            line_fails,
            broken_line,
        ),
        ActRule(
            "actions.perform.log.writes",
            "a log action writes its text; without one it names the job type",
            _DOCS,
            lambda f: isinstance(f.action, Log),
            _line,
        ),
        # Addresses before other texts: ``ignoreErrors`` never covers an address (actions.failures).
        ActRule(
            "actions.perform.url.broken-address",
            "an address that cannot be rendered fails the action, even with ignoreErrors",
            _SEEN,
            lambda f: address_fails(f) and f.ignores_errors,
            broken_url,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.ignored",
            "ignoreErrors: a template that fails costs the effect and nothing else",
            _DOCS,
            lambda f: (f.broken is not None or address_fails(f)) and f.ignores_errors,
            lambda _: IGNORED,
        ),
        ActRule(
            "actions.perform.url.unrenderable",
            "an address that cannot be rendered fails the action",
            _SEEN,
            address_fails,
            broken_url,
        ),
        ActRule(
            "actions.perform.broken",
            "a template that fails fails the mail or call, though the job is stored",
            _SEEN,
            lambda f: f.broken is not None,
            broken_text,
        ),
        # Since v4.26.0 ``ignoreErrors`` of email covers its templates; a mail that cannot be sent
        # fails no job with or without it, though documented otherwise (action.email).
        ActRule(
            "actions.perform.email.lost",
            "a mail that the server does not accept is given up; only the log shows it",
            _SEEN,
            lambda f: _is_lost(f) and not f.ignores_errors,
            lambda _: IGNORED,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.email.lost-told",
            "a mail that cannot be sent fails the action unless errors are to be ignored",
            _DOCS,
            lambda f: _is_lost(f) and not f.ignores_errors,
            _lost_mail_reported,
            reading=Reading.DOCUMENTED,
        ),
        ActRule(
            "actions.perform.email.lost-ignored",
            "ignoreErrors: a mail that cannot be sent is given up",
            _DOCS,
            _is_lost,
            lambda _: IGNORED,
        ),
        # One rule for each set of headers: v4.25.0 added the default sender, v4.27.0 Reply-To.
        ActRule(
            "actions.perform.email.senderless",
            "a mail without a sender of its own has none: the configured one is overwritten",
            "observed v4.20.2",
            lambda f: isinstance(f.action, Email) and f.action.sender is None,
            mail_without_sender,
            releases=ReleaseRange(until=DEFAULT_SENDER_USED),
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.email.sends-without-reply-to",
            "a mail goes to its recipients, with subject and body, answered to its sender",
            _SEEN,
            lambda f: isinstance(f.action, Email),
            mail_without_reply,
            releases=ReleaseRange(until=REPLY_ADDRESS),
        ),
        ActRule(
            "actions.perform.email.sends",
            "a mail goes to its recipients, with its subject and its body",
            _DOCS,
            lambda f: isinstance(f.action, Email),
            mail,
        ),
        ActRule(
            "actions.perform.url.in-vain",
            "ignoreErrors: a call that fails or is refused changes nothing",
            _DOCS,
            lambda f: (call_fails(f) or call_refused(f)) and f.ignores_errors,
            called_in_vain,
        ),
        # A call without a response is refused as well, so this rule has to be the first of the two.
        ActRule(
            "actions.perform.url.unreachable",
            "a call without an answer fails the action, though the job is stored",
            _SEEN,
            call_fails,
            unreachable,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.url.refused",
            "a remote refusal is handed to the client with its status, though the job is stored",
            _SEEN,
            call_refused,
            remote_refusal,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.url.calls",
            "a URL is called with its method, headers and body",
            _DOCS,
            lambda f: isinstance(f.action, Url),
            called,
        ),
        ActRule(
            "actions.perform.rabbitmq.cut-off",
            "once the broker has closed its connection, a backend never connects again",
            _SEEN,
            lambda f: _broker(f) is BrokerBehaviour.CLOSED,
            _no_connection,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.rabbitmq.dies",
            "a queue or exchange that exists otherwise ends the whole backend",
            _SEEN,
            lambda f: _broker(f) is BrokerBehaviour.CONFLICT,
            _dies,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.rabbitmq.refused",
            "a queue or exchange that exists otherwise fails the action",
            _DOCS,
            lambda f: _broker(f) is BrokerBehaviour.CONFLICT,
            _refused_message,
            reading=Reading.DOCUMENTED,
        ),
        ActRule(
            "actions.perform.rabbitmq.publishes",
            "the stored job is published to the exchange with the key, and the queue gets it",
            _DOCS,
            lambda f: isinstance(f.action, Rabbitmq),
            _message,
        ),
        ActRule(
            "actions.perform.done",
            "validate and error have nothing left to do; an action of a plugin does what its probe "
            "predicts",
            _SOURCE,
            lambda _: True,
            _foreign,
        ),
    ),
)
"""The table of the perform phase; switches have one of their own (oracle.switching)."""
