"""Any list of actions is played to an end, in every view, and keeps what was promised of plays."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from scicat_harness.model.action import (
    Action,
    Email,
    Error,
    Log,
    Rabbitmq,
    Switch,
    SwitchCase,
    Url,
    Validate,
    bindings_of,
)
from scicat_harness.model.option import Phase
from scicat_harness.model.release import Release
from scicat_harness.model.remote import BrokerBehaviour, Hop, MailServer, Target
from scicat_harness.model.request import Operation
from scicat_harness.model.text import Quirk, Text
from scicat_harness.oracle.actions.context import ActionContext
from scicat_harness.oracle.actions.run import ActionRun, run_actions
from scicat_harness.oracle.rule import Reading, View

VIEWS = [
    View(Release(*number), reading)
    for number in ((4, 20, 2), (5, 0, 1), (5, 2, 1))
    for reading in Reading
]
PATHS = ("request.jobParams.word", "request.jobParams.number", "job.statusCode", "request.gone")
VALUES = ("this", "", 7, 0, None, True, [1], "jobSubmitted")

texts = st.builds(
    Text,
    st.just("{{x}}"),
    st.sampled_from(("", "x", "$token")),
    fails=st.sampled_from((None, None, None, "Error: no such helper")),
    promised=st.sampled_from((None, "y")),
    quirk=st.sampled_from((None, None, *Quirk)),
)
targets = st.builds(
    Target,
    st.sampled_from((200, 204, 304, 404, 503)),
    failure=st.sampled_from((None, None, "TypeError: fetch failed")),
    reached=st.booleans(),
    hops=st.sampled_from(((), (Hop("/further"),))),
)
maybe = st.sampled_from((None, True, False))
schemas = st.dictionaries(
    st.sampled_from(PATHS), st.sampled_from(({}, {"const": "this"}, {"type": "number"})), max_size=2
)
plain_actions: st.SearchStrategy[Action] = st.one_of(
    st.builds(Log, validate=st.none() | texts, perform=st.none() | texts),
    st.builds(Email, texts, texts, texts, ignore_errors=maybe, server=st.sampled_from(MailServer)),
    st.builds(
        Url,
        texts,
        headers=st.dictionaries(st.just("X-Token"), texts, max_size=1),
        body=st.none() | texts,
        ignore_errors=maybe,
        target=targets,
    ),
    st.builds(
        Rabbitmq,
        st.just("e"),
        st.sampled_from("pq"),
        st.just("k"),
        st.sampled_from(BrokerBehaviour),
    ),
    st.builds(Validate, request=schemas, datasets=st.none() | schemas),
    st.builds(Error, texts, st.sampled_from((None, 200, 204, 302, 418, 500, 1000))),
)


def _switches(inner: st.SearchStrategy[Action]) -> st.SearchStrategy[Action]:
    some = st.lists(inner, max_size=2).map(tuple)
    cases = st.one_of(
        st.builds(SwitchCase, some, match=st.sampled_from(VALUES), is_match=st.just(True)),
        st.builds(SwitchCase, some, regex=st.sampled_from(("/th/", "/TH/i", "/th/g"))),
        st.builds(SwitchCase, some, schema=st.sampled_from(({}, {"type": "string"}))),
        st.builds(SwitchCase, some),
    )
    return st.builds(
        Switch, st.sampled_from(Phase), st.sampled_from(PATHS), st.lists(cases).map(tuple)
    )


actions = st.lists(st.recursive(plain_actions, _switches, max_leaves=4), max_size=4)
situations = st.tuples(
    st.sampled_from((Operation.CREATE, Operation.UPDATE)),
    st.integers(0, 2),
    st.sampled_from(VIEWS),
)
Situation = tuple[Operation, int, View]


def played(chosen: list[Action], situation: Situation) -> ActionRun:
    """What comes of them."""
    operation, turn, view = situation
    request = {"type": "archive", "jobParams": {"word": "this", "number": 7}}
    job = {"statusCode": "jobSubmitted"} if operation is Operation.UPDATE else None
    context = ActionContext(
        operation, "archive", request, job, (), tuple(bindings_of(chosen)), turn
    )
    return run_actions(chosen, context, view, lambda before: before.stored({"type": "archive"}))


def failed(made: ActionRun) -> bool:
    """Whether the play ended before its last action performed."""
    return made.reply is not None or made.dies


@settings(deadline=None, max_examples=100, derandomize=True)
@given(actions, situations)
def test_any_list_is_played_to_an_end(chosen: list[Action], situation: Situation) -> None:
    made = played(chosen, situation)
    assert made.deciding is None or made.deciding in {each.rule.id for each in made.path}
    assert made.reply is None or 200 <= made.reply.status <= 599
    assert not (made.dies and made.reply is not None)
    assert not failed(made) or made.deciding is not None


@settings(deadline=None, max_examples=100, derandomize=True)
@given(actions, situations)
def test_a_refused_request_performs_nothing(chosen: list[Action], situation: Situation) -> None:
    made = played(chosen, situation)
    performed = [each for each in made.effects if each.rule.startswith("actions.perform.")]
    if made.refused:
        assert performed == []
        assert made.reply is not None
        assert not made.dies


@settings(deadline=None, max_examples=100, derandomize=True)
@given(actions, situations, st.integers(0, 4))
def test_what_a_list_does_its_beginning_does_too(
    chosen: list[Action], situation: Situation, length: int
) -> None:
    whole, start = played(chosen, situation), played(chosen[:length], situation)
    if not whole.refused:
        assert not start.refused
        lines = [each for each in whole.effects if each.rule.startswith("actions.perform.")]
        # Queues that later actions bind get copies too; everything else is the same.
        begun = [each for each in start.effects if each.rule.startswith("actions.perform.")]
        assert [each for each in begun if each not in lines] == []
        assert len(begun) <= len(lines)


@settings(deadline=None, max_examples=100, derandomize=True)
@given(actions, situations, plain_actions)
def test_after_a_failure_nothing_more_is_performed(
    chosen: list[Action], situation: Situation, more: Action
) -> None:
    made = played(chosen, situation)
    longer = played([*chosen, more], situation)
    if failed(made) and not longer.refused and not isinstance(more, Rabbitmq):
        performed = [each for each in longer.effects if each.rule.startswith("actions.perform.")]
        before = [each for each in made.effects if each.rule.startswith("actions.perform.")]
        assert performed == before
        assert (longer.reply, longer.dies, longer.deciding) == (
            made.reply,
            made.dies,
            made.deciding,
        )


@settings(deadline=None, max_examples=100, derandomize=True)
@given(actions, situations)
def test_the_same_list_is_played_the_same_way(chosen: list[Action], situation: Situation) -> None:
    assert played(chosen, situation) == played(chosen, situation)
