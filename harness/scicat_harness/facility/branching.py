"""Branches of templates: the conditions under which each is rendered, and which cases render it.

The condition of a block such as ``{{#if (eq job.statusCode "done")}}`` is turned into conditions on
values of the request, as those of validate and switch are. Whether a case then renders the branch
is not concluded from them but asked of Handlebars, so a branch never counts by mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Any, Protocol

from scicat_harness.facility.conditions import JOB, REQUEST, Condition, Root
from scicat_harness.facility.rendering import Contexts
from scicat_harness.facility.switchvalues import proposals_of_case
from scicat_harness.javascript.failure import EngineFault, JavaScriptError
from scicat_harness.javascript.template import Branch, Expression, Helper, Note, Variable
from scicat_harness.model.action import Action, SwitchCase, unfolded
from scicat_harness.model.option import Phase, Template
from scicat_harness.oracle.javascript import UNDEFINED, Pattern

__all__ = [
    "Branching",
    "Entered",
    "Known",
    "all_templates",
    "alternatives",
    "shows_datasets",
    "shows_files",
    "templates_of",
]

_TRUE_WORDS = (True, "true", 1, "1", "on", "yes")
"""What ``and``, ``or`` and ``not`` take for true (specification: templates.helpers)."""
_MOST_WAYS = 6
"""Most ways in which one branch is tried."""
Way = tuple[Condition, ...]


class Branching(Protocol):
    """What knows the branches of templates: the engine with Handlebars."""

    def parse_template(self, text: str) -> list[Variable | Helper | Note]:
        """Return the variables, helpers and partials of a template."""

    def branches(self, text: str) -> list[Branch]:
        """Return the branches of a template, by their numbers."""

    def entered(self, text: str, context: Any) -> set[int]:
        """Return the numbers of the branches that a rendering enters."""


@dataclass(frozen=True, slots=True)
class Known:
    """Values that no request can choose: the job type, and the environment."""

    job_type: str
    env: Mapping[str, str]

    def value(self, path: tuple[str, ...]) -> Any:
        """Return the value at a path; KeyError if a request decides."""
        if path in ((JOB, "type"), (REQUEST, "type")):
            return self.job_type
        if path[:1] == ("env",) and len(path) == 2:
            return self.env.get(path[1], UNDEFINED)
        raise KeyError(path)


@dataclass(slots=True)
class Entered:
    """The branches of all templates, and those that some case renders."""

    branching: Branching
    seen: dict[str, set[int]] = field(default_factory=dict)

    def note(self, actions: Sequence[Action], contexts: Contexts) -> None:
        """Note the branches that the templates of some actions enter in these contexts."""
        for each in templates_of(actions):
            early = each.phase is Phase.VALIDATE
            entered = self.branching.entered(
                each.source, contexts.validate if early else contexts.perform
            )
            self.seen.setdefault(each.source, set()).update(entered)

    def renders(self, text: str, number: int, contexts: Contexts) -> bool:
        """Return whether a template enters a branch, before or after the job is stored."""
        both = (contexts.validate, contexts.perform)
        return any(number in self.branching.entered(text, each) for each in both)

    def missing(self, text: str) -> Iterator[tuple[int, Branch]]:
        """Yield the branches of a template that no case has rendered yet."""
        try:
            branches = self.branching.branches(text)
        except (EngineFault, JavaScriptError):
            # It fails whenever it is rendered, which its cases show.
            return
        for number, branch in enumerate(branches):
            if number not in self.seen.get(text, ()):
                yield number, branch

    def paths(self, actions: Sequence[Action]) -> Iterator[tuple[str, ...]]:
        """Yield the paths that the templates of some actions look up, as far as they are known."""
        for each in self._used(actions):
            if isinstance(each, Variable) and each.path is not None:
                yield each.path

    def measured(self, actions: Sequence[Action]) -> Iterator[tuple[str, ...]]:
        """Yield the paths of values that formatUnit renders, which have to be numbers."""
        for each in self._used(actions):
            if isinstance(each, Variable) and each.within == "formatUnit" and each.path is not None:
                yield each.path

    def compared(self, actions: Sequence[Action]) -> Iterator[str]:
        """Yield the texts that the templates of some actions compare with."""
        for each in self._used(actions):
            if isinstance(each, Helper) and each.name == "eq":
                yield from (one for one in each.literals if isinstance(one, str))

    def _used(self, actions: Sequence[Action]) -> Iterator[Variable | Helper | Note]:
        for each in templates_of(actions):
            # A template that cannot be read fails whenever it is rendered, which its cases show.
            with suppress(EngineFault, JavaScriptError):
                yield from self.branching.parse_template(each.source)

    def wants(self, actions: Sequence[Action]) -> bool:
        """Return whether the templates of some actions have branches that no case has rendered."""
        return any(True for each in templates_of(actions) for _ in self.missing(each.source))

    def is_new(self, actions: Sequence[Action], contexts: Contexts) -> bool:
        """Return whether the templates of some actions enter a branch that no case has rendered."""
        return any(
            self.renders(each.source, number, contexts)
            for each in templates_of(actions)
            for number, _ in self.missing(each.source)
        )

    def has(self, text: str, number: int) -> bool:
        """Return whether some case renders a branch."""
        return number in self.seen.get(text, ())


def templates_of(actions: Sequence[Action]) -> Iterator[Template]:
    """Yield the templates of actions, apart from texts without braces."""
    for action in actions:
        yield from (each for each in action.templates() if "{{" in each.text.template)


def all_templates(actions: Sequence[Action]) -> Iterator[Template]:
    """Yield the templates of actions like ``templates_of``, with those inside switches."""
    return templates_of(unfolded(actions))


def shows_datasets(actions: Sequence[Action]) -> bool:
    """Return whether a template of some actions, or of one inside a switch, names datasets."""
    return any("datasets" in each.source for each in all_templates(actions))


def shows_files(actions: Sequence[Action]) -> bool:
    """Return whether a template of some actions may show the files that a request lists."""
    texts = (each.source for each in all_templates(actions))
    return any("datasetList" in text and "files" in text for text in texts)


def alternatives(branch: Branch, known: Known) -> Iterator[Way]:
    """Yield conditions on the request under which a branch is rendered, at most six times.

    Nothing is yielded if it is never rendered. What cannot be expressed as a condition, such as a
    test inside a loop, is left out: the branch may be rendered or not.
    """
    each = [list(_ways(one.test, one.truth, known)) for one in branch.conditions]
    for chosen in islice(product(*each), _MOST_WAYS):
        yield tuple(condition for way in chosen for condition in way)


def _ways(test: Expression, truth: bool, known: Known) -> Iterator[Way]:
    """Yield the ways in which an expression is true or false."""
    if test.call in ("and", "or"):
        yield from _joined([_said(each, known) for each in test.params], test.call == "or", truth)
    elif test.call == "not" and len(test.params) == 1:
        yield from _said(test.params[0], known)(not truth)
    elif test.call == "eq" and len(test.params) == 2:
        yield from _equal(*test.params, truth, known)
    elif test.call == "matches" and len(test.params) in (2, 3):
        yield from _matching(test.params, truth, known)
    elif test.call == "nonempty":
        yield from _filled(test.params[0], truth, known)
    elif test.call:
        yield ()
    else:
        yield from _tested(test, bool, truth, known)


def _joined(
    parts: Sequence[Callable[[bool], Iterator[Way]]], either: bool, truth: bool
) -> Iterator[Way]:
    """Yield the ways of ``or`` (either) and ``and``, each true or false."""
    if either is truth:
        for part in parts:
            yield from part(truth)
        return
    for chosen in islice(product(*(list(part(truth)) for part in parts)), _MOST_WAYS):
        yield tuple(condition for way in chosen for condition in way)


def _said(test: Expression, known: Known) -> Callable[[bool], Iterator[Way]]:
    """Return the ways of an argument of ``and``, ``or`` and ``not``."""
    if test.call:
        return lambda truth: _ways(test, truth, known)
    return lambda truth: _tested(test, _is_true_word, truth, known)


def _is_true_word(value: Any) -> bool:
    return any(value == each and type(value) is type(each) for each in _TRUE_WORDS)


def _tested(
    test: Expression, is_true: Callable[[Any], bool], truth: bool, known: Known
) -> Iterator[Way]:
    """Yield the ways in which a value itself is true or false."""
    yield from _condition(
        test,
        known,
        # UNDEFINED is an object of Python, which would be true.
        lambda value: (value is not UNDEFINED and is_true(value)) is truth,
        lambda: [True, "true", "harness", 1] if truth else [False, "", None],
        absent=not truth,
    )


def _filled(test: Expression, truth: bool, known: Known) -> Iterator[Way]:
    """Yield the ways in which a list or object has items, or not."""
    yield from _condition(
        test,
        known,
        lambda value: (isinstance(value, list | dict) and bool(value)) is truth,
        lambda: [[{"harness": 1}], {"harness": 1}] if truth else [[], {}],
        absent=not truth,
    )


def _equal(left: Expression, right: Expression, truth: bool, known: Known) -> Iterator[Way]:
    path, literal = (left, right) if right.is_literal else (right, left)
    if literal.is_literal:
        yield from _compared(path, literal.value, truth, known)
        return
    # Of two values of the request one is chosen, and the other is that one or not.
    for first in _compared(left, "harness", True, known):
        for second in _compared(right, "harness", truth, known):
            yield (*first, *second)


def _compared(path: Expression, wanted: Any, truth: bool, known: Known) -> Iterator[Way]:
    """Yield the ways in which a value is, or is not, this literal one."""
    fallback: Any = UNDEFINED
    if path.call == "default" and len(path.params) == 2 and path.params[1].is_literal:
        # It renders the second one in the place of a value that is false.
        path, fallback = path.params[0], path.params[1].value
    if path.call == "lookup" and len(path.params) == 2:
        place, name = path.params
        if place.path is not None and isinstance(name.value, str):
            path = replace(place, path=(*place.path, name.value))
    if path.call:
        yield ()
        return

    def holds(value: Any) -> bool:
        shown = fallback if fallback is not UNDEFINED and _is_false(value) else value
        return (shown == wanted and type(shown) is type(wanted)) is truth

    yield from _condition(
        path,
        known,
        holds,
        lambda: [wanted] if truth else ["jobSubmitted", f"not-{wanted}"],
        absent=holds(UNDEFINED),
    )


def _is_false(value: Any) -> bool:
    # UNDEFINED is an object of Python, which would be true.
    return value is UNDEFINED or not value


def _matching(params: Sequence[Expression], truth: bool, known: Known) -> Iterator[Way]:
    text, *given = params
    if not all(isinstance(each.value, str) for each in given):
        yield ()
        return
    regex, flags = (*(str(each.value) for each in given), "")[:2]
    written = f"/{regex}/{flags}"
    pattern = Pattern(written)
    yield from _condition(
        text,
        known,
        # RegExp.test takes undefined for the text "undefined".
        lambda value: pattern.found("undefined" if value is UNDEFINED else str(value)) is truth,
        lambda: (
            proposals_of_case(SwitchCase((), regex=written))
            if truth
            else ["jobSubmitted", "harness", "0"]
        ),
        absent=not truth,
    )


def _condition(
    test: Expression,
    known: Known,
    holds: Callable[[Any], bool],
    proposed: Callable[[], Sequence[Any]],
    *,
    absent: bool,
) -> Iterator[Way]:
    """Yield the ways in which the value of an expression fulfils ``holds``.

    With ``absent`` a value that is missing may fulfil it.
    """
    if test.is_literal:
        if holds(test.value):
            yield ()
        return
    # A path inside a loop, and the list of datasets itself, are not chosen here.
    if test.path is None or len(test.path) < 2 or test.path[0] == "datasets":
        yield ()
        return
    try:
        if holds(known.value(test.path)):
            yield ()
        return
    except KeyError:
        pass
    root: Root = test.path[0]
    shown = ".".join(test.path)
    if root not in (JOB, REQUEST):
        yield ()
        return
    if absent and holds(UNDEFINED) and test.path[1:] != ("statusCode",):
        yield ()
    yield (Condition(root, test.path[1:], holds, proposed, f"no value of {shown} is known for it"),)
