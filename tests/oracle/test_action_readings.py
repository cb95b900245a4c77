"""Where a run of actions differs from the documentation, and where both readings agree."""

from __future__ import annotations

import pytest

from scicat_harness.model.action import Action, Email, Error, Log, Rabbitmq, Url
from scicat_harness.model.remote import NO_ANSWER, BrokerBehaviour, MailServer, Target
from scicat_harness.model.text import Quirk, Text, plain

from .action_runs import (
    BROKEN,
    CALL,
    DEFAULT,
    DOCUMENTED,
    MAIL,
    MESSAGE,
    OBSERVED,
    REFUSES,
    REMOTE_FAILURE,
    SAYS,
    UNSATISFIED,
    choosing,
    played,
)

UNRENDERABLE_URL = Url(BROKEN, ignore_errors=True)
DIFFERING: dict[str, tuple[Action, tuple[int, ...], tuple[int, ...]]] = {
    "broken-line-before": (Log(validate=BROKEN, perform=plain("x")), (), (400,)),
    "broken-refusal": (Error(BROKEN, 418), (), (418,)),
    "status-of-success": (Error(plain("no"), 204), (204,), (400,)),
    "no-such-status": (Error(plain("no"), 1000), (500,), (400,)),
    "status-of-redirection": (Error(plain("no"), 302), (302,), (400,)),
    "lost-mail": (
        Email(MAIL.to, MAIL.subject, MAIL.body, server=MailServer.REFUSES),
        (),
        (400,),
    ),
    "remote-refusal": (REMOTE_FAILURE, (503,), ()),
    "no-answer": (Url(plain("/"), target=NO_ANSWER), (400,), ()),
    "address-that-cannot-be-rendered": (UNRENDERABLE_URL, (400,), ()),
    "closed-connection": (Rabbitmq("exchange", "queue", "key", BrokerBehaviour.CLOSED), (400,), ()),
}


@pytest.mark.parametrize(("action", "observed", "documented"), DIFFERING.values(), ids=DIFFERING)
def test_the_readings_part_where_the_ledger_says(
    action: Action, observed: tuple[int, ...], documented: tuple[int, ...]
) -> None:
    for view, expected in ((OBSERVED, observed), (DOCUMENTED, documented)):
        made = played(action, view=view)
        assert (() if made.reply is None else (made.reply.status,)) == expected, view.reading


SAME: dict[str, Action] = {
    "line": SAYS,
    "mail": MAIL,
    "call": CALL,
    "message": MESSAGE,
    "refusal": REFUSES,
    "schema": UNSATISFIED,
    "broken-line": Log(perform=BROKEN),
    "broken-mail": Email(MAIL.to, BROKEN, MAIL.body),
    "broken-mail-ignored": Email(MAIL.to, BROKEN, MAIL.body, ignore_errors=True),
    "lost-mail-ignored": Email(
        MAIL.to, MAIL.subject, MAIL.body, ignore_errors=True, server=MailServer.REFUSES
    ),
    "broken-body": Url(plain("/"), body=BROKEN),
    "refused-and-ignored": Url(plain("/"), ignore_errors=True, target=Target(500)),
    "switch": choosing(DEFAULT),
}


@pytest.mark.parametrize("action", SAME.values(), ids=SAME)
def test_elsewhere_the_readings_agree(action: Action) -> None:
    one, other = played(action), played(action, view=DOCUMENTED)
    assert (one.reply, one.effects, one.refused) == (other.reply, other.effects, other.refused)


def test_a_quirk_makes_a_text_mean_something_else_than_was_promised() -> None:
    odd = Text("{{s}}", "a &amp; b", promised="a & b", quirk=Quirk.HTML_IN_HEADER)
    mail = Email(MAIL.to, odd, MAIL.body)
    seen_as, promised = played(mail), played(mail, view=DOCUMENTED)
    assert seen_as.effects[0].content["subject"].means == "a &amp; b"
    assert promised.effects[0].content["subject"].means == "a & b"
    assert seen_as.deciding == "actions.text.html-in-header"
    assert promised.deciding == "actions.text.html-in-header.promised"


def test_a_quirk_of_a_header_is_found() -> None:
    odd = Text("{{s}}", "x", promised="y", quirk=Quirk.DOUBLE_ENCODED)
    call = Url(plain("/"), headers={"X-A": plain("plain"), "X-B": odd})
    assert played(call).deciding == "actions.text.double-encoded"
    assert played(call, view=DOCUMENTED).effects[0].content["headers"]["X-B"].means == "y"
