"""Rules of switches: the choice of other actions by a value.

Sources: specification: action.switch; documentation page jobconfig.md (phases, kinds of cases,
first match wins); observed v5.2.1 for refusals and for the hidden job before an update.
"""

from __future__ import annotations

from scicat_harness.model.action import Switch, SwitchCase
from scicat_harness.model.option import Phase
from scicat_harness.model.text import literal_pattern
from scicat_harness.oracle.actions.result import (
    ActFacts,
    ActionResult,
    ActionRules,
    ActTable,
    refusing,
)
from scicat_harness.oracle.javascript import UNDEFINED, Pattern, is_text, loosely_equal, shown
from scicat_harness.oracle.paths import distinct, filter_fails, satisfies, select
from scicat_harness.oracle.rule import Reading, Rule, RuleTable
from scicat_harness.oracle.unspecified import Unspecified

__all__ = ["SWITCH", "looks_at_hidden_job", "matching", "selected"]

_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"
_LATE = 2
"""Rank in time: a switch refuses after any schema, and before the actions that one chose."""
_JOB_ROOTS = ("job.", "$.job.")


def selected(facts: ActFacts[Switch], *, job_hidden: bool) -> list[object]:
    """Return the distinct values at the path of a switch.

    With ``job_hidden`` the job has no properties.
    """
    context = facts.context.context()
    if job_hidden and "job" in context:
        context["job"] = {}
    return distinct(select(facts.action.path, context))


def matching(switch: Switch, value: object, *, turn: int | None = 0) -> SwitchCase | str | None:
    """Return the first case of a switch that matches ``value``, or None.

    The text ``not-text`` is returned if a regex comes first and the value is no text: such a
    request is refused. ``turn`` is the number of earlier requests, for a regex with flag ``g``
    or ``y``; with None such a regex raises Unspecified for a text that it finds.
    """
    # The keys in this order: schema wins over regex, regex over match.
    for case in switch.cases:
        if case.schema is not None:
            matched = satisfies(value, case.schema)
        elif case.regex is not None:
            pattern = Pattern(case.regex)
            if not is_text(value):
                return "not-text"
            # With flag g or y a regex continues behind its last match at the next request. The
            # values of our cases match once, so every other request finds nothing.
            matched = pattern.found(value)
            if matched and pattern.remembers:
                if turn is None:
                    raise Unspecified(
                        f"the regex {case.regex} goes on behind its last match, so earlier "
                        "requests decide whether it matches"
                    )
                matched = not turn % 2
        elif case.is_match:
            matched = loosely_equal(value, case.match)
        else:
            matched = True
        if matched:
            return case
    return None


def looks_at_hidden_job(facts: ActFacts[Switch]) -> bool:
    """Return whether a switch looks at the job before an update, where it is hidden."""
    hidden = facts.phase is Phase.VALIDATE and not facts.creating
    return hidden and facts.action.path.startswith(_JOB_ROOTS)


def _values(facts: ActFacts[Switch]) -> list[object]:
    return selected(facts, job_hidden=False)


# The first value counts for the choice; several are refused as ambiguous.
def _value(facts: ActFacts[Switch], *, job_hidden: bool = False) -> object:
    found = selected(facts, job_hidden=job_hidden)
    return found[0] if found else UNDEFINED


def _case(facts: ActFacts[Switch]) -> SwitchCase | str | None:
    return matching(facts.action, _value(facts))


# The choice with the position that earlier requests left in a regex with flag g.
def _remembered(facts: ActFacts[Switch]) -> SwitchCase | str | None:
    return matching(facts.action, _value(facts), turn=facts.context.turn)


def _ambiguous(facts: ActFacts[Switch]) -> ActionResult:
    # The stray quote at the end of the message is the backend's.
    count = len(_values(facts))
    path = literal_pattern(facts.action.path)
    return refusing(
        400, f"Ambiguous value for '{path}' \\({count} distinct results\\)\\.'?", late=_LATE
    )


def _not_text(facts: ActFacts[Switch]) -> ActionResult:
    path = literal_pattern(facts.action.path)
    got = literal_pattern(shown(_value(facts)))
    # Until some release after v4.25.1 the value stood where the path stands now.
    text = f"({path} was expected to be a string\\. Got {got}|{got} was expected to be a string\\.)"
    return refusing(400, f"Property {text}", late=_LATE)


def _choose(facts: ActFacts[Switch]) -> ActionResult:
    case = _case(facts)
    return ActionResult(chosen=case.actions if isinstance(case, SwitchCase) else ())


def _choose_from_memory(facts: ActFacts[Switch]) -> ActionResult:
    case = _remembered(facts)
    return ActionResult(chosen=case.actions if isinstance(case, SwitchCase) else (), notable=True)


def _is_ambiguous(facts: ActFacts[Switch]) -> bool:
    return len(_values(facts)) > 1


# In the perform phase the job is stored already when the value turns out to be unusable.
def _stops_late(facts: ActFacts[Switch]) -> bool:
    return facts.phase is Phase.PERFORM and (_is_ambiguous(facts) or _case(facts) == "not-text")


def _stop_late(facts: ActFacts[Switch]) -> ActionResult:
    return _ambiguous(facts) if _is_ambiguous(facts) else _not_text(facts)


def _choose_without_job(facts: ActFacts[Switch]) -> ActionResult:
    case = matching(facts.action, _value(facts, job_hidden=True))
    return ActionResult(chosen=case.actions if isinstance(case, SwitchCase) else (), notable=True)


def _chosen_by(facts: ActFacts[Switch], kind: str) -> bool:
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


_SWITCHING: ActTable[Switch] = RuleTable(
    "actions.switch",
    (
        Rule(
            "actions.switch.other-phase",
            "a switch does nothing outside its phase",
            _DOCS,
            lambda f: f.action.phase not in (f.phase, Phase.ALL),
            lambda _: ActionResult(),
        ),
        Rule(
            "actions.switch.job-hidden",
            "before an update the job's properties are not visible: the value is undefined",
            _SEEN,
            looks_at_hidden_job,
            _choose_without_job,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.switch.broke-down",
            "a filter that asks null for a property breaks down, and the whole switch with it",
            _SEEN,
            lambda f: (
                f.phase is Phase.VALIDATE and filter_fails(f.action.path, f.context.context())
            ),
            lambda _: ActionResult(notable=True),
            reading=Reading.OBSERVED,
        ),
        # Documented, a refusal belongs to the validate phase, so afterwards nothing is chosen.
        Rule(
            "actions.switch.refused-late",
            "an ambiguous value, or no text for a regex, is refused although the job is stored",
            _SEEN,
            _stops_late,
            _stop_late,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.switch.passed-over",
            "after a job is stored, an ambiguous value, or no text for a regex, chooses nothing",
            _DOCS,
            _stops_late,
            lambda _: ActionResult(),
            reading=Reading.DOCUMENTED,
        ),
        Rule(
            "actions.switch.ambiguous",
            "a path with more than one distinct value is refused",
            _DOCS,
            _is_ambiguous,
            _ambiguous,
        ),
        Rule(
            "actions.switch.not-text",
            "a pattern can only be tried on text",
            _SEEN,
            lambda f: _case(f) == "not-text",
            _not_text,
        ),
        Rule(
            "actions.switch.from-memory",
            "a pattern with flag g continues behind its last match, also of another request",
            _SEEN,
            lambda f: _remembered(f) is not _case(f),
            _choose_from_memory,
            reading=Reading.OBSERVED,
        ),
        # The same choice for each kind of case: the rules differ in the reason that reports show.
        Rule(
            "actions.switch.schema",
            "the first case matches by its schema",
            _DOCS,
            lambda f: _chosen_by(f, "schema"),
            _choose,
        ),
        Rule(
            "actions.switch.regex",
            "the first case matches by its pattern",
            _DOCS,
            lambda f: _chosen_by(f, "regex"),
            _choose,
        ),
        Rule(
            "actions.switch.match",
            "the first case matches by loose equality",
            _DOCS,
            lambda f: _chosen_by(f, "match"),
            _choose,
        ),
        Rule(
            "actions.switch.default",
            "no case before the default matches",
            _DOCS,
            lambda f: _chosen_by(f, "default"),
            _choose,
        ),
        Rule(
            "actions.switch.none",
            "without a matching case nothing is done",
            _DOCS,
            lambda _: True,
            lambda _: ActionResult(),
        ),
    ),
)

SWITCH: ActionRules[Switch] = ActionRules(_SWITCHING, _SWITCHING)
