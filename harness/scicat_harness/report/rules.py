"""The rules of the oracle as reports name them: id, sentence, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scicat_harness.oracle.predict import TABLES

__all__ = ["RULES", "RuleText", "rule_text"]


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule in words; ``table`` is where it is looked up."""

    id: str
    sentence: str
    source: str
    table: str


RULES: Mapping[str, RuleText] = {
    rule.id: RuleText(rule.id, rule.sentence, rule.source, str(table.name))
    for table in TABLES
    for rule in table.rules
}


def rule_text(rule: str) -> RuleText:
    """The rule of that id; a folder of another version may name one that is gone."""
    return RULES.get(rule, RuleText(rule, "", "", ""))
