"""Differences between an expectation and an observation, as data.

A difference contains no sentence; ``judge.wording`` puts it into words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.model.text import Text, without_surrogates

__all__ = ["Difference", "OneOf", "one_of"]


@dataclass(frozen=True, slots=True)
class OneOf:
    """An expected value with several alternatives, each of them acceptable."""

    values: tuple[Any, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the alternatives as JSON-serializable data."""
        return {"one_of": list(self.values)}


def one_of(values: Collection[Any]) -> Any:
    """Return the expected value for a set of acceptable values.

    ``one_of({3})`` is ``3``; ``one_of({3, None})`` is a :class:`OneOf`.
    """
    if len(values) == 1:
        return next(iter(values))
    # By their text: values such as None and a string have no order of their own.
    return OneOf(tuple(sorted(values, key=repr)))


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a reply, a stored job or an effect that is not as expected.

    ``path`` names the field, with dots:

    * ``status``, ``message``, ``reply``, ``reply.FIELD``, ``visible``, ``exists``
    * ``reply.headers.NAME``, ``reply.form`` (the keys of an error), ``reply.leak`` (observed is the
      name of a secret), ``reply.rows`` and ``reply.order`` of lists
    * ``stored`` (how many jobs carry the request), ``stored.FIELD``
    * ``kept`` (the job of a request that may change nothing is gone), ``kept.FIELD``
    * ``effects.CHANNEL`` (expected and not observed, or observed and not expected: the other value
      is None), ``effects.CHANNEL.KEY``, ``effects.CHANNEL.leak``, ``effects.order``
    * ``pinned.FIELD`` (hand-written expectation), ``oracle.FIELD`` (the oracle predicts something
      else)
    * ``deviation.fixed`` (a known deviation does not occur any more; expected is its ledger
      entry), ``deviation.unknown`` (no ledger entry covers it; expected is the documented outcome)

    ``rule`` is the id of the rule that requires the value, if it is not the deciding one.
    """

    path: str
    expected: Any = None
    observed: Any = None
    rule: str = ""

    def below(self, parent: str) -> Difference:
        """Return the difference with ``parent`` before its path.

        ``Difference("status").below("pinned").path`` is ``"pinned.status"``.
        """
        return Difference(f"{parent}.{self.path}", self.expected, self.observed, self.rule)

    def to_json(self) -> dict[str, Any]:
        """Return the difference as JSON-serializable data; values without a JSON form as text."""
        data = {
            "path": self.path,
            "expected": _plain(self.expected),
            "observed": _plain(self.observed),
        }
        return {**data, "rule": self.rule} if self.rule else data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Difference:
        """Return the difference that ``to_json`` wrote."""
        # Only expected values have alternatives; an observed object of that form is a plain value.
        expected = data.get("expected")
        if isinstance(expected, Mapping) and set(expected) == {"one_of"}:
            expected = OneOf(tuple(expected["one_of"]))
        return cls(data["path"], expected, data.get("observed"), data.get("rule", ""))


def _plain(value: Any) -> Any:
    if isinstance(value, OneOf):
        return value.to_json()
    if isinstance(value, Mapping):
        return {without_surrogates(str(key)): _plain(each) for key, each in value.items()}
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, Text):
        return value.means
    # Sets and tuples become lists; bytes are iterable, too.
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_plain(each) for each in value]
    return value if isinstance(value, int | float | bool | None) else repr(value)
