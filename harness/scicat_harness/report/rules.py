"""The rules of the oracle in the form that reports use: id, sentence, source and table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scicat_harness.oracle.predict import TABLES

__all__ = ["RULES", "RuleText", "rule_text"]


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule in words; ``table`` is the name of the rule table it belongs to."""

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
    """Return the rule with an id.

    A stored run of another version may name a rule that does not exist here. It has its id and
    empty texts then.
    """
    return RULES.get(rule, RuleText(rule, "", "", ""))
