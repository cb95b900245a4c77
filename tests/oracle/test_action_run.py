"""A run of actions: the order of refusals, the first failure, switches, plugins."""

from __future__ import annotations

import pytest

from scicat_harness.model.action import (
    Email,
    Error,
    Foreign,
    Log,
    Rabbitmq,
    SwitchCase,
    Url,
    Validate,
)
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.option import Phase
from scicat_harness.model.remote import BrokerBehaviour, MailServer
from scicat_harness.model.request import Operation
from scicat_harness.model.text import plain
from scicat_harness.oracle.actions.context import ActionContext

from .action_runs import (
    BROKEN,
    CALL,
    DEFAULT,
    DOCUMENTED,
    MAIL,
    MESSAGE,
    REFUSES,
    REMOTE_FAILURE,
    SAYS,
    UNSATISFIED,
    choosing,
    context,
    played,
    reply_of,
    seen,
)


def test_without_actions_nothing_happens() -> None:
    made = played()
    assert (made.effects, made.reply, made.refused, made.deciding) == ([], None, False, None)


def test_every_action_validates_before_the_first_performs() -> None:
    made = played(SAYS, MAIL, SAYS)
    assert seen(made) == ["checking", "checking", "doing", "email", "doing"]
    assert (made.reply, made.deciding) == (None, None)


def test_a_refusal_leaves_nothing_but_what_was_validated() -> None:
    made = played(SAYS, REFUSES, MAIL, SAYS)
    assert made.refused
    assert reply_of(made) == (418, "not\\ today")
    assert seen(made) == ["checking", "checking"]
    assert made.deciding == "actions.validate.error.refuses"


def test_of_two_refusals_the_first_is_the_reply() -> None:
    first, second = Error(plain("one"), 409), Error(plain("two"), 410)
    assert reply_of(played(first, second)) == (409, "one")
    assert reply_of(played(second, first)) == (410, "two")


def test_a_schema_refusal_of_a_create_comes_after_the_others() -> None:
    made = played(UNSATISFIED, REFUSES)
    assert (reply_of(made), made.deciding) == ((418, "not\\ today"), "actions.order.overtaken")
    documented = played(UNSATISFIED, REFUSES, view=DOCUMENTED)
    assert documented.deciding == "actions.validate.schema.invalid"
    assert documented.reply is not None
    assert documented.reply.status == 400


def test_a_schema_refusal_of_an_update_keeps_its_place() -> None:
    at = context(Operation.UPDATE)
    assert played(UNSATISFIED, REFUSES, at=at).deciding == "actions.validate.schema.invalid"


def test_a_schema_refusal_that_stands_last_overtakes_nobody() -> None:
    assert played(REFUSES, UNSATISFIED).deciding == "actions.validate.error.refuses"


def test_the_first_failure_ends_the_performance() -> None:
    made = played(SAYS, REMOTE_FAILURE, MAIL)
    assert seen(made) == ["checking", "doing", "url"]
    assert (made.refused, made.deciding) == (False, "actions.perform.url.refused")
    assert reply_of(made) == (503, "A remote URL call failed with response: busy")


def test_what_is_ignored_ends_nothing() -> None:
    ignoring = Url(REMOTE_FAILURE.url, ignore_errors=True, target=REMOTE_FAILURE.target)
    made = played(ignoring, MAIL)
    assert (seen(made), made.reply) == (["url", "email"], None)
    assert made.deciding == "actions.perform.url.in-vain"


def test_a_failure_decides_even_after_something_notable() -> None:
    lost = Email(MAIL.to, MAIL.subject, MAIL.body, server=MailServer.REFUSES)
    made = played(lost, REMOTE_FAILURE)
    assert made.deciding == "actions.perform.url.refused"


def test_a_conflict_at_the_broker_ends_backend_and_run() -> None:
    conflict = Rabbitmq("exchange", "queue", "key", BrokerBehaviour.CONFLICT)
    made = played(conflict, MAIL)
    assert (made.dies, made.effects, made.reply) == (True, [], None)
    documented = played(conflict, MAIL, view=DOCUMENTED)
    assert (documented.dies, documented.reply is None) == (False, False)


def test_a_message_reaches_the_exchange_and_every_queue_of_its_route() -> None:
    other = Rabbitmq("exchange", "second", "key")
    elsewhere = Rabbitmq("exchange", "third", "other-key")
    at = ActionContext(Operation.CREATE, "archive", {}, None, (), (MESSAGE, other, elsewhere))
    sources = [each.content["source"] for each in played(MESSAGE, at=at).effects]
    assert sources == ["exchange", "queue", "second"]


def test_chosen_actions_act_in_place_of_their_switch() -> None:
    chosen = choosing(SwitchCase.matching("this", MAIL, CALL), SwitchCase((MESSAGE,)))
    assert seen(played(SAYS, chosen, SAYS)) == [
        *("checking", "checking"),
        *("doing", "email", "url", "doing"),
    ]


def test_a_refusal_inside_a_switch_comes_after_one_outside() -> None:
    inner = choosing(SwitchCase.matching("this", Error(plain("inner"), 409)))
    assert reply_of(played(inner)) == (409, "inner")
    assert reply_of(played(inner, REFUSES)) == (418, "not\\ today")
    assert reply_of(played(REFUSES, inner)) == (418, "not\\ today")


def test_switches_may_stand_in_switches() -> None:
    inner = choosing(SwitchCase.matching("this", CALL), phase=Phase.PERFORM)
    outer = choosing(SwitchCase.matching("this", inner, MAIL), phase=Phase.PERFORM)
    assert seen(played(outer)) == ["url", "email"]


def test_an_error_inside_a_switch_is_reported_by_its_action() -> None:
    inner = choosing(SwitchCase.matching("this", Log(perform=BROKEN)))
    made = played(inner)
    assert made.reply is not None
    assert made.reply.message is not None
    assert "'log' due to Error: no such helper" in made.reply.message


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (Phase.VALIDATE, ["checking"]),
        (Phase.PERFORM, ["doing"]),
        (Phase.ALL, ["checking", "doing"]),
    ],
)
def test_a_switch_acts_in_its_phase_only(phase: Phase, expected: list[str]) -> None:
    assert seen(played(choosing(SwitchCase((SAYS,)), phase=phase))) == expected


SCHEMA = SwitchCase((SAYS,), schema={"const": "this"})
REGEX = SwitchCase((SAYS,), regex="/^TH/i")
MATCH = SwitchCase.matching("this", SAYS)
OTHER = SwitchCase.matching("other", MAIL)


@pytest.mark.parametrize(
    ("cases", "rule"),
    [
        ((SCHEMA, MATCH), "actions.switch.schema"),
        ((REGEX, MATCH), "actions.switch.regex"),
        ((OTHER, MATCH, DEFAULT), "actions.switch.match"),
        ((OTHER, DEFAULT), "actions.switch.default"),
        ((OTHER,), "actions.switch.none"),
    ],
    ids=["schema", "regex", "match", "default", "none"],
)
def test_the_first_case_that_matches_is_taken(cases: tuple[SwitchCase, ...], rule: str) -> None:
    made = played(choosing(*cases))
    assert rule in [each.rule.id for each in made.path]
    assert seen(made) == ([] if rule.endswith("none") else ["checking", "doing"])


def test_more_than_one_distinct_value_is_refused() -> None:
    some = choosing(DEFAULT, path="request.jobParams[*]")
    made = played(some)
    assert made.deciding == "actions.switch.ambiguous"
    assert made.reply is not None
    assert made.reply.matches("Ambiguous value for 'request.jobParams[*]' (2 distinct results).")


def test_equal_values_are_one() -> None:
    same = choosing(SwitchCase.matching(1, SAYS), path="request.jobParams.some[*]")
    assert seen(played(same)) == ["checking", "doing"]


def test_a_pattern_is_only_for_text() -> None:
    made = played(choosing(REGEX, path="request.jobParams.number"), at=context(number=7))
    assert made.reply is not None
    path = "request.jobParams.number"
    assert made.reply.matches(f"Property {path} was expected to be a string. Got 7")


def test_a_pattern_that_remembers_misses_every_second_time() -> None:
    remembering = choosing(SwitchCase((SAYS,), regex="/this/g"))
    assert seen(played(remembering, at=context(turn=0))) == ["checking", "doing"]
    assert seen(played(remembering, at=context(turn=1))) == []
    assert seen(played(remembering, at=context(turn=2))) == ["checking", "doing"]


def test_before_an_update_the_job_is_hidden_from_a_switch() -> None:
    submitted = SwitchCase.matching("jobSubmitted", REFUSES)
    guard = choosing(submitted, path="job.statusCode", phase=Phase.VALIDATE)
    at = context(Operation.UPDATE)
    made = played(guard, at=at)
    assert (made.refused, made.deciding) == (False, "actions.switch.job-hidden")
    assert played(guard, at=at, view=DOCUMENTED).refused


def test_a_validate_of_datasets_needs_some() -> None:
    made = played(Validate(datasets={"isPublished": {"const": True}}))
    assert made.deciding == "actions.validate.schema.no-datasets"


def test_a_path_that_leads_nowhere_is_refused() -> None:
    made = played(Validate(request={"jobParams.missing": {}}))
    assert made.reply is not None
    assert made.reply.matches("Invalid request. Requires 'jobParams.missing'")


def test_a_dollar_in_a_path_stands_for_itself() -> None:
    made = played(Validate(request={"$.jobParams.word": {"const": "other"}}))
    assert made.reply is not None
    assert made.reply.matches("Invalid request. Invalid value for '$.jobParams.word'")


def test_an_action_of_a_plugin_does_what_its_probe_predicts() -> None:
    effects = (Effect(Channel.OTHER, {"kind": "kafka"}),) * 2
    made = played(Foreign("kafka", effects=effects), SAYS)
    assert seen(made) == ["checking", "other", "other", "doing"]
    assert made.reply is None


def test_an_action_of_a_plugin_that_fails_stops_the_rest() -> None:
    made = played(Foreign("kafka", fails="Error: no broker"), SAYS)
    assert made.reply is not None
    assert not made.refused
    assert "action 'kafka' due to Error: no broker" in str(made.reply.message)
    assert seen(made) == ["checking"]
