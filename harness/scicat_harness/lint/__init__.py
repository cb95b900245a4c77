"""Lint a job configuration: predict whether a backend starts with it, and what fails later.

No backend is needed. Startup errors are found in the order of the backend's loader, later failures
by rules with permanent ids. Handlebars, Ajv, JSONPath-Plus and js-yaml are run by ``javascript``;
without them the parts that need them are listed as not verifiable::

    report = lint(Path("jobConfig.yaml"), Installation(env=read_environment([Path(".env")])))
    print(report.start)
"""

from scicat_harness.lint.catalogue import RULES
from scicat_harness.lint.finding import Edit, Finding, FindingSeverity, Place
from scicat_harness.lint.linter import lint
from scicat_harness.lint.report import Report
from scicat_harness.lint.subject import Installation

__all__ = ["RULES", "Edit", "Finding", "FindingSeverity", "Installation", "Place", "Report", "lint"]
