"""Rules of switches: the choice of other actions by a value.

Sources: specification: action.switch; documentation page jobconfig.md (phases, kinds of cases,
first match wins); observed v5.2.1 for refusals and for the hidden job before an update.
"""

from __future__ import annotations

from scicat_harness.model.action import Phase, Switch, SwitchCase
from scicat_harness.model.text import pattern_of
from scicat_harness.oracle.action_result import ActFacts, ActionResult, ActRule, Do, refusing
from scicat_harness.oracle.javascript import UNDEFINED, shown
from scicat_harness.oracle.paths import filter_fails
from scicat_harness.oracle.rule import Reading, RuleTable

__all__ = ["SWITCHING"]

_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"
_LATE = 2
"""Rank in time: a switch refuses after any schema, and before the actions that one chose."""


def _switch(facts: ActFacts) -> Switch:
    assert isinstance(facts.action, Switch)
    return facts.action


def _values(facts: ActFacts) -> list[object]:
    return facts.selected(_switch(facts).path, job_hidden=False)


# The first value counts for the choice; several are refused as ambiguous.
def _value(facts: ActFacts, *, job_hidden: bool = False) -> object:
    found = facts.selected(_switch(facts).path, job_hidden=job_hidden)
    return found[0] if found else UNDEFINED


def _case(facts: ActFacts) -> SwitchCase | str | None:
    return facts.matching(_value(facts))


# The choice with the position that earlier requests left in a regex with flag g.
def _remembered(facts: ActFacts) -> SwitchCase | str | None:
    return facts.matching(_value(facts), turn=facts.context.turn)


def _literal(text: str) -> str:
    # Dollar signs of a path or value are no names; doubled, pattern_of keeps them.
    return pattern_of(text.replace("$", "$$")).replace(r"\$\$", r"\$")


def _ambiguous(facts: ActFacts) -> ActionResult:
    # The stray quote at the end of the message is the backend's.
    count = len(_values(facts))
    path = _literal(_switch(facts).path)
    return refusing(
        400, f"Ambiguous value for '{path}' \\({count} distinct results\\)\\.'?", late=_LATE
    )


def _not_text(facts: ActFacts) -> ActionResult:
    path = _literal(_switch(facts).path)
    got = _literal(shown(_value(facts)))
    # Until some release after v4.25.1 the value stood where the path stands now.
    text = f"({path} was expected to be a string\\. Got {got}|{got} was expected to be a string\\.)"
    return refusing(400, f"Property {text}", late=_LATE)


def _choose(facts: ActFacts) -> ActionResult:
    case = _case(facts)
    return ActionResult(chosen=case.actions if isinstance(case, SwitchCase) else ())


def _choose_from_memory(facts: ActFacts) -> ActionResult:
    case = _remembered(facts)
    return ActionResult(chosen=case.actions if isinstance(case, SwitchCase) else (), notable=True)


def _is_ambiguous(facts: ActFacts) -> bool:
    return len(_values(facts)) > 1


# In the perform phase the job is stored already when the value turns out to be unusable.
def _stops_late(facts: ActFacts) -> bool:
    return facts.phase is Phase.PERFORM and (_is_ambiguous(facts) or _case(facts) == "not-text")


def _stop_late(facts: ActFacts) -> ActionResult:
    return _ambiguous(facts) if _is_ambiguous(facts) else _not_text(facts)


def _choose_without_job(facts: ActFacts) -> ActionResult:
    case = facts.matching(_value(facts, job_hidden=True))
    return ActionResult(chosen=case.actions if isinstance(case, SwitchCase) else (), notable=True)


def _chosen_by(facts: ActFacts, kind: str) -> bool:
    case = _case(facts)
    if not isinstance(case, SwitchCase):
        return False
    # The first key of this order counts if a case has several (specification: action.switch).
    kinds = {
        "schema": case.schema is not None,
        "regex": case.schema is None and case.regex is not None,
        "match": case.schema is None and case.regex is None and case.is_match,
        "default": case.is_default,
    }
    return kinds[kind]


SWITCHING: RuleTable[ActFacts, Do] = RuleTable(
    "switching",
    (
        ActRule(
            "actions.switch.other-phase",
            "a switch does nothing outside its phase",
            _DOCS,
            lambda f: _switch(f).phase not in (f.phase, Phase.ALL),
            lambda _: ActionResult(),
        ),
        ActRule(
            "actions.switch.job-hidden",
            "before an update the job's properties are not visible: the value is undefined",
            _SEEN,
            lambda f: f.undecided,
            _choose_without_job,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.switch.broke-down",
            "a filter that asks null for a property breaks down, and the whole switch with it",
            _SEEN,
            lambda f: (
                f.phase is Phase.VALIDATE and filter_fails(_switch(f).path, f.context.context())
            ),
            lambda _: ActionResult(notable=True),
            reading=Reading.OBSERVED,
        ),
        # Documented, a refusal belongs to the validate phase, so afterwards nothing is chosen.
        ActRule(
            "actions.switch.refused-late",
            "an ambiguous value, or no text for a regex, is refused although the job is stored",
            _SEEN,
            _stops_late,
            _stop_late,
            reading=Reading.OBSERVED,
        ),
        ActRule(
            "actions.switch.passed-over",
            "after a job is stored, an ambiguous value, or no text for a regex, chooses nothing",
            _DOCS,
            _stops_late,
            lambda _: ActionResult(),
            reading=Reading.DOCUMENTED,
        ),
        ActRule(
            "actions.switch.ambiguous",
            "a path with more than one distinct value is refused",
            _DOCS,
            _is_ambiguous,
            _ambiguous,
        ),
        ActRule(
            "actions.switch.not-text",
            "a pattern can only be tried on text",
            _SEEN,
            lambda f: _case(f) == "not-text",
            _not_text,
        ),
        ActRule(
            "actions.switch.from-memory",
            "a pattern with flag g continues behind its last match, also of another request",
            _SEEN,
            lambda f: _remembered(f) is not _case(f),
            _choose_from_memory,
            reading=Reading.OBSERVED,
        ),
        # The same choice for each kind of case: the rules differ in the reason that reports show.
        ActRule(
            "actions.switch.schema",
            "the first case matches by its schema",
            _DOCS,
            lambda f: _chosen_by(f, "schema"),
            _choose,
        ),
        ActRule(
            "actions.switch.regex",
            "the first case matches by its pattern",
            _DOCS,
            lambda f: _chosen_by(f, "regex"),
            _choose,
        ),
        ActRule(
            "actions.switch.match",
            "the first case matches by loose equality",
            _DOCS,
            lambda f: _chosen_by(f, "match"),
            _choose,
        ),
        ActRule(
            "actions.switch.default",
            "no case before the default matches",
            _DOCS,
            lambda f: _chosen_by(f, "default"),
            _choose,
        ),
        ActRule(
            "actions.switch.none",
            "without a matching case nothing is done",
            _DOCS,
            lambda _: True,
            lambda _: ActionResult(),
        ),
    ),
)
