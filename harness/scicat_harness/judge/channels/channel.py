"""The rules of a channel: how its effects are recognised, compared, ordered and described."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, ClassVar

from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["ChannelRules", "Content", "apart", "block", "one_line", "short"]

Content = Mapping[str, Any]
# Limits of texts in stories: a value in a sentence, a line, and a block of lines.
_LONGEST = 300
_SAME = 40
"""Characters that are shown before a difference."""
_LONGEST_LINE = 1000
_MOST_LINES = 12
# Values that a record leaves out; an empty text or list is kept.
_EMPTY: tuple[object, ...] = (None, {})


class ChannelRules:
    """The rules of one kind of effect; a channel overrides what is special about it.

    ``keys`` are those that a record keeps; with none given it keeps all. Effects of one ``lane``
    keep the order in which their actions run; ``by_source`` says that each queue or probe has a
    lane of its own.
    """

    channel: ClassVar[Channel]
    lane: ClassVar[str]
    by_source: ClassVar[bool] = False
    keys: ClassVar[tuple[str, ...]] = ()

    def is_effect(self, arrival: Arrival) -> bool:
        """Return whether an arrival is an effect; a failed attempt is none."""
        del arrival
        return True

    def content(self, arrival: Arrival) -> dict[str, Any]:
        """Return the content of an arrival with the keys of expected effects (``model.effect``)."""
        return dict(arrival.content)

    def wanted(self, content: Content) -> Content:
        """Return an expected content in the form that ``content`` returns."""
        return content

    def differences(self, wanted: Content, found: Content) -> Iterator[Difference]:
        """Yield the differences of a content, with paths below ``effects.CHANNEL``.

        Keys that are not wanted are not compared.
        """
        for key, value in self.wanted(wanted).items():
            yield from self.key_differences(key, value, found.get(key), found)

    def key_differences(
        self, key: str, wanted: Any, found: Any, content: Content
    ) -> Iterator[Difference]:
        """Yield the differences in the value of one key; ``content`` is the whole effect."""
        del content
        if found != wanted:
            yield Difference(key, wanted, found)

    def surplus(self, wanted: Content, found: Content) -> Iterator[Difference]:
        """Yield what an effect has that neither its action nor the client of the release adds.

        ``wanted`` is the expected content as the oracle has it, ``found`` the whole effect. Paths
        are as in ``differences``.
        """
        del wanted, found
        yield from ()

    def recorded(self, content: Content) -> dict[str, Any]:
        """Return the part of a content that the record of a run keeps."""
        keys = self.keys or tuple(key for key in content if key != "channel")
        return {key: content[key] for key in keys if content.get(key) not in _EMPTY}

    def line(self, arrival: Arrival) -> str:
        """Return an arrival as one line of text."""
        raise NotImplementedError

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """Yield an arrival as a heading and lines of ``name: value``."""
        raise NotImplementedError


def short(value: object) -> str:
    """Return the value as Python writes it, cut to 300 characters."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def apart(observed: object, expected: object) -> tuple[str, str]:
    """Return two values as ``short`` does; long texts from the line or place where they differ.

    Example: ``("line 7: '<td>2</td>'", "line 7: '<td>3</td>'")``.
    """
    if not isinstance(observed, str) or not isinstance(expected, str):
        return short(observed), short(expected)
    if max(len(observed), len(expected)) <= _LONGEST:
        return short(observed), short(expected)
    pairs = list(zip_longest(observed.split("\n"), expected.split("\n"), fillvalue=""))
    number = next((n for n, (one, other) in enumerate(pairs) if one != other), 0)
    one, other = pairs[number]
    same = enumerate(zip(one, other, strict=False))
    place = next((at for at, (a, b) in same if a != b), min(len(one), len(other)))
    # A little of what is the same shows where one is.
    start = max(place - _SAME, 0) if max(len(one), len(other)) > _LONGEST else 0
    where = f"line {number + 1}: {'...' if start else ''}"
    return f"{where}{short(one[start:])}", f"{where}{short(other[start:])}"


def one_line(value: object) -> str:
    """Return the value as one line of text, cut to 1000 characters; the rest is counted.

    The items of a list are joined by commas.
    """
    values = value if isinstance(value, list | tuple) else [value]
    text = ", ".join(str(each) for each in values)
    more = len(text) - _LONGEST_LINE
    return text if more <= 0 else f"{text[:_LONGEST_LINE]}... ({more} more characters)"


def block(name: str, value: object) -> Iterator[str]:
    """Yield a text as ``name: text``, or below its name if it has several lines.

    At most twelve lines are shown and the rest is counted; an empty text yields nothing.
    """
    # Mails have the line breaks of SMTP.
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
