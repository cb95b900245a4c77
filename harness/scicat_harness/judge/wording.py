"""Differences as sentences, for stories and reports.

One function for each kind of path (``model.difference``); it gets the path below that kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scicat_harness.judge.channels.channel import apart, short
from scicat_harness.model.difference import Difference, OneOf

__all__ = ["RUNNING", "in_words", "sentences", "start_end"]

RUNNING = -1000
"""The exit code of a start that neither became healthy nor ended; no process has it."""


def in_words(difference: Difference) -> str:
    """Return a difference as a sentence with both values.

    The rule is added where it is not the deciding one, as in ``no email with subject 'x' (by
    actions.perform.email.sends)``.
    """
    first, _, rest = difference.path.partition(".")
    # A whole path first: "deviation.fixed" and "deviation.unknown" have words of their own.
    wording = _WORDINGS.get(difference.path) or _WORDINGS.get(first, _other)
    by = f" (by {difference.rule})" if difference.rule else ""
    return f"{wording(rest, difference)}{by}"


def _value(value: Any) -> str:
    if isinstance(value, OneOf):
        return " or ".join(short(each) for each in value.values)
    return short(value)


def _instead(name: str, difference: Difference) -> str:
    observed, expected = _both(difference)
    return f"{name} is {observed} instead of {expected}"


def _both(difference: Difference) -> tuple[str, str]:
    """Return the observed and the expected value in words."""
    if isinstance(difference.expected, OneOf):
        return _value(difference.observed), _value(difference.expected)
    return apart(difference.observed, difference.expected)


def _other(rest: str, difference: Difference) -> str:
    del rest
    return _instead(difference.path, difference)


def _status(rest: str, difference: Difference) -> str:
    del rest
    return f"status {difference.observed} instead of {difference.expected}"


def _message(rest: str, difference: Difference) -> str:
    del rest
    return f"message {difference.observed!r} is not of the class {difference.expected!r}"


def _decision(rest: str, difference: Difference) -> str:
    # Of recorded requests only: a record has the outcome class instead of the message.
    del rest
    return f"was {difference.observed} by its message, instead of {difference.expected}"


def _reply(rest: str, difference: Difference) -> str:
    if rest == "leak":
        return f"the reply gives away {difference.observed}"
    if rest.startswith("headers.") and difference.expected is None:
        return f"the reply has an unknown header {rest[8:]}: {difference.observed}"
    if rest == "rows":
        return _row(difference)
    if rest == "form":
        return _instead("the form of the error", difference)
    return _instead(rest or "the reply", difference)


def _row(difference: Difference) -> str:
    if difference.expected is None:
        return f"the list shows the job {difference.observed}, which was not asked for"
    return f"the list shows the job {difference.observed} times"


def _visible(rest: str, difference: Difference) -> str:
    del rest
    return f"the job is {'shown' if difference.observed else 'not shown'} in the list"


def _exists(rest: str, difference: Difference) -> str:
    del rest
    return "the job is still there" if difference.observed else "the job is gone"


def _stored(rest: str, difference: Difference) -> str:
    if rest == "id":
        return f"the stored job is {difference.observed}, the reply named {difference.expected}"
    # Without a field below "stored" the values are the number of jobs, or a job that must not be.
    if rest:
        return f"stored otherwise than specified: {_instead(rest, difference)}"
    if difference.expected is None:
        return f"refused, but it shows in the stored job {difference.observed}"
    return f"{difference.observed} stored jobs carry this request instead of one"


def _kept(rest: str, difference: Difference) -> str:
    if not rest:
        return f"the job {difference.expected} of the request is gone"
    return f"the request may change nothing, but now {_instead(rest, difference)}"


def _effects(rest: str, difference: Difference) -> str:
    # Without a key: nothing expected is an effect too many, nothing observed a missing one.
    channel, _, key = rest.partition(".")
    if rest == "order":
        return f"in the wrong order: {' before '.join(difference.observed)}"
    if not key and difference.expected is None:
        return f"unexpected {difference.observed}"
    if not key:
        return f"no {_named(channel, difference.expected)}"
    observed, expected = _both(difference)
    if key.startswith("json."):
        name = key.removeprefix("json.")
        return f"{channel}: message has {name} {observed}, stored is {expected}"
    if key == "leak":
        return f"{channel}: it gives away {difference.observed}"
    if key.startswith("headers.") and difference.expected is None:
        return f"{channel}: unexpected header {key.removeprefix('headers.')}: {observed}"
    if key.startswith("headers."):
        name = key.removeprefix("headers.")
        return f"{channel}: header {name} is {observed} instead of {expected}"
    name = "message" if key == "json" else key
    return f"{channel}: {name} {observed} instead of {expected}"


def _named(channel: str, content: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{key} {short(value)}" for key, value in content.items())
    return f"{channel} with {shown}" if shown else channel


def _pinned(rest: str, difference: Difference) -> str:
    if rest == "status":
        return f"status {difference.observed} instead of the pinned {difference.expected}"
    return f"{rest} is {_value(difference.observed)} instead of the pinned {difference.expected!r}"


def _oracle(rest: str, difference: Difference) -> str:
    said = f"the oracle says {rest} {_value(difference.observed)}"
    return f"{said}, pinned is {_value(difference.expected)}"


def _crash(rest: str, difference: Difference) -> str:
    del rest, difference
    return "the backend ended by an uncaught error while it answered"


def _laxer(rest: str, difference: Difference) -> str:
    del rest
    return f"allowed here, but not {difference.expected}, which answered {difference.observed}"


def _fixed(rest: str, difference: Difference) -> str:
    del rest
    text = "this is what the documentation promises: a known deviation no longer happens"
    # None: the rules expect a deviation for which the ledger has no entry.
    if difference.expected is None:
        return text
    return f"{text}; ledger entry {difference.expected} must be closed for this release"


def _unknown(rest: str, difference: Difference) -> str:
    del rest
    return (
        f"as this release is known to do, but the documentation promises {difference.expected}, "
        "and the ledger of known deviations has no entry for it"
    )


def start_end(exit_code: int) -> str:
    """Return how a start ended that did not become healthy; ``RUNNING`` is no exit code."""
    if exit_code == RUNNING:
        return "still running at the deadline, and not healthy"
    return f"ended with exit code {exit_code}"


def _start(rest: str, difference: Difference) -> str:
    if rest == "printed":
        return f"printed no message of the class {difference.expected!r}"
    if rest == "healthy":
        return "started" if difference.observed else start_end(difference.expected)
    if difference.observed == RUNNING:
        return start_end(RUNNING)
    return f"{start_end(difference.observed)} instead of {difference.expected}"


def _loader(rest: str, difference: Difference) -> str:
    return f"the loader alone: {_start(rest.removeprefix('start.'), difference)}"


_WORDINGS: Mapping[str, Callable[[str, Difference], str]] = {
    "status": _status,
    "message": _message,
    "decision": _decision,
    "reply": _reply,
    "visible": _visible,
    "exists": _exists,
    "stored": _stored,
    "kept": _kept,
    "effects": _effects,
    "pinned": _pinned,
    "oracle": _oracle,
    "deviation.fixed": _fixed,
    "deviation.unknown": _unknown,
    "crash": _crash,
    "laxer": _laxer,
    "start": _start,
    "loader": _loader,
}


def sentences(differences: Sequence[Difference]) -> list[str]:
    """Return one sentence for each difference."""
    return [in_words(each) for each in differences]
