"""Rules of the validate phase: the result of each action before a job is stored or changed.

Sources: specification: actions.phases, actions.failures, action.validate, action.error;
documentation page jobconfig.md for the options; observed v5.2.1 for failures.
"""

from __future__ import annotations

from scicat_harness.model.action import BrokerBehaviour, Error, Log, Rabbitmq, Validate
from scicat_harness.model.text import Text, pattern_of
from scicat_harness.oracle.action_result import (
    ActFacts,
    ActionResult,
    ActRule,
    Do,
    breaks_down,
    entries,
    paths_not_honoured,
    refusing,
    wrong_paths,
)
from scicat_harness.oracle.answers import ReplyPattern
from scicat_harness.oracle.rule import Reading, RuleTable

__all__ = ["VALIDATING"]

_SOURCE = "specification: actions.phases"
_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"
_SWALLOWED = "is swallowed before storing: the request goes on"


def _writes(facts: ActFacts) -> ActionResult:
    assert facts.text is not None
    return ActionResult(entries(facts.text, "actions.validate.log.writes"))


# Any error but an HTTP error: the action ends, the request goes on.
def _quiet(facts: ActFacts) -> ActionResult:
    del facts
    return ActionResult(notable=True)


def _bad_template(facts: ActFacts) -> ActionResult:
    return refusing(_status(facts) or 400, r"[\s\S]*")


def _disarmed(facts: ActFacts) -> bool:
    # Handlebars takes an object with a key toHTML for markup and calls it, which fails.
    text = facts.action.message.fails if isinstance(facts.action, Error) else None
    return "toHTML" in (text or "")


def _honouring(facts: ActFacts) -> ActionResult:
    del facts
    return refusing(400, r"Invalid request\. [\s\S]*")


def _not_honoured(facts: ActFacts) -> bool:
    return (
        isinstance(facts.action, Validate)
        and wrong_paths(facts) == (None, None)
        and paths_not_honoured(facts) != (None, None)
    )


# Messages contain the configured path, in which a dollar sign is no name: it is doubled for
# pattern_of, and single in the pattern. On create a schema refuses a moment later than an error
# action, wherever they stand in the list (specification: actions.phases).
def _requires(facts: ActFacts) -> ActionResult:
    missing, _ = wrong_paths(facts)
    assert missing is not None
    text = pattern_of(f"Invalid request. Requires '{missing}'".replace("$", "$$"))
    return refusing(400, text.replace(r"\$\$", r"\$"), late=int(facts.creating))


def _invalid(facts: ActFacts) -> ActionResult:
    _, path = wrong_paths(facts)
    assert path is not None
    text = pattern_of(f"Invalid request. Invalid value for '{path}'".replace("$", "$$"))
    return refusing(400, text.replace(r"\$\$", r"\$"), late=int(facts.creating))


def _no_datasets(facts: ActFacts) -> ActionResult:
    return refusing(400, r"'jobParams\.datasetList' is required\.", late=int(facts.creating))


def _refuses(facts: ActFacts) -> ActionResult:
    action = facts.action
    assert isinstance(action, Error)
    status = action.status or 400
    # A reply with status 204 has no body.
    reply = ReplyPattern(status, None if status == 204 else _message(action.message))
    return ActionResult(reply=reply, notable=True)


def _refuses_as_error(facts: ActFacts) -> ActionResult:
    assert isinstance(facts.action, Error)
    return refusing(400, _message(facts.action.message))


def _message(text: Text) -> str:
    return r"[\s\S]*" if text.unjudged else pattern_of(text.means)


def _crashes(facts: ActFacts) -> ActionResult:
    del facts
    return refusing(500, "Internal server error")


def _status(facts: ActFacts) -> int:
    # 0 counts as no status.
    return (facts.action.status or 400) if isinstance(facts.action, Error) else 0


VALIDATING: RuleTable[ActFacts, Do] = RuleTable(
    "validating",
    (
        ActRule(
            "actions.validate.rabbitmq.gone",
            "a broken connection to the broker has ended the whole backend, even without a request",
            _SEEN,
            lambda f: isinstance(f.action, Rabbitmq) and f.action.broker is BrokerBehaviour.CUT,
            lambda _: ActionResult(dies=True, notable=True),
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.validate.log.silent",
            "a log action without a text for this phase writes nothing",
            _DOCS,
            lambda f: (
                isinstance(f.action, Log)
                and (
                    f.text is None
                    or (not f.text.means and not f.text.fails and not f.text.unjudged)
                )
            ),
            lambda _: ActionResult(),
        ),
        # Documented: validation refuses. Observed: an action that fails itself is passed over
        # (specification: actions.failures). So each such failure has a rule for each reading.
        ActRule(
            "actions.validate.log.swallowed",
            f"a line that cannot be rendered {_SWALLOWED}",
            _SEEN,
            lambda f: f.text is not None and f.text.fails is not None,
            _quiet,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.validate.log.broken",
            "an action that cannot validate refuses the request",
            _SOURCE,
            lambda f: f.text is not None and f.text.fails is not None,
            _bad_template,
            reading=Reading.DOCUMENTED,
        ),
        ActRule(
            "actions.validate.log.writes",
            "a log action writes its text for this phase",
            _DOCS,
            lambda f: isinstance(f.action, Log),
            _writes,
        ),
        # Before error.swallowed, which it is a case of: here a caller makes the message fail.
        ActRule(
            "actions.validate.error.disarmed",
            "a caller who sends an object with the key toHTML makes the message fail, and with it "
            "the action",
            _SEEN,
            _disarmed,
            _quiet,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.validate.error.swallowed",
            f"a refusal whose message cannot be rendered {_SWALLOWED}",
            _SEEN,
            lambda f: isinstance(f.action, Error) and f.action.message.fails is not None,
            _quiet,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.validate.error.broken",
            "an error action refuses, even if its message cannot be rendered",
            _DOCS,
            lambda f: isinstance(f.action, Error) and f.action.message.fails is not None,
            _bad_template,
            reading=Reading.DOCUMENTED,
        ),
        ActRule(
            "actions.validate.error.no-such-status",
            "a status that HTTP does not have is an internal server error",
            _SEEN,
            lambda f: isinstance(f.action, Error) and not 100 <= _status(f) <= 999,
            _crashes,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.validate.error.success",
            "a configured status of success is the reply although nothing is stored",
            _SEEN,
            lambda f: isinstance(f.action, Error) and 200 <= _status(f) < 300,
            _refuses,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.validate.error.unusable-status",
            "an error action refuses; a status that is no refusal counts as none",
            _DOCS,
            lambda f: isinstance(f.action, Error) and not 400 <= _status(f) <= 599,
            _refuses_as_error,
            reading=Reading.DOCUMENTED,
        ),
        ActRule(
            "actions.validate.error.refuses",
            "an error action refuses with its message and status (400 without one)",
            _DOCS,
            lambda f: isinstance(f.action, Error),
            _refuses,
        ),
        # The order of the checks of validate: a filter that fails ends the action at its path; a
        # missing dataset list is noticed after the paths of the request.
        ActRule(
            "actions.validate.schema.broke-down",
            "a filter that asks null for a property breaks down, and the whole action with it",
            _SEEN,
            lambda f: isinstance(f.action, Validate) and breaks_down(f),
            _quiet,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.validate.schema.no-datasets",
            "datasets are to be validated and the request lists none",
            _SEEN,
            lambda f: (
                isinstance(f.action, Validate)
                and f.creating
                and f.action.datasets is not None
                and not f.context.datasets
                and wrong_paths(f) == (None, None)
            ),
            _no_datasets,
        ),
        ActRule(
            "actions.validate.schema.missing",
            "a path that is to be validated leads nowhere",
            _DOCS,
            lambda f: isinstance(f.action, Validate) and wrong_paths(f)[0] is not None,
            _requires,
        ),
        ActRule(
            "actions.validate.schema.invalid",
            "a value does not satisfy the schema of its path",
            _DOCS,
            lambda f: isinstance(f.action, Validate) and wrong_paths(f)[1] is not None,
            _invalid,
        ),
        ActRule(
            "actions.validate.schema.unheeded",
            "a misspelt section, or that of datasets on update, is ignored",
            _SEEN,
            _not_honoured,
            _quiet,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.validate.schema.heeded",
            "every configured schema is checked against the request and its datasets",
            _DOCS,
            _not_honoured,
            _honouring,
            reading=Reading.DOCUMENTED,
        ),
        ActRule(
            "actions.validate.schema.satisfied",
            "every value at every path satisfies its schema",
            _DOCS,
            lambda f: isinstance(f.action, Validate),
            lambda _: ActionResult(),
        ),
        ActRule(
            "actions.validate.later",
            "mails, calls and messages have nothing to do before the job is stored",
            _SOURCE,
            lambda _: True,
            lambda _: ActionResult(),
        ),
    ),
)
"""The table of the validate phase; switches have one of their own (oracle.switching)."""
