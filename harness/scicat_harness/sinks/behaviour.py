"""Behaviours: replies of a sink that differ from the usual one, and faults, as data.

URL sinks have HttpAnswer, Redirect, Reset and HalfClose; mail sinks have RefuseRecipient,
RefuseAllRecipients, RefuseMail, RefuseData and Drop; both have Late. The constructors raise
UsageFault for values outside their limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from scicat_harness.errors import UsageFault
from scicat_harness.sinks.arrival import EMAIL, URL

__all__ = [
    "Behaviour",
    "Drop",
    "HalfClose",
    "HttpAnswer",
    "Late",
    "Redirect",
    "RefuseAllRecipients",
    "RefuseData",
    "RefuseMail",
    "RefuseRecipient",
    "Reset",
    "channels_of",
    "described",
    "understood",
]

LONGEST_DELAY = 60.0
"""The longest delay of a reply, in seconds."""
STAGES = ("connect", "helo", "mail", "rcpt", "data")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Reply with a status (200 to 599), headers and a body."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(200 <= self.status <= 599, f"status {self.status} is not within 200 and 599")


@dataclass(frozen=True, slots=True)
class Redirect:
    """Redirect to the address ``to``, or ``hops`` times to this sink, or to this sink for ever.

    For example, ``Redirect(hops=3)`` leads to the usual reply after three redirects. With ``away``
    the path ``to`` is one of another port of the same host, which is another origin.
    """

    to: str | None = None
    hops: int = 1
    loop: bool = False
    status: int = 302
    away: bool = False

    def __post_init__(self) -> None:
        _check(300 <= self.status <= 399, f"status {self.status} does not redirect")
        _check(self.hops >= 1, f"{self.hops} hops: at least 1 is needed")


@dataclass(frozen=True, slots=True)
class Late:
    """Wait for ``seconds``, 60 at most, and then reply as ``then`` says, or as usual."""

    seconds: float
    then: Behaviour | None = None

    def __post_init__(self) -> None:
        _check(
            0 <= self.seconds <= LONGEST_DELAY,
            f"a delay of {self.seconds} s is not within 0 and {LONGEST_DELAY:g} s",
        )


@dataclass(frozen=True, slots=True)
class Reset:
    """Read the whole request, then reset the connection."""


@dataclass(frozen=True, slots=True)
class HalfClose:
    """Send the headers and the first half of the body, then close the connection."""

    body: str = '{"received":true}'

    def __post_init__(self) -> None:
        _check(len(self.body) > 1, "a body of which half can be sent has two characters or more")


@dataclass(frozen=True, slots=True)
class RefuseRecipient:
    """Refuse each recipient whose own address matches."""

    code: int = 550

    def __post_init__(self) -> None:
        _check_refusal(self.code)


@dataclass(frozen=True, slots=True)
class RefuseAllRecipients:
    """Refuse the first recipient that matches and all after it, or all if the sender matches."""

    code: int = 550

    def __post_init__(self) -> None:
        _check_refusal(self.code)


@dataclass(frozen=True, slots=True)
class RefuseMail:
    """Refuse the sender, in reply to ``MAIL FROM``."""

    code: int = 550

    def __post_init__(self) -> None:
        _check_refusal(self.code)


@dataclass(frozen=True, slots=True)
class RefuseData:
    """Receive the whole message, then refuse it."""

    code: int = 554

    def __post_init__(self) -> None:
        _check_refusal(self.code)


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection without a reply at a stage: connect, helo, mail, rcpt or data."""

    stage: str

    def __post_init__(self) -> None:
        _check(self.stage in STAGES, f"stage {self.stage!r} is none of {', '.join(STAGES)}")


Behaviour = (
    HttpAnswer
    | Redirect
    | Late
    | Reset
    | HalfClose
    | RefuseRecipient
    | RefuseAllRecipients
    | RefuseMail
    | RefuseData
    | Drop
)
_OF_URL = (HttpAnswer, Redirect, Reset, HalfClose)
_OF_EMAIL = (RefuseRecipient, RefuseAllRecipients, RefuseMail, RefuseData, Drop)
_KINDS: dict[str, type[Behaviour]] = {kind.__name__: kind for kind in (*_OF_URL, *_OF_EMAIL, Late)}


def channels_of(behaviour: Behaviour) -> tuple[str, ...]:
    """Return the channels, ``email`` or ``url``, whose sinks have this behaviour."""
    if isinstance(behaviour, Late):
        return (EMAIL, URL) if behaviour.then is None else channels_of(behaviour.then)
    return (URL,) if isinstance(behaviour, _OF_URL) else (EMAIL,)


def described(behaviour: Behaviour) -> dict[str, Any]:
    """Return a behaviour as plain data; ``kind`` is the name of its class::

    >>> described(Late(0.25))
    {'kind': 'Late', 'seconds': 0.25, 'then': None}
    """
    data = {"kind": type(behaviour).__name__, **asdict(behaviour)}
    # asdict loses the class of a nested behaviour.
    if isinstance(behaviour, Late):
        data["then"] = described(behaviour.then) if behaviour.then is not None else None
    return data


def understood(data: Mapping[str, Any]) -> Behaviour:
    """Return the behaviour that ``described`` made the data of.

    Raises UsageFault for an unknown kind or field, and for values outside their limits.
    """
    fields = dict(data)
    name = fields.pop("kind", None)
    kind = _KINDS.get(str(name))
    if kind is None:
        raise UsageFault(
            f"no behaviour is called {name!r}; give one of {', '.join(sorted(_KINDS))}"
        )
    if kind is Late and fields.get("then") is not None:
        fields["then"] = understood(fields["then"])
    try:
        return kind(**fields)
    except TypeError as error:
        # A field that is unknown or missing; the constructor itself refuses values.
        raise UsageFault(f"behaviour {name}: {error}") from None


def _check_refusal(code: int) -> None:
    _check(400 <= code <= 599, f"code {code} does not refuse: it is not within 400 and 599")


def _check(holds: bool, problem: str) -> None:
    if not holds:
        raise UsageFault(problem)
