"""Rules of actions of plugins: they have the effects that their probe predicts.

Source: docs/extending.md.
"""

from __future__ import annotations

from scicat_harness.model.action import Foreign
from scicat_harness.oracle.actions.result import ActionRules
from scicat_harness.oracle.actions.shared import DONE, LATER
from scicat_harness.oracle.rule import RuleTable

__all__ = ["PLUGIN"]

PLUGIN: ActionRules[Foreign] = ActionRules(
    RuleTable("actions.validate.plugin", (LATER,)), RuleTable("actions.perform.plugin", (DONE,))
)
