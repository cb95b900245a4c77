"""The ``switch`` action: run other actions, depending on a value of the context.

See specification: action.switch. A JSONPath over the template context finds the value. The actions
of the first matching case run, each in the current phase only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from scicat_harness.embedded.actions import ActionHandler, Context
from scicat_harness.embedded.actions.runner import perform_each, validate_all
from scicat_harness.embedded.actions.schemas import Schema
from scicat_harness.embedded.defects import Defects
from scicat_harness.embedded.failures import HttpFailure, rejection
from scicat_harness.embedded.handlebars.scope import Opaque
from scicat_harness.embedded.javascript import UNDEFINED, as_text, identical, loosely_equal
from scicat_harness.embedded.jsonpath import JsonPath
from scicat_harness.embedded.regex import JsRegex

__all__ = ["Case", "SwitchAction"]

_KEYS = {"actionType", "phase", "property", "cases"}
_PHASES = ("validate", "perform", "all")
_AMBIGUOUS_DELAY, _UNDECIDED_DELAY, _CHOSEN_DELAY = 1, 2, 6
"""Turns of the event loop until a switch refuses, and until its actions do (actions.phases)."""


class _Condition(Protocol):
    """The condition of a case."""

    def holds(self, value: Any, path: str) -> bool:
        """Return whether the value matches; ``path`` is shown in messages.

        Raises HttpFailure for a value of a type that the condition does not accept.
        """


@dataclass(frozen=True, slots=True)
class _Default:
    """The condition of a case without one: it holds for every value, even undefined."""

    defect: Defects

    def holds(self, value: Any, path: str) -> bool:  # noqa: ARG002
        return not self.defect("actions.switch.default-never")


@dataclass(frozen=True, slots=True)
class _Match:
    """Equality by ``==`` of JavaScript: 5 matches "5", null matches undefined."""

    literal: object
    defect: Defects

    def holds(self, value: Any, path: str) -> bool:  # noqa: ARG002
        if self.defect("actions.switch.strict-equality"):
            return identical(value, self.literal)
        return loosely_equal(value, self.literal)


@dataclass(frozen=True, slots=True)
class _Regex:
    """A regular expression; a value that is no text is refused, even if a later case matches."""

    regex: JsRegex

    def holds(self, value: Any, path: str) -> bool:
        if not isinstance(value, str):
            refusal = rejection(
                f"Property {path} was expected to be a string. Got {as_text(value)}"
            )
            refusal.delay = _UNDECIDED_DELAY
            raise refusal
        return self.regex.test(value)


@dataclass(frozen=True, slots=True)
class _Fits:
    """A JSON schema that the value satisfies."""

    schema: Schema
    defect: Defects

    def holds(self, value: Any, path: str) -> bool:  # noqa: ARG002
        return not self.defect("actions.switch.schema-never") and self.schema.accepts(value)


@dataclass(frozen=True, slots=True)
class Case:
    """A case of a switch: its condition and the actions to run."""

    condition: _Condition
    actions: tuple[ActionHandler, ...]

    @classmethod
    def build(
        cls, options: Mapping[str, Any], actions: Sequence[ActionHandler], defect: Defects
    ) -> "Case":
        """Return the case for its options.

        Of several keys ``schema`` counts before ``regex`` before ``match``; without any the case
        always matches. Raises Thrown for a bad expression, BootFailure for a bad schema.
        """
        condition: _Condition = _Default(defect)
        if "schema" in options:
            condition = _Fits(Schema(options["schema"]), defect)
        elif "regex" in options:
            literal = options["regex"]
            if defect("actions.switch.regex-flags-ignored"):
                literal = literal[: literal.rfind("/") + 1]
            # Compiled once for all requests: with flag g it alternates between them.
            condition = _Regex(JsRegex.literal(literal))
        elif "match" in options:
            condition = _Match(options["match"], defect)
        return cls(condition, tuple(actions))


@dataclass(frozen=True, slots=True)
class SwitchAction:
    """A switch action: ``phase`` is ``validate``, ``perform`` or ``all``."""

    defect: Defects
    phase: str
    path: JsonPath
    cases: tuple[Case, ...]
    kind: str = "switch"

    @staticmethod
    def accepts(options: dict[str, Any]) -> bool:
        """Return whether the options are valid for a switch action.

        All keys are required and no others allowed. Options of the inner actions are checked
        when these are built.
        """
        cases = options.get("cases")
        return (
            # Exactly these keys: log and switch refuse unknown options.
            set(options) == _KEYS
            and options["phase"] in _PHASES
            and isinstance(options["property"], str)
            and isinstance(cases, list)
            and all(_is_case(case) for case in cases)
        )

    async def validate(self, context: Context) -> None:
        """Let the actions of the matching case validate; raise their earliest refusal.

        Raises HttpFailure for a value that is ambiguous, or no text at a ``regex``, as well.
        """
        if self._acts("validate"):
            chosen = self._chosen(context)
            try:
                await validate_all(chosen, context, self.defect)
            except HttpFailure as refusal:
                # Added, so that each switch around it makes the refusal later.
                refusal.delay += _CHOSEN_DELAY
                raise

    async def perform(self, context: Context) -> None:
        """Let the actions of the matching case perform in order.

        The value is found again: after an update it may match another case than before. Raises
        HttpFailure as in ``validate``, now with the job stored.
        """
        if self._acts("perform"):
            await perform_each(self._chosen(context), context, self.defect)

    def _acts(self, phase: str) -> bool:
        if self.defect("actions.switch.skipped"):
            return False
        return self.phase in (phase, "all") or self.defect("actions.switch.phase-ignored")

    def _chosen(self, context: Context) -> tuple[ActionHandler, ...]:
        value = self._value(context)
        if self.defect("actions.switch.first-case-always"):
            return self.cases[0].actions if self.cases else ()
        if self.defect("actions.switch.last-case-always"):
            return self.cases[-1].actions if self.cases else ()
        chosen: list[ActionHandler] = []
        for case in self.cases:
            if case.condition.holds(value, self.path.text):
                if not self.defect("actions.switch.all-matching-cases"):
                    return case.actions
                chosen += case.actions
        return tuple(chosen)

    def _value(self, context: Context) -> Any:
        # Distinct by ===, so equal objects at two places are two values.
        found: list[Any] = []
        for value in self.path.select(context.values()):
            if not any(identical(value, other) for other in found):
                found.append(value)
        # The message has a quote too many, as in the real backend.
        if len(found) > 1 and not self.defect("actions.switch.ambiguity-ignored"):
            refusal = rejection(
                f"Ambiguous value for '{self.path.text}' ({len(found)} distinct results).'"
            )
            refusal.delay = _AMBIGUOUS_DELAY
            raise refusal
        value = found[0] if found else UNDEFINED
        # The path `job` finds the whole document; only paths below it lead nowhere.
        return value.value if isinstance(value, Opaque) else value


def _is_case(case: object) -> bool:
    if not isinstance(case, dict) or not isinstance(case.get("actions"), list):
        return False
    typed = all(
        isinstance(action, dict) and isinstance(action.get("actionType"), str)
        for action in case["actions"]
    )
    return typed and isinstance(case.get("regex", ""), str)
