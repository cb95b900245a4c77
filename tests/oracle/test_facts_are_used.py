"""Every fact is asked for by some rule: a fact that nobody reads cannot have been tested."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE
from scicat_harness.oracle.create_facts import CreateFacts, ListFacts, OwnerFacts
from scicat_harness.oracle.create_v3 import V3Facts
from scicat_harness.oracle.facts import CallerFacts, CreateGate, EndpointFacts, UpdateGate
from scicat_harness.oracle.predict import Oracle
from scicat_harness.oracle.rule import Decided, Reading, RuleTable, View
from scicat_harness.oracle.update import JobFacts

from ..everything import RELEASES, foreseen

FACTS = (
    CreateFacts,
    ListFacts,
    OwnerFacts,
    V3Facts,
    EndpointFacts,
    CreateGate,
    UpdateGate,
    CallerFacts,
    JobFacts,
)
Seen = set[tuple[type, str]]


class Spy:
    """Stands before facts and writes down which fields are read."""

    def __init__(self, facts: Any, seen: Seen) -> None:
        self._facts = facts
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        kind = type(self._facts)
        found = inspect.getattr_static(kind, name)
        if isinstance(found, property):
            assert found.fget is not None
            return found.fget(self)
        self._seen.add((kind, name))
        value = getattr(self._facts, name)
        return Spy(value, self._seen) if isinstance(value, FACTS) else value


@pytest.fixture(scope="module")
def seen() -> Seen:
    """What the rules and their verdicts read, on every path of every view."""
    views = [View(release, reading) for release in RELEASES for reading in Reading]
    chosen = {view: list(_one_per_path(view)) for view in views}
    read: Seen = set()
    decide = RuleTable.decide

    def spying(table: RuleTable[Any, Any], facts: Any, view: View) -> Decided[Any, Any]:
        decided = decide(table, Spy(facts, read), view)
        if callable(decided.rule.verdict):
            decided.rule.verdict(Spy(facts, read))
        return decided

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RuleTable, "decide", spying)
        for view, cases in chosen.items():
            for case in cases:
                case.predict(Oracle(SITE, view))
    return read


def _one_per_path(view: View) -> Iterator[Any]:
    """The first case of the union site on every path through the tables of a view."""
    met: set[tuple[str, ...]] = set()
    for each in foreseen(Profile.STANDARD, view.release, view.reading):
        path = (each.builder, *each.prediction.rules)
        if path not in met and not hasattr(each.case, "site"):
            met.add(path)
            yield each.case


def _marked(kind: type) -> Any:
    return pytest.param(kind, id=kind.__name__)


@pytest.mark.parametrize("kind", [_marked(kind) for kind in FACTS])
def test_every_fact_is_read_by_some_rule(kind: type[Any], seen: Seen) -> None:
    read = {name for of, name in seen if of is kind}
    assert {field.name for field in fields(kind)} - read == set()
