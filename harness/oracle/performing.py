"""The perform phase: what each action does once the job is stored or changed.

Sources: seed slide "Configuration" (perform actions after a successful operation); documentation
page jobconfig.md for the options and ``ignoreErrors``; observed v5.2.1 for failures.
"""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr

from harness.model.action import Broker, Email, Log, MailServer, Rabbitmq, Url
from harness.model.effect import STORED, Channel, Effect
from harness.model.release import (
    CALL_ERRORS_IGNORED,
    DEFAULT_SENDER_USED,
    PERFORM_ERRORS_TOLD,
    REPLY_ADDRESS,
    ReleaseRange,
)
from harness.model.text import Text, pattern_of
from harness.oracle.answers import Reply
from harness.oracle.doing import ActFacts, ActRule, Do, Doing, entries, failing
from harness.oracle.rule import Reading, RuleTable

__all__ = ["IGNORED", "PERFORMING"]

_SEED = "seed slide: Configuration"
_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"
IGNORED = Doing(notable=True)


def _line(facts: ActFacts) -> Doing:
    means = facts.text.means if facts.text is not None else f"Performing job for {_type(facts)}"
    return Doing(entries(means, "actions.perform.log.writes"))


def _type(facts: ActFacts) -> str:
    return facts.scene.job_type


def _broken_line(facts: ActFacts) -> Doing:
    assert facts.text is not None
    return failing(facts, facts.text.fails or "")


def _broken(facts: ActFacts) -> Doing:
    assert facts.broken is not None
    return failing(facts, facts.broken.fails or "")


def _mail(facts: ActFacts) -> Doing:
    return _mailed(facts, "$default_reply_to")


def _mail_without_reply(facts: ActFacts) -> Doing:
    return _mailed(facts, None)


def _mail_without_sender(facts: ActFacts) -> Doing:
    (sent,) = _mailed(facts, None).effects
    content = {**sent.content, "from": None, "mail_from": "<>"}
    return Doing((replace(sent, content=content),), notable=True)


def _mailed(facts: ActFacts, reply_to: str | None) -> Doing:
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
    return Doing((Effect(Channel.EMAIL, content, "actions.perform.email.sends"),))


def _lost_mail_told(facts: ActFacts) -> Doing:
    return failing(facts, r"[\s\S]*")


def _call(facts: ActFacts) -> tuple[Effect, ...]:
    action = facts.action
    assert isinstance(action, Url)
    if not action.target.reached:
        return ()
    content = {
        "method": action.method or "GET",
        "path": action.url,
        "headers": {"content-type": _usual_type(action), **action.headers},
        "body": action.body or Text("", ""),
    }
    first = Effect(Channel.URL, content, "actions.perform.url.calls")
    hops = (
        Effect(Channel.URL, {"method": "GET", "path": Text(hop, hop)}, "actions.perform.url.calls")
        for hop in action.target.hops
    )
    return (first, *hops)


def _usual_type(action: Url) -> str | None:
    """What a body is called when the action does not say it; None: the header is not there."""
    own = next((text for name, text in action.headers.items() if _is_type(name)), None)
    if own is not None:
        return own.means
    return None if action.body is None else "text/plain;charset=UTF-8"


def _is_type(name: str) -> bool:
    return name.lower() == "content-type"


def _called(facts: ActFacts) -> Doing:
    return Doing(_call(facts))


def _called_in_vain(facts: ActFacts) -> Doing:
    return Doing(_call(facts), notable=True)


def _unreachable(facts: ActFacts) -> Doing:
    assert isinstance(facts.action, Url)
    told = failing(facts, facts.action.target.failure or "")
    return Doing(_call(facts), told.told, notable=True)


def _remote_refusal(facts: ActFacts) -> Doing:
    return _handed_on(facts, "A remote URL call failed with response")


def _terse_refusal(facts: ActFacts) -> Doing:
    return _handed_on(facts, "Got response")


def _handed_on(facts: ActFacts, words: str) -> Doing:
    assert isinstance(facts.action, Url)
    target = facts.action.target
    text = f"{words}: {target.body}"
    # A reply of "not modified" has no body to say it in.
    told = Reply(target.status, None if target.status == 304 else text)
    return Doing(_call(facts), told, notable=True)


def _broken_url(facts: ActFacts) -> Doing:
    assert isinstance(facts.action, Url)
    return failing(facts, facts.action.url.fails or "")


def _message(facts: ActFacts) -> Doing:
    action = facts.action
    assert isinstance(action, Rabbitmq)
    rule = "actions.perform.rabbitmq.publishes"
    content = {
        "exchange": action.exchange,
        "key": action.key,
        # Persistent; and no content type, no message id, nothing else.
        "properties": {"delivery_mode": 2, "headers": {}},
        "json": STORED,
    }
    places = ("exchange", *facts.scene.queues(action))
    return Doing(tuple(Effect(Channel.AMQP, {"source": each, **content}, rule) for each in places))


def _no_connection(facts: ActFacts) -> Doing:
    action = facts.action
    assert isinstance(action, Rabbitmq)
    return failing(
        facts,
        f"Error: Could not connect to RabbitMQ queue {_name(action.queue)} with exchange "
        f"{_name(action.exchange)} and key {_name(action.key)}\\.",
    )


def _name(name: str) -> str:
    """The pattern of a name of the broker's."""
    return pattern_of(name).replace("$run", r"[\w-]+")


def _dies(facts: ActFacts) -> Doing:
    del facts
    return Doing(dies=True, notable=True)


def _refused_message(facts: ActFacts) -> Doing:
    return failing(facts, r"[\s\S]*")


def _is_lost(facts: ActFacts) -> bool:
    return isinstance(facts.action, Email) and facts.action.server is MailServer.REFUSES


def _line_broken(facts: ActFacts) -> bool:
    return facts.text is not None and facts.text.fails is not None


def _url_broken(facts: ActFacts) -> bool:
    return isinstance(facts.action, Url) and facts.action.url.fails is not None


def _broker(facts: ActFacts) -> Broker | None:
    return facts.action.broker if isinstance(facts.action, Rabbitmq) else None


def _fails(facts: ActFacts) -> bool:
    return isinstance(facts.action, Url) and facts.action.target.failure is not None


def _refused(facts: ActFacts) -> bool:
    return isinstance(facts.action, Url) and not facts.action.target.succeeds


PERFORMING: RuleTable[ActFacts, Do] = RuleTable(
    "performing",
    (
        ActRule(
            "actions.perform.swallowed",
            "an error that is no HTTP error is swallowed: the next action runs",
            "observed v4.20.2",
            lambda f: _line_broken(f) or f.broken is not None or _url_broken(f),
            lambda _: IGNORED,
            ReleaseRange(until=PERFORM_ERRORS_TOLD),
            Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.url.swallowed",
            "a call without an answer changes nothing: the next action runs",
            "observed v4.20.2",
            _fails,
            _called_in_vain,
            ReleaseRange(until=PERFORM_ERRORS_TOLD),
            Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.log.broken",
            "a template that fails fails the action, though the job is stored",
            _SEEN,
            _line_broken,
            _broken_line,
        ),
        ActRule(
            "actions.perform.log.writes",
            "a log action writes its text; without one it names the job type",
            _DOCS,
            lambda f: isinstance(f.action, Log),
            _line,
        ),
        ActRule(
            "actions.perform.url.broken-address",
            "an address that cannot be rendered fails the action, whatever it ignores",
            _SEEN,
            lambda f: _url_broken(f) and f.ignores_errors,
            _broken_url,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.url.broken-not-ignored",
            "ignoreErrors covers the remote status alone: a template that fails fails the action",
            "observed v4.25.1",
            lambda f: isinstance(f.action, Url) and f.broken is not None and f.ignores_errors,
            _broken,
            ReleaseRange(until=CALL_ERRORS_IGNORED),
            Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.ignored",
            "ignoreErrors: a template that fails costs the effect and nothing else",
            _DOCS,
            lambda f: (f.broken is not None or _url_broken(f)) and f.ignores_errors,
            lambda _: IGNORED,
        ),
        ActRule(
            "actions.perform.url.unrenderable",
            "an address that cannot be rendered fails the action",
            _SEEN,
            _url_broken,
            _broken_url,
        ),
        ActRule(
            "actions.perform.broken",
            "a template that fails fails the mail or call, though the job is stored",
            _SEEN,
            lambda f: f.broken is not None,
            _broken,
        ),
        ActRule(
            "actions.perform.email.lost",
            "a mail that the server does not take is given up; only the log tells",
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
            _lost_mail_told,
            reading=Reading.DOCUMENTED,
        ),
        ActRule(
            "actions.perform.email.lost-ignored",
            "ignoreErrors: a mail that cannot be sent is given up",
            _DOCS,
            _is_lost,
            lambda _: IGNORED,
        ),
        ActRule(
            "actions.perform.email.senderless",
            "a mail without a sender of its own has none: the configured one is overwritten",
            "observed v4.20.2",
            lambda f: isinstance(f.action, Email) and f.action.sender is None,
            _mail_without_sender,
            releases=ReleaseRange(until=DEFAULT_SENDER_USED),
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.email.sends-without-reply-to",
            "a mail goes to its recipients, with subject and body, answered to its sender",
            _SEEN,
            lambda f: isinstance(f.action, Email),
            _mail_without_reply,
            releases=ReleaseRange(until=REPLY_ADDRESS),
        ),
        ActRule(
            "actions.perform.email.sends",
            "a mail goes to its recipients, with its subject and its body",
            _DOCS,
            lambda f: isinstance(f.action, Email),
            _mail,
        ),
        ActRule(
            "actions.perform.url.unreachable-not-ignored",
            "ignoreErrors covers the remote status alone: a call without an answer fails",
            "observed v4.25.1",
            lambda f: _fails(f) and f.ignores_errors,
            _unreachable,
            ReleaseRange(until=CALL_ERRORS_IGNORED),
            Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.url.in-vain",
            "ignoreErrors: a call that fails or is refused changes nothing",
            _DOCS,
            lambda f: (_fails(f) or _refused(f)) and f.ignores_errors,
            _called_in_vain,
        ),
        ActRule(
            "actions.perform.url.unreachable",
            "a call without an answer fails the action, though the job is stored",
            _SEEN,
            _fails,
            _unreachable,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.url.refused-tersely",
            "a remote refusal is handed to the client with its status, though the job is stored",
            "observed v4.20.2",
            _refused,
            _terse_refusal,
            ReleaseRange(until=PERFORM_ERRORS_TOLD),
            Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.url.refused",
            "a remote refusal is handed to the client with its status, though the job is stored",
            _SEEN,
            _refused,
            _remote_refusal,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.url.calls",
            "a URL is called with its method, headers and body",
            _DOCS,
            lambda f: isinstance(f.action, Url),
            _called,
        ),
        ActRule(
            "actions.perform.rabbitmq.cut-off",
            "once its connection was closed, a backend never connects again",
            _SEEN,
            lambda f: _broker(f) is Broker.CLOSED,
            _no_connection,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.rabbitmq.dies",
            "a queue or exchange that exists otherwise ends the whole backend",
            _SEEN,
            lambda f: _broker(f) is Broker.CONFLICT,
            _dies,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.perform.rabbitmq.refused",
            "a queue or exchange that exists otherwise fails the action",
            _DOCS,
            lambda f: _broker(f) is Broker.CONFLICT,
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
            "validate and error have nothing left to do",
            _SEED,
            lambda _: True,
            lambda _: Doing(),
        ),
    ),
)
"""Switches are decided by a table of their own (harness.oracle.switching)."""
