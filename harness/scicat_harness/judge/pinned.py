"""Pins: outcomes written by hand that both the backend and the oracle must match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scicat_harness.judge.stored import field_differences
from scicat_harness.model.difference import Difference
from scicat_harness.model.expectation import Expectation
from scicat_harness.model.observation import Observation
from scicat_harness.model.release import REWRITTEN_CREATE, Release, ReleaseRange

__all__ = ["Pinned", "pin_differences"]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A hand-written outcome of a request.

    ``before`` is the status before v5.2.0 where it was another one. Owner fields are compared if a
    job was created; None means that the field is absent.

    Pinned(201, owner_user="user1", effects=("email", "amqp"))
    """

    status: int
    before: int | None = None
    owner_user: str | None = None
    owner_group: str | None = None
    contact_email: str | None = None
    effects: tuple[str, ...] | None = None
    """The channels of the effects, in order; None does not pin them."""
    written: bool | None = None
    """True if a job is stored or changed; None does not pin it."""
    releases: ReleaseRange = ReleaseRange()
    """The releases that it was written for; others are judged by the oracle alone."""

    def status_in(self, release: Release) -> int:
        """Return the status that is pinned for a release."""
        changed = self.before is not None and release < REWRITTEN_CREATE
        return self.before if changed and self.before is not None else self.status


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
    channels = tuple(str(each.channel) for each in expectation.effects)
    if pinned.effects is not None and channels != pinned.effects:
        found.append(Difference("oracle.effects", pinned.effects, channels))
    if pinned.written is not None and expectation.written is not pinned.written:
        found.append(Difference("oracle.written", pinned.written, expectation.written))
    return found


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
