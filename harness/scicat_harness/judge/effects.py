"""Comparison of expected and observed effects: each exactly once, in order, and no others.

Every effect that is not expected is a difference. The rules of each channel are in
``judge.channels``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scicat_harness.judge.channels import CHANNELS
from scicat_harness.judge.channels.channel import Content
from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.observation import SeenEffect, Values

__all__ = ["effect_differences", "is_unnamed_line"]

Pair = tuple[Effect, SeenEffect]


def effect_differences(
    expected: Sequence[Effect],
    seen: Sequence[SeenEffect],
    values: Values,
    *,
    recorded: bool = False,
) -> list[Difference]:
    """Return the differences; empty if each effect was seen once, in order, and no other.

    Paths are ``effects.CHANNEL``, ``effects.CHANNEL.KEY`` and ``effects.order``
    (``model.difference``). In a ``recorded`` observation a log line that names no request may
    stand anywhere.
    """
    left = list(seen)
    found: list[Difference] = []
    matched: list[Pair] = []
    missing: list[tuple[Effect, Content]] = []
    for effect in expected:
        content = values.content(effect)
        same = next((each for each in left if _is_it(effect, content, each)), None)
        if same is None:
            missing.append((effect, content))
        else:
            left.remove(same)
            matched.append((effect, same))
    # A second pass, so that an effect that differs is not paired with one that another matches.
    for effect, content in missing:
        nearest = _nearest(effect.channel, content, left)
        if nearest is None:
            found.append(Difference(f"effects.{effect.channel}", content, None, effect.rule))
        else:
            left.remove(nearest)
            found += _in_content(effect, content, nearest)
            found += [] if recorded else _surplus(effect, nearest)
    if not recorded:
        for effect, each in matched:
            found += _surplus(effect, each)
    found += [Difference(f"effects.{each.channel}", None, each.line) for each in left]
    # Order says nothing while effects are missing or differ.
    return found or _order_differences(matched, recorded=recorded)


def is_unnamed_line(effect: Effect) -> bool:
    """Return whether the effect is a log line whose text names nothing of its request.

    Such a line has the same text for every request, so it cannot be attributed to one.
    """
    # A text without "$" has no names to fill in, such as $token or $id.
    text = effect.content.get("text")
    return effect.channel is Channel.LOG and isinstance(text, str) and "$" not in text


def _is_it(effect: Effect, content: Content, seen: SeenEffect) -> bool:
    if effect.channel is not seen.channel:
        return False
    return not any(CHANNELS[effect.channel].differences(content, seen.content))


def _in_content(effect: Effect, content: Content, seen: SeenEffect) -> Iterator[Difference]:
    for each in CHANNELS[effect.channel].differences(content, seen.content):
        path = f"effects.{effect.channel}.{each.path}"
        yield Difference(path, each.expected, each.observed, effect.rule)


def _surplus(effect: Effect, seen: SeenEffect) -> Iterator[Difference]:
    for each in CHANNELS[effect.channel].surplus(effect.content, seen.content):
        yield each.below(f"effects.{effect.channel}")


def _nearest(channel: Channel, content: Content, left: Sequence[SeenEffect]) -> SeenEffect | None:
    """Return the effect of the channel with the fewest differences; None without any."""
    rules = CHANNELS[channel]
    same = [each for each in left if each.channel is channel]
    return min(
        same, key=lambda each: len([*rules.differences(content, each.content)]), default=None
    )


def _order_differences(matched: Sequence[Pair], *, recorded: bool) -> list[Difference]:
    # Only effects of one lane keep the order of their actions: a message may arrive after a mail
    # that was sent later.
    lanes: dict[tuple[str, str], list[SeenEffect]] = {}
    for effect, seen in matched:
        # Lines without a name are shared out among requests, so a record has no order for them.
        if recorded and is_unnamed_line(effect):
            continue
        rules = CHANNELS[effect.channel]
        lanes.setdefault((rules.lane, seen.source if rules.by_source else ""), []).append(seen)
    for lane in lanes.values():
        came = sorted(lane, key=lambda each: each.seq)
        if came != lane:
            return [Difference("effects.order", _lines(lane), _lines(came))]
    return []


def _lines(lane: Sequence[SeenEffect]) -> tuple[str, ...]:
    return tuple(each.line for each in lane)
