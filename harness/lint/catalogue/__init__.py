"""The catalogue: every rule there is. Ids never change and are never used again."""

from __future__ import annotations

from collections.abc import Mapping

from harness.lint.catalogue.access import ACCESS
from harness.lint.catalogue.acting import ACTING
from harness.lint.catalogue.starting import STARTING
from harness.lint.catalogue.templates import TEMPLATES
from harness.lint.rule import Rule

__all__ = ["RULES"]

RULES: Mapping[str, Rule] = {each.id: each for each in (*STARTING, *ACCESS, *TEMPLATES, *ACTING)}
