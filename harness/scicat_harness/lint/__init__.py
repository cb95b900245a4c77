"""Reads a job configuration the way a backend will, and says what it will not like.

``lint(file, Around(...))`` needs no backend: whether a release starts with the file is told by the
order in which its loader fails, what goes wrong later by rules with ids that never change. What
only a JavaScript library knows is asked of ``javascript``, or listed as not verifiable.
"""

from scicat_harness.lint.catalogue import RULES
from scicat_harness.lint.finding import Edit, Finding, FindingSeverity, Place
from scicat_harness.lint.linter import lint
from scicat_harness.lint.report import Report
from scicat_harness.lint.subject import Installation

__all__ = ["RULES", "Edit", "Finding", "FindingSeverity", "Installation", "Place", "Report", "lint"]
