"""Rules of log actions.

Sources: specification: action.log, actions.failures; documentation page jobconfig.md for the
options; observed v5.2.1 for failures.
"""

from __future__ import annotations

from scicat_harness.model.action import Log
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.option import Phase
from scicat_harness.model.text import FORGED, Text, plain
from scicat_harness.oracle.actions.result import (
    ActFacts,
    ActionResult,
    ActionRules,
    ActTable,
    failing,
    refusing,
)
from scicat_harness.oracle.actions.shared import SWALLOWED
from scicat_harness.oracle.rule import Reading, Rule, RuleTable

__all__ = ["LOG"]

_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"


def _text(facts: ActFacts[Log]) -> Text | None:
    return facts.action.validate if facts.phase is Phase.VALIDATE else facts.action.perform


def _is_silent(facts: ActFacts[Log]) -> bool:
    text = _text(facts)
    return text is None or (not text.means and not text.fails and not text.unjudged)


def _fails(facts: ActFacts[Log]) -> bool:
    return facts.fails is not None


def _writes_early(facts: ActFacts[Log]) -> ActionResult:
    text = _text(facts)
    assert text is not None
    return ActionResult(_entries(text, "actions.validate.log.writes"))


def _writes_late(facts: ActFacts[Log]) -> ActionResult:
    text = _text(facts)
    if text is None:
        text = plain(f"Performing job for {facts.context.job_type}")
    return ActionResult(_entries(text, "actions.perform.log.writes"))


def _entries(text: Text, rule: str) -> tuple[Effect, ...]:
    """Return the log entries of a text: one, or more if the text contains forged heads.

    ``rule`` is the id of the rule that requires them.
    """
    # The meaning of an unjudged text is unknown, so it cannot be split.
    if text.unjudged:
        return (Effect(Channel.LOG, {"context": "LogJobAction", "text": text}, rule),)
    return tuple(
        Effect(Channel.LOG, {"context": "LogJobAction", "text": each}, rule)
        for each in text.means.split(FORGED)
    )


_VALIDATING: ActTable[Log] = RuleTable(
    "actions.validate.log",
    (
        Rule(
            "actions.validate.log.silent",
            "a log action without a text for this phase writes nothing",
            _DOCS,
            _is_silent,
            lambda _: ActionResult(),
        ),
        # Documented: validation refuses. Observed: an action that fails itself is passed over
        # (specification: actions.failures). So this failure has a rule for each reading.
        Rule(
            "actions.validate.log.swallowed",
            "a line that cannot be rendered is swallowed before storing: the request goes on",
            _SEEN,
            _fails,
            lambda _: ActionResult(notable=True),
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.validate.log.broken",
            "an action that cannot validate refuses the request",
            "specification: actions.phases",
            _fails,
            lambda _: refusing(400, r"[\s\S]*"),
            reading=Reading.DOCUMENTED,
        ),
        Rule(
            "actions.validate.log.writes",
            "a log action writes its text for this phase",
            _DOCS,
            lambda _: True,
            _writes_early,
        ),
    ),
)

_PERFORMING: ActTable[Log] = RuleTable(
    "actions.perform.log",
    (
        SWALLOWED,
        Rule(
            "actions.perform.log.broken",
            "a template that fails fails the action, though the job is stored",
            _SEEN,
            _fails,
            # The line is not written.
            lambda f: failing(f, f.fails or ""),
        ),
        Rule(
            "actions.perform.log.writes",
            "a log action writes its text; without one it names the job type",
            _DOCS,
            lambda _: True,
            _writes_late,
        ),
    ),
)

LOG: ActionRules[Log] = ActionRules(_VALIDATING, _PERFORMING)
