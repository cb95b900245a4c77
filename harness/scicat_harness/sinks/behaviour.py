"""How a sink answers when it does not answer as usual: faults as data.

URL sinks understand Answer, Redirect, Reset and HalfClose; mail sinks RefuseRecipient,
RefuseAllRecipients, RefuseMail, RefuseData and Drop; both understand Late.
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
STAGES = ("connect", "helo", "mail", "rcpt", "data")


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A status with a body."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check(200 <= self.status <= 599, f"status {self.status} is not within 200 and 599")


@dataclass(frozen=True, slots=True)
class Redirect:
    """To an address, or ``hops`` times to ourselves, or to ourselves for ever."""

    to: str | None = None
    hops: int = 1
    loop: bool = False
    status: int = 302

    def __post_init__(self) -> None:
        _check(300 <= self.status <= 399, f"status {self.status} does not redirect")
        _check(self.hops >= 1, f"{self.hops} hops: at least 1 is needed")


@dataclass(frozen=True, slots=True)
class Late:
    """Wait, then go on as ``then`` says, or as usual."""

    seconds: float
    then: Behaviour | None = None

    def __post_init__(self) -> None:
        _check(
            0 <= self.seconds <= LONGEST_DELAY,
            f"a delay of {self.seconds} s is not within 0 and {LONGEST_DELAY:g} s",
        )


@dataclass(frozen=True, slots=True)
class Reset:
    """Read the request, then reset the connection."""


@dataclass(frozen=True, slots=True)
class HalfClose:
    """Headers and the first half of the body, then the end of the connection."""

    body: str = '{"received":true}'

    def __post_init__(self) -> None:
        _check(len(self.body) > 1, "a body of which half can be sent has two characters or more")


@dataclass(frozen=True, slots=True)
class RefuseRecipient:
    """Refuse each recipient whose address matches."""

    code: int = 550

    def __post_init__(self) -> None:
        _check_refusal(self.code)


@dataclass(frozen=True, slots=True)
class RefuseAllRecipients:
    """Refuse every recipient from the first on that matches, or all when the sender matches."""

    code: int = 550

    def __post_init__(self) -> None:
        _check_refusal(self.code)


@dataclass(frozen=True, slots=True)
class RefuseMail:
    """Refuse the sender."""

    code: int = 550

    def __post_init__(self) -> None:
        _check_refusal(self.code)


@dataclass(frozen=True, slots=True)
class RefuseData:
    """Take the message, then refuse it."""

    code: int = 554

    def __post_init__(self) -> None:
        _check_refusal(self.code)


@dataclass(frozen=True, slots=True)
class Drop:
    """End the connection without a word at a stage: connect, helo, mail, rcpt or data."""

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
    """The channels that understand it."""
    if isinstance(behaviour, Late):
        return (EMAIL, URL) if behaviour.then is None else channels_of(behaviour.then)
    return (URL,) if isinstance(behaviour, _OF_URL) else (EMAIL,)


def described(behaviour: Behaviour) -> dict[str, Any]:
    """As plain data; ``kind`` is the name of the class."""
    data = {"kind": type(behaviour).__name__, **asdict(behaviour)}
    if isinstance(behaviour, Late):
        data["then"] = described(behaviour.then) if behaviour.then is not None else None
    return data


def understood(data: Mapping[str, Any]) -> Behaviour:
    """From plain data; a UsageFault says what is wrong with it."""
    fields = dict(data)
    name = fields.pop("kind", None)
    kind = _KINDS.get(str(name))
    if kind is None:
        raise UsageFault(f"no behaviour is called {name!r}; there are {', '.join(sorted(_KINDS))}")
    if kind is Late and fields.get("then") is not None:
        fields["then"] = understood(fields["then"])
    try:
        return kind(**fields)
    except TypeError as error:
        raise UsageFault(f"behaviour {name}: {error}") from None


def _check_refusal(code: int) -> None:
    _check(400 <= code <= 599, f"code {code} does not refuse: it is not within 400 and 599")


def _check(holds: bool, problem: str) -> None:
    if not holds:
        raise UsageFault(problem)
