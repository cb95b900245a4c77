"""Pins: outcomes written by hand that both the backend and the oracle must match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scicat_harness.judge.stored import field_differences
from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Effect
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.observation import Observation
from scicat_harness.model.release import REWRITTEN_CREATE, ByRelease, Release, ReleaseRange
from scicat_harness.model.text import Text

__all__ = ["Pinned", "pin_differences", "since_v5_2"]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A hand-written outcome of a request.

    A status that changed is given by release. Owner fields are compared if a job was created; None
    means that the field is absent.

    Pinned(201, owner_user="user1", effects=("email", "amqp"))
    """

    status: int | ByRelease[int]
    owner_user: str | None = None
    owner_group: str | None = None
    contact_email: str | None = None
    effects: tuple[str | Mapping[str, Any], ...] | None = None
    """The effects in order, as their channels, or as channels with texts; None: not pinned."""
    written: bool | None = None
    """True if a job is stored or changed; None does not pin it."""
    releases: ReleaseRange = ReleaseRange()
    """The releases that it was written for; others are judged by the oracle alone."""

    def status_in(self, release: Release) -> int:
        """Return the status that is pinned for a release."""
        return self.status.at(release) if isinstance(self.status, ByRelease) else self.status


def since_v5_2(status: int, *, before: int) -> ByRelease[int]:
    """Return a status that the rewrite of create authorization changed (v5.2.0)."""
    return ByRelease(before, ((REWRITTEN_CREATE, status),))


def pin_differences(
    pinned: Pinned, release: Release, expectation: Expectation, observation: Observation
) -> list[Difference]:
    """Return the differences of reply and oracle from a pin.

    Paths are ``pinned.FIELD`` for the reply and ``oracle.FIELD`` for the oracle. Effects and
    storing are pinned for the oracle alone: those observed are compared with it in settling.
    """
    status = pinned.status_in(release)
    found = []
    if observation.status != status:
        found.append(Difference("pinned.status", status, observation.status))
    # The oracle must share the pin even where the reply is right.
    if expectation.status != status:
        found.append(Difference("oracle.status", status, expectation.status))
    created = expectation.stored is not None and expectation.stored.owners is not None
    if created and 200 <= observation.status < 300:
        found += _owners(pinned, observation)
    if pinned.effects is not None:
        found += _effects(pinned.effects, expectation.effects)
    if pinned.written is not None and expectation.written is not pinned.written:
        found.append(Difference("oracle.written", pinned.written, expectation.written))
    return found


def _effects(
    pinned: Sequence[str | Mapping[str, Any]], expected: Sequence[Effect]
) -> Iterator[Difference]:
    """In which effects the oracle expects something else than what is pinned."""
    wanted = tuple(each if isinstance(each, str) else next(iter(each)) for each in pinned)
    channels = tuple(str(each.channel) for each in expected)
    if channels != wanted:
        yield Difference("oracle.effects", wanted, channels)
        return
    for number, (each, effect) in enumerate(zip(pinned, expected, strict=True)):
        if isinstance(each, Mapping):
            for key, value in _texts(each[str(effect.channel)]):
                found = _meaning(effect.content, key)
                if found != value:
                    yield Difference(f"oracle.effects.{number}.{key}", value, found)


def _texts(literal: Any) -> Iterator[tuple[str, Any]]:
    """The texts of a pinned effect by dotted key; a text alone is that of a log line."""
    if not isinstance(literal, Mapping):
        yield "text", literal
        return
    for key, value in literal.items():
        if key == "headers":
            yield from ((f"headers.{name}", _observed(each)) for name, each in value.items())
        else:
            yield key, _observed(value)


def _observed(value: Any) -> Any:
    return value["observed"] if isinstance(value, Mapping) and "observed" in value else value


def _meaning(content: Mapping[str, Any], key: str) -> Any:
    found: Any = content
    for part in key.split(".", 1):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found.means if isinstance(found, Text) else found


def _owners(pinned: Pinned, observation: Observation) -> Iterator[Difference]:
    document = observation.document if isinstance(observation.document, dict) else {}
    wanted = {
        "ownerUser": pinned.owner_user,
        "ownerGroup": pinned.owner_group,
        "contactEmail": pinned.contact_email,
    }
    if "statusCode" not in document:  # a v3 document shows no owners (specification: v3.read)
        wanted = {"emailJobInitiator": pinned.contact_email}
        # Before v4.26.0 empty values are shown, since then they are left out.
        document = {key: value or None for key, value in document.items()}
    yield from (each.below("pinned") for each in field_differences(wanted, document))
