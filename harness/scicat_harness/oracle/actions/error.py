"""Rules of error actions, which refuse a request before the job is stored or changed.

Sources: specification: action.error, actions.failures; documentation page jobconfig.md; observed
v5.2.1 for failures.
"""

from __future__ import annotations

from scicat_harness.model.action import Error
from scicat_harness.model.text import Text, pattern_of
from scicat_harness.oracle.actions.result import (
    ActFacts,
    ActionResult,
    ActionRules,
    ActTable,
    refusing,
)
from scicat_harness.oracle.actions.shared import DONE
from scicat_harness.oracle.answers import ReplyPattern
from scicat_harness.oracle.rule import Reading, Rule, RuleTable

__all__ = ["ERROR"]

_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"
_ANY = r"[\s\S]*"


def _status(facts: ActFacts[Error]) -> int:
    # 0 counts as no status.
    return facts.action.status or 400


def _message(text: Text) -> str:
    return _ANY if text.unjudged else pattern_of(text.means)


def _is_disarmed(facts: ActFacts[Error]) -> bool:
    # Handlebars takes an object with a key toHTML for markup and calls it, which fails.
    return "toHTML" in (facts.action.message.fails or "")


def _fails(facts: ActFacts[Error]) -> bool:
    return facts.fails is not None


# Any error but an HTTP error: the action ends, the request goes on.
def _quiet(facts: ActFacts[Error]) -> ActionResult:
    del facts
    return ActionResult(notable=True)


def _refuses(facts: ActFacts[Error]) -> ActionResult:
    status = _status(facts)
    # Replies with these statuses have no body.
    reply = ReplyPattern(status, None if status in (204, 304) else _message(facts.action.message))
    return ActionResult(reply=reply, notable=True)


_VALIDATING: ActTable[Error] = RuleTable(
    "actions.validate.error",
    (
        # Before error.swallowed, which it is a case of: here a caller makes the message fail.
        Rule(
            "actions.validate.error.disarmed",
            "a caller who sends an object with the key toHTML makes the message fail, and with it "
            "the action",
            _SEEN,
            _is_disarmed,
            _quiet,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.validate.error.swallowed",
            "a refusal whose message cannot be rendered is swallowed before storing: the request "
            "goes on",
            _SEEN,
            _fails,
            _quiet,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.validate.error.broken",
            "an error action refuses, even if its message cannot be rendered",
            _DOCS,
            _fails,
            lambda f: refusing(_status(f), _ANY),
            reading=Reading.DOCUMENTED,
        ),
        Rule(
            "actions.validate.error.no-such-status",
            "a status that HTTP does not have is an internal server error",
            _SEEN,
            lambda f: not 100 <= _status(f) <= 999,
            lambda _: refusing(500, "Internal server error"),
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.validate.error.success",
            "a configured status that is no refusal is the reply although nothing is stored",
            _SEEN,
            lambda f: not 400 <= _status(f) <= 599,
            _refuses,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.validate.error.unusable-status",
            "an error action refuses; a status that is no refusal counts as none",
            _DOCS,
            lambda f: not 400 <= _status(f) <= 599,
            lambda f: refusing(400, _message(f.action.message)),
            reading=Reading.DOCUMENTED,
        ),
        Rule(
            "actions.validate.error.refuses",
            "an error action refuses with its message and status (400 without one)",
            _DOCS,
            lambda _: True,
            _refuses,
        ),
    ),
)

ERROR: ActionRules[Error] = ActionRules(_VALIDATING, RuleTable("actions.perform.error", (DONE,)))
