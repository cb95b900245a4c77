"""Effects of one request in two runs: which came, went, or look otherwise."""

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


def is_stored(request: RequestRecord) -> bool:
    """Whether a stored job carries the request, as far as that was asked."""
    return any(each["channel"] == STORED_JOB for each in request.effects or ())


def comparable_effects(was: RequestRecord, now: RequestRecord) -> bool:
    """Whether both runs tell what the request left."""
    return was.effects is not None and now.effects is not None


def effect_changes(was: RequestRecord, now: RequestRecord) -> list[EffectChange]:
    """What changed in effects; none where one of the runs does not tell.

    That a refused request has none of the effects it had when it was allowed is no change of its
    own, nor the other way round.
    """
    if not comparable_effects(was, now) or _follows_from_the_outcome(was, now):
        return []
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
    refused = now if allowed[0] else was
    return not refused.effects


_SOURCES: Mapping[str, str] = {Channel.AMQP: "source", Channel.OTHER: "kind"}
"""By what the lanes of a channel are told apart."""


def _by_lane(request: RequestRecord, *, watched: bool) -> dict[Lane, list[Effect]]:
    """The effects by where they arrive; there they keep an order."""
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
    went, came = list(before), list(after)
    for each in before:
        same = next((other for other in came if not any(_differing(each, other))), None)
        if same is not None:
            came.remove(same)
            went.remove(each)
    if (
        not went
        and not came
        and any(any(_differing(old, new)) for old, new in zip(before, after, strict=True))
    ):
        yield EffectChange(channel, Manner.ORDER)
    # What is left over on both sides is the same effect with other content.
    for old, new in zip(went, came, strict=False):
        keys = tuple(sorted(_differing(old, new)))
        yield EffectChange(channel, Manner.OTHER, keys, old, new)
    paired = min(len(went), len(came))
    for old in went[paired:]:
        yield EffectChange(channel, Manner.WENT, was=old)
    for new in came[paired:]:
        yield EffectChange(channel, Manner.CAME, now=new)


def _differing(old: Effect, new: Effect, path: str = "") -> Iterator[str]:
    """Keys, those of nested documents with dots."""
    for key in (old.keys() | new.keys()) - _unspecified(old, new):
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            yield from _differing(was, now, f"{path}{key}.")
        else:
            yield f"{path}{key}"


def _unspecified(old: Effect, new: Effect) -> set[str]:
    """Fields of a stored job that one of the runs might as well have seen otherwise."""
    if old.get("channel") != STORED_JOB:
        return set()
    return {UNSPECIFIED, *old.get(UNSPECIFIED, ()), *new.get(UNSPECIFIED, ())}
