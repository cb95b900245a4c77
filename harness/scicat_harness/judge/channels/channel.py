"""What all channels have in common: how an effect is recognised, compared, ordered, described."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["ChannelRules", "Content", "block", "one_line", "short"]

Content = Mapping[str, Any]
_LONGEST = 300
_LONGEST_LINE = 1000
_MOST_LINES = 12
_EMPTY: tuple[object, ...] = (None, {})


class ChannelRules:
    """One kind of effect; a channel overrides what is special about it.

    ``keys`` are kept in the record of a run, all of them where there is none. Effects of one
    ``lane`` keep the order in which their actions run; ``by_source`` says that each queue or probe
    has a lane of its own.
    """

    channel: ClassVar[Channel]
    lane: ClassVar[str]
    by_source: ClassVar[bool] = False
    keys: ClassVar[tuple[str, ...]] = ()

    def is_effect(self, arrival: Arrival) -> bool:
        """Whether an arrival counts; an attempt that came to nothing does not."""
        del arrival
        return True

    def content(self, arrival: Arrival) -> dict[str, Any]:
        """An arrival in the words in which effects are expected (``model.effect``)."""
        return dict(arrival.content)

    def wanted(self, content: Content) -> Content:
        """An expected content in the form that ``content`` gives."""
        return content

    def differences(self, wanted: Content, found: Content) -> Iterator[Difference]:
        """In what a content is not as wanted, with paths below ``effects.CHANNEL``.

        Keys that are not wanted are not compared.
        """
        for key, value in self.wanted(wanted).items():
            yield from self.key_differences(key, value, found.get(key), found)

    def key_differences(
        self, key: str, wanted: Any, found: Any, content: Content
    ) -> Iterator[Difference]:
        """In what one key is not as wanted."""
        del content
        if found != wanted:
            yield Difference(key, wanted, found)

    def recorded(self, content: Content) -> dict[str, Any]:
        """What the record of a run keeps of a content."""
        keys = self.keys or tuple(key for key in content if key != "channel")
        return {key: content[key] for key in keys if content.get(key) not in _EMPTY}

    def line(self, arrival: Arrival) -> str:
        """An arrival in one line."""
        raise NotImplementedError

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """An arrival in lines of ``name: value``; the first says what it is."""
        raise NotImplementedError


def short(value: object) -> str:
    """The value as Python writes it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def one_line(value: object) -> str:
    """The value as text in one line; what is cut off is counted."""
    values = value if isinstance(value, list | tuple) else [value]
    text = ", ".join(str(each) for each in values)
    more = len(text) - _LONGEST_LINE
    return text if more <= 0 else f"{text[:_LONGEST_LINE]}... ({more} more characters)"


def block(name: str, value: object) -> Iterator[str]:
    """A text that may have several lines, below its name if so."""
    text = "" if value is None else str(value).replace("\r\n", "\n").rstrip("\n")
    if not text:
        return
    lines = text.splitlines() or [""]
    if len(lines) == 1:
        yield f"  {name}: {one_line(text)}"
        return
    yield f"  {name}:"
    yield from (f"    {one_line(each)}" for each in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"    ({len(lines) - _MOST_LINES} more lines)"
