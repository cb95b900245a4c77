"""Rules of validate actions: the request and its datasets against the schemas of their paths.

Sources: specification: action.validate, actions.phases, actions.failures; documentation page
jobconfig.md for the options; observed v5.2.1 for failures.
"""

from __future__ import annotations

from typing import Any

from scicat_harness.model.action import Validate
from scicat_harness.model.text import literal_pattern
from scicat_harness.oracle.actions.result import (
    ActFacts,
    ActionResult,
    ActionRules,
    ActTable,
    refusing,
)
from scicat_harness.oracle.actions.shared import DONE
from scicat_harness.oracle.paths import filter_fails, first_wrong
from scicat_harness.oracle.rule import Reading, Rule, RuleTable

__all__ = ["VALIDATE"]

_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"


def _wrong_paths(facts: ActFacts[Validate]) -> tuple[str | None, str | None]:
    """Return the first path without a value, and the first with a value that its schema refuses.

    At most one of them is set: paths are checked in order, those of the request first, and the
    first failure is the reply.
    """
    return first_wrong(_roots(facts, honoured_only=True))


def _paths_not_honoured(facts: ActFacts[Validate]) -> tuple[str | None, str | None]:
    """Return the same for all configured paths, those included that the backend ignores.

    It ignores ``requests``, a misspelling of the documentation, and ``datasets`` on update.
    """
    return first_wrong(_roots(facts, honoured_only=False))


def _breaks_down(facts: ActFacts[Validate]) -> bool:
    """Return whether a filter asks null for a property before another path fails.

    In the backend such a filter is an error, with which the whole action ends.
    """
    for path, schema, root in _roots(facts, honoured_only=True):
        if filter_fails(path, root):
            return True
        if first_wrong([(path, schema, root)]) != (None, None):
            return False
    return False


def _roots(facts: ActFacts[Validate], *, honoured_only: bool) -> list[tuple[str, Any, object]]:
    """Return the paths with their schemas and start documents, in the order of the checks."""
    action = facts.action
    paths = {**action.request, **({} if honoured_only else action.requests or {})}
    context = facts.context.context()
    roots: list[tuple[str, Any, object]] = [
        (path, schema, context["request"]) for path, schema in paths.items()
    ]
    if facts.creating or not honoured_only:
        # Dataset by dataset, each with all its paths.
        roots += [
            (path, schema, dataset)
            for dataset in context["datasets"]
            for path, schema in (action.datasets or {}).items()
        ]
    return roots


def _not_honoured(facts: ActFacts[Validate]) -> bool:
    return _wrong_paths(facts) == (None, None) and _paths_not_honoured(facts) != (None, None)


# On create a schema refuses a moment later than an error action, wherever they stand in the list
# (specification: actions.phases).
def _requires(facts: ActFacts[Validate]) -> ActionResult:
    missing, _ = _wrong_paths(facts)
    text = literal_pattern(f"Invalid request. Requires '{missing}'")
    return refusing(400, text, late=int(facts.creating))


def _invalid(facts: ActFacts[Validate]) -> ActionResult:
    _, path = _wrong_paths(facts)
    text = literal_pattern(f"Invalid request. Invalid value for '{path}'")
    return refusing(400, text, late=int(facts.creating))


def _lists_no_datasets(facts: ActFacts[Validate]) -> bool:
    return (
        facts.creating
        and facts.action.datasets is not None
        and not facts.context.datasets
        and _wrong_paths(facts) == (None, None)
    )


def _no_datasets(facts: ActFacts[Validate]) -> ActionResult:
    return refusing(400, r"'jobParams\.datasetList' is required\.", late=int(facts.creating))


_VALIDATING: ActTable[Validate] = RuleTable(
    "actions.validate.validate",
    (
        # The order of the checks of validate: a filter that fails ends the action at its path; a
        # missing dataset list is noticed after the paths of the request.
        Rule(
            "actions.validate.schema.broke-down",
            "a filter that asks null for a property breaks down, and the whole action with it",
            _SEEN,
            _breaks_down,
            lambda _: ActionResult(notable=True),
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.validate.schema.no-datasets",
            "datasets are to be validated and the request lists none",
            _SEEN,
            _lists_no_datasets,
            _no_datasets,
        ),
        Rule(
            "actions.validate.schema.missing",
            "a path that is to be validated leads nowhere",
            _DOCS,
            lambda f: _wrong_paths(f)[0] is not None,
            _requires,
        ),
        Rule(
            "actions.validate.schema.invalid",
            "a value does not satisfy the schema of its path",
            _DOCS,
            lambda f: _wrong_paths(f)[1] is not None,
            _invalid,
        ),
        Rule(
            "actions.validate.schema.unheeded",
            "a misspelt section, or that of datasets on update, is ignored",
            _SEEN,
            _not_honoured,
            lambda _: ActionResult(notable=True),
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.validate.schema.heeded",
            "every configured schema is checked against the request and its datasets",
            _DOCS,
            _not_honoured,
            lambda _: refusing(400, r"Invalid request\. [\s\S]*"),
            reading=Reading.DOCUMENTED,
        ),
        Rule(
            "actions.validate.schema.satisfied",
            "every value at every path satisfies its schema",
            _DOCS,
            lambda _: True,
            lambda _: ActionResult(),
        ),
    ),
)

VALIDATE: ActionRules[Validate] = ActionRules(
    _VALIDATING, RuleTable("actions.perform.validate", (DONE,))
)
