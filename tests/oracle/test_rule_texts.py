"""Every rule says in a sentence what it means, and where that was promised or seen."""

from __future__ import annotations

import re

from scicat_harness.oracle.predict import TABLES

RULES = {rule.id: rule for table in TABLES for rule in table.rules}
SOURCES = ("specification: ", "documentation: ", "observed v")


def test_every_rule_has_a_sentence() -> None:
    short = [rule.id for rule in RULES.values() if len(rule.sentence.split()) < 3]
    assert short == []


def test_sentences_are_clauses_without_stray_blanks_or_a_full_stop() -> None:
    form = re.compile(r"\S+( \S+)*(?<!\.)")
    assert [rule.id for rule in RULES.values() if not form.fullmatch(rule.sentence)] == []


def test_every_rule_has_a_source() -> None:
    assert [rule.id for rule in RULES.values() if not rule.source.startswith(SOURCES)] == []


def test_no_two_rules_of_a_table_say_the_same_in_one_view() -> None:
    for table in TABLES:
        said = [(rule.sentence, str(rule.releases), rule.reading) for rule in table.rules]
        assert len(set(said)) == len(said), table.name
