"""Differences: where something observed is not what was expected, as data.

A difference never is a sentence; ``judge.wording`` says it in words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scicat_harness.model.text import Text

__all__ = ["Difference", "OneOf", "one_of"]


@dataclass(frozen=True, slots=True)
class OneOf:
    """An expected value where each of several would do."""

    values: tuple[Any, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"one_of": list(self.values)}


def one_of(values: Collection[Any]) -> Any:
    """The expected value for these acceptable ones: itself where it is the only one."""
    if len(values) == 1:
        return next(iter(values))
    return OneOf(tuple(sorted(values, key=repr)))


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a reply, a stored job or an effect that is not as expected.

    ``path`` names the field, with dots:

    * ``status``, ``message``, ``reply``, ``reply.FIELD``, ``visible``, ``exists``
    * ``stored`` (how many jobs carry the request), ``stored.FIELD``
    * ``effects.CHANNEL`` (expected and not seen, or seen and not expected: the other value is
      None), ``effects.CHANNEL.KEY``, ``effects.order``
    * ``pinned.FIELD`` (hand-written expectation), ``oracle.FIELD`` (where the oracle does not
      share it)
    * ``deviation.fixed`` (a known deviation does not happen any more; expected is its ledger
      entry), ``deviation.unknown`` (no ledger entry covers it; expected is what is promised)

    ``rule`` is the id of the rule that wants it where that is not the deciding one.
    """

    path: str
    expected: Any = None
    observed: Any = None
    rule: str = ""

    def below(self, parent: str) -> Difference:
        """The same as a difference of a part of ``parent``."""
        return Difference(f"{parent}.{self.path}", self.expected, self.observed, self.rule)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        data = {
            "path": self.path,
            "expected": _plain(self.expected),
            "observed": _plain(self.observed),
        }
        return {**data, "rule": self.rule} if self.rule else data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Difference:
        """The difference that ``to_json`` came from."""
        expected = data.get("expected")
        if isinstance(expected, Mapping) and set(expected) == {"one_of"}:
            expected = OneOf(tuple(expected["one_of"]))
        return cls(data["path"], expected, data.get("observed"), data.get("rule", ""))


def _plain(value: Any) -> Any:
    if isinstance(value, OneOf):
        return value.to_json()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, Text):
        return value.means
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else repr(value)
