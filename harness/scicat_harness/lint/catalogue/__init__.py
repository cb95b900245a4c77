"""The catalogue of all rules. Ids never change, and those of removed rules are not used again.

docs/lint.md lists them in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping

from scicat_harness.lint.catalogue.access import ACCESS
from scicat_harness.lint.catalogue.acting import ACTING
from scicat_harness.lint.catalogue.starting import STARTING
from scicat_harness.lint.catalogue.templates import TEMPLATES
from scicat_harness.lint.rule import LintRule

__all__ = ["RULES"]

RULES: Mapping[str, LintRule] = {
    each.id: each for each in (*STARTING, *ACCESS, *TEMPLATES, *ACTING)
}
