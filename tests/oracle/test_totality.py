"""Every table answers every question: no facts fall through it, in any view."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scicat_harness.model.auth import CreateAuth
from scicat_harness.model.dataset import ListShape
from scicat_harness.model.release import Release
from scicat_harness.oracle.create import CREATE_V3, CREATE_V4
from scicat_harness.oracle.create_facts import CreateFacts, ListFacts, OwnerFacts
from scicat_harness.oracle.facts import CallerFacts
from scicat_harness.oracle.predict import TABLES
from scicat_harness.oracle.rule import Reading, RuleTable, View

VIEWS = [
    View(Release(*number), reading)
    for number in ((4, 14, 0), (5, 0, 1), (5, 1, 1), (5, 2, 0), (5, 2, 1), (6, 0, 0))
    for reading in Reading
]
CREATE = (CREATE_V4, CREATE_V3)

flag = st.booleans()
text = st.sampled_from((None, "user1", "group1"))
groups = st.sampled_from(((), ("group1",), ("group2", "group1")))
callers = st.builds(
    CallerFacts,
    name=st.just("user1"),
    email=st.just("user1@facility.example"),
    groups=groups,
    expired=flag,
    anonymous=flag,
    admin=flag,
    create_privileged=flag,
    update_privileged=flag,
    deleter=flag,
)
lists = st.builds(
    ListFacts,
    shape=st.sampled_from(ListShape),
    empty=flag,
    unknown_pid=flag,
    unknown_file=flag,
    repeated=flag,
    covered=flag,
    groups_checked=groups,
)
facts = st.builds(
    CreateFacts,
    caller=callers,
    job_type=st.sampled_from(("archive", "constructor")),
    type_known=flag,
    auth=st.sampled_from(CreateAuth),
    named=flag,
    body_invalid=flag,
    listed=lists,
    owner=st.builds(OwnerFacts, user=text, group=text, email=text, other=st.none()),
    group_derived=flag,
)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.release}-{view.reading}")
@pytest.mark.parametrize(
    "table", [each for each in TABLES if each not in CREATE], ids=lambda table: str(table.name)
)
def test_the_last_rule_of_a_table_applies_to_anything(
    table: RuleTable[Any, Any], view: View
) -> None:
    assert table.rules_for(view)[-1].applies(object())


@settings(deadline=None, max_examples=400, derandomize=True)
@given(facts, st.sampled_from(VIEWS))
def test_a_create_table_decides_whatever_the_facts(given_facts: CreateFacts, view: View) -> None:
    for table in CREATE:
        assert table.decide(given_facts, view).rule in table.rules_for(view)


@settings(deadline=None, max_examples=400, derandomize=True)
@given(facts, st.sampled_from(VIEWS))
def test_the_path_is_the_table_up_to_the_deciding_rule(
    given_facts: CreateFacts, view: View
) -> None:
    decided = CREATE_V4.decide(given_facts, view)
    path = (*decided.passed_over, decided.rule)
    assert path == CREATE_V4.rules_for(view)[: len(path)]
    assert not any(rule.applies(given_facts) for rule in decided.passed_over)
