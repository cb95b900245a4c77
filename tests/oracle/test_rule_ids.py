"""Rule ids are permanent: reports, the ledger and the documentation refer to them.

``rule_ids.txt`` lists every id there has been. Add new ones to it; none may leave it.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.oracle.actions import shared as shared_rules
from scicat_harness.oracle.create import CREATE_V3, CREATE_V4
from scicat_harness.oracle.predict import TABLES
from scicat_harness.oracle.rule import RuleTable

SNAPSHOT = Path(__file__).with_name("rule_ids.txt")
IDS = {rule.id for table in TABLES for rule in table.rules}


def test_no_id_disappears() -> None:
    known = set(SNAPSHOT.read_text(encoding="utf-8").split())
    assert known - IDS == set(), "an id that was published is gone"


def test_every_id_is_written_down() -> None:
    known = set(SNAPSHOT.read_text(encoding="utf-8").split())
    assert IDS - known == set(), f"add it to {SNAPSHOT.name}"


def test_the_snapshot_is_sorted() -> None:
    lines = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_an_id_stands_once_in_a_table(table: RuleTable[Any, Any]) -> None:
    counts = Counter(rule.id for rule in table.rules)
    assert [rule for rule, count in counts.items() if count > 1] == []


def test_tables_share_a_rule_only_where_v3_obeys_v4_or_actions_are_alike() -> None:
    shared = {rule.id for rule in CREATE_V4.rules} & {rule.id for rule in CREATE_V3.rules}
    alike = {getattr(shared_rules, name).id for name in shared_rules.__all__}
    counts = Counter(rule.id for table in TABLES for rule in table.rules)
    assert {rule for rule, count in counts.items() if count > 1} == shared | alike


def test_a_shared_id_means_the_very_same_rule() -> None:
    by_id = {rule.id: rule for table in TABLES for rule in table.rules}
    assert all(by_id[rule.id] is rule for table in TABLES for rule in table.rules)


def test_ids_are_dotted_words_that_begin_with_their_subject() -> None:
    form = re.compile(r"(endpoint|create|stored|update|read|list|delete|actions)(\.[a-z0-9-]+)+")
    assert [rule for rule in sorted(IDS) if not form.fullmatch(rule)] == []


def test_table_names_are_unique() -> None:
    assert len({table.name for table in TABLES}) == len(TABLES)
