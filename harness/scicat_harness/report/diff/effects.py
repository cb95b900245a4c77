"""Effects of one request in two runs: those that came, went, or have other content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scicat_harness.judge.record import STORED_JOB, UNSPECIFIED, RequestRecord
from scicat_harness.model.effect import Channel
from scicat_harness.model.outcome import Decision
from scicat_harness.report.diff.change import EffectChange, Manner

__all__ = ["comparable_effects", "effect_changes", "is_stored"]

Effect = Mapping[str, Any]
Lane = tuple[str, str]
"""Channel and, where the order holds per source only, the source."""


def is_stored(request: RequestRecord) -> bool:
    """Return whether a request left a stored job; False if nobody looked."""
    return any(each["channel"] == STORED_JOB for each in request.effects or ())


def comparable_effects(was: RequestRecord, now: RequestRecord) -> bool:
    """Return whether both runs recorded the effects of a request."""
    return was.effects is not None and now.effects is not None


def effect_changes(was: RequestRecord, now: RequestRecord) -> list[EffectChange]:
    """Return the changes of the effects of a request; none unless both runs recorded them.

    If only one of the two requests was allowed and the other one has no effects, there is no
    change: missing effects follow from the refusal.
    """
    if not comparable_effects(was, now) or _follows_from_the_outcome(was, now):
        return []
    # Of an unwatched request stored jobs are known only; then only these are compared.
    both = was.watched and now.watched
    before, after = _by_lane(was, watched=both), _by_lane(now, watched=both)
    changes: list[EffectChange] = []
    for lane in sorted(before.keys() | after.keys()):
        changes += _lane_changes(lane[0], before.get(lane, []), after.get(lane, []))
    return changes


def _follows_from_the_outcome(was: RequestRecord, now: RequestRecord) -> bool:
    allowed = [each.observed == Decision.ALLOW for each in (was, now)]
    if allowed[0] == allowed[1]:
        return False
    # Effects of the refused request are reported all the same: it must not have any.
    refused = now if allowed[0] else was
    return not refused.effects


_SOURCES: Mapping[str, str] = {Channel.AMQP: "source", Channel.OTHER: "kind"}
"""The key that separates the lanes of a channel; effects of other channels are one lane."""


def _by_lane(request: RequestRecord, *, watched: bool) -> dict[Lane, list[Effect]]:
    """Return the effects by lane, in order.

    Order holds within a lane only: messages of two queues have no common order.
    """
    lanes: dict[Lane, list[Effect]] = {}
    for each in request.effects or ():
        if watched or each["channel"] == STORED_JOB:
            by = _SOURCES.get(each["channel"])
            source = str(each.get(by, "")) if by is not None else ""
            lanes.setdefault((each["channel"], source), []).append(each)
    return lanes


def _lane_changes(
    channel: str, before: Sequence[Effect], after: Sequence[Effect]
) -> Iterator[EffectChange]:
    # Pairs of equal effects are removed first, so that one more or less is not a change of all.
    went, came = list(before), list(after)
    for each in before:
        same = next((other for other in came if not any(_differing(each, other))), None)
        if same is not None:
            came.remove(same)
            went.remove(each)
    # Nothing is left, so both runs have the same effects: only their order may differ.
    if (
        not went
        and not came
        and any(any(_differing(old, new)) for old, new in zip(before, after, strict=True))
    ):
        yield EffectChange(channel, Manner.ORDER)
    # Effects left on both sides are taken for the same effect with other content, in order.
    for old, new in zip(went, came, strict=False):
        keys = tuple(sorted(_differing(old, new)))
        yield EffectChange(channel, Manner.OTHER, keys, old, new)
    paired = min(len(went), len(came))
    for old in went[paired:]:
        yield EffectChange(channel, Manner.WENT, was=old)
    for new in came[paired:]:
        yield EffectChange(channel, Manner.CAME, now=new)


def _differing(old: Effect, new: Effect, path: str = "") -> Iterator[str]:
    """Yield the keys that differ, those of nested documents with dots."""
    for key in (old.keys() | new.keys()) - _unspecified(old, new):
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from _differing(was, now, f"{path}{key}.")
        else:
            yield f"{path}{key}"


def _unspecified(old: Effect, new: Effect) -> set[str]:
    """Return the fields of a stored job for which no value is specified in one of the runs."""
    if old.get("channel") != STORED_JOB:
        return set()
    return {UNSPECIFIED, *old.get(UNSPECIFIED, ()), *new.get(UNSPECIFIED, ())}
