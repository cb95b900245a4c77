"""Remains: what a request left, as a record keeps it, against what a prediction says.

What is predicted passes through the same names as what was seen did (judge.sighting).
Where that cannot be done the channel alone is compared. The content of a message that is to be
the stored job is not compared: that was held against the document then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scicat_harness.config.startup import DEFAULT_SENDER, REPLY_TO
from scicat_harness.judge.effects import Values, comparable_content, wanted
from scicat_harness.judge.received import SECRET_HEADERS
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.sighting import KEYS, OF_THE_CLIENT, STORED_JOB, Names, Sighting
from scicat_harness.model.effect import STORED, Channel, Effect
from scicat_harness.model.outcome import StoredJob
from scicat_harness.oracle.predict import Prediction

__all__ = ["Remains"]

Content = Mapping[str, Any]
_ID = "ffffffff-ffff-4fff-8fff-ffffffffffff"
_TIME = "2026-01-01T00:00:00.000Z"
_OWNERS = {
    "ownerUser": "owner_user",
    "ownerGroup": "owner_group",
    "contactEmail": "contact_email",
}


@dataclass(frozen=True, slots=True)
class Remains:
    """The stored jobs and the effects of one request; ``effects`` is None where none was seen."""

    creates: bool
    jobs: Sequence[Content]
    effects: Sequence[Content] | None
    names: Names

    @classmethod
    def of(cls, record: CheckRecord, sighting: Sighting, run: str) -> Remains | None:
        """What a record tells of its last request; None where it was not looked at."""
        if sighting.effects is None:
            return None
        jobs = [each for each in sighting.effects if each["channel"] == STORED_JOB]
        others = [each for each in sighting.effects if each["channel"] != STORED_JOB]
        names = Names(run, record.correlation, _ID)
        creates = sighting.operation == "create"
        return cls(creates, jobs, others if sighting.watched else None, names)

    def problems(self, prediction: Prediction) -> list[str]:
        """Differences as sentences."""
        return [*self._job_problems(prediction), *self._effect_problems(prediction.effects)]

    def _job_problems(self, prediction: Prediction) -> Iterator[str]:
        stored = prediction.job is not None if self.creates else prediction.written
        if len(self.jobs) != stored:
            yield f"{len(self.jobs)} stored jobs carry this request instead of {int(stored)}"
        elif self.creates and prediction.job is not None:
            yield from self._owner_problems(prediction.job, self.jobs[0])

    def _owner_problems(self, job: StoredJob, found: Content) -> Iterator[str]:
        wanted_of = {key: getattr(job, name) for key, name in _OWNERS.items()}
        for key, values in {**wanted_of, "createdBy": frozenset({job.created_by})}.items():
            shown = [self.names.normal(each) for each in values]
            if found.get(key) not in shown:
                expected = " or ".join(sorted(map(repr, shown)))
                yield f"stored with {key} {found.get(key)!r} instead of {expected}"

    def _effect_problems(self, expected: Sequence[Effect]) -> list[str]:
        if self.effects is None:
            return []
        left = list(enumerate(self.effects))
        matched: list[tuple[Effect, int]] = []
        problems = []
        for effect in expected:
            content = self._content(effect)
            same = [each for each in left if each[1]["channel"] == effect.channel]
            found = next((each for each in same if not _differing(content, each[1])), None)
            if found is not None:
                left.remove(found)
                matched.append((effect, found[0]))
            elif same:
                left.remove(same[0])
                keys = ", ".join(_differing(content, same[0][1]))
                problems.append(f"{effect.channel} differs in {keys} (by {effect.rule})")
            else:
                problems.append(f"no {effect.channel} (by {effect.rule})")
        problems += [f"unexpected {each['channel']}" for _, each in left]
        return problems or self._order_problems(matched)

    def _content(self, effect: Effect) -> Content:
        """What an effect must look like in a record; empty where nobody can say."""
        kept = {
            key: value
            for key, value in effect.content.items()
            if key in KEYS[effect.channel] and value is not STORED
        }
        try:
            filled = wanted(Effect(effect.channel, kept), self._values())
        except KeyError:
            return {}
        found = {key: comparable_content(effect.channel, key, each) for key, each in filled.items()}
        if "headers" in found and effect.channel is Channel.URL:
            found["headers"] = dict(_headers(found["headers"]))
        normal: dict[str, Any] = self.names.normal(found)
        return normal

    def _values(self) -> Values:
        names = self.names
        contact = self.jobs[0].get("contactEmail") if self.jobs else ""
        return Values(
            _Named(
                {
                    "run": names.run,
                    "token": names.token,
                    "other": names.token if self.creates else f"{names.run}-main-9999999",
                    "id": _ID,
                    "created_at": _TIME,
                    "updated_at": _TIME,
                    "contact": str(contact),
                    "default_from": DEFAULT_SENDER,
                    "default_reply_to": REPLY_TO,
                }
            )
        )

    def _order_problems(self, matched: Sequence[tuple[Effect, int]]) -> list[str]:
        """Effects of one lane stand in the order in which they were seen.

        A line of the log that names no request may stand anywhere.
        """
        lanes: dict[object, list[int]] = {}
        for effect, place in matched:
            text = effect.content.get("text")
            if effect.channel is Channel.LOG and isinstance(text, str) and "$" not in text:
                continue
            lanes.setdefault(self._lane(effect, place), []).append(place)
        wrong = [places for places in lanes.values() if places != sorted(places)]
        return ["effects in the wrong order"] if wrong else []

    def _lane(self, effect: Effect, place: int) -> object:
        assert self.effects is not None
        if effect.channel is Channel.AMQP:
            return effect.channel, self.effects[place].get("source")
        return "log" if effect.channel is Channel.LOG else "awaited"


class _Named(dict[str, str]):
    """Names of texts; those of datasets are made when asked for."""

    def __missing__(self, name: str) -> str:
        if not name.startswith("pid_"):
            raise KeyError(name)
        return f"{self['run']}/{name.removeprefix('pid_').replace('_', '-')}"


def _headers(headers: Content) -> Iterator[tuple[str, Any]]:
    for name, value in headers.items():
        lower = name.lower()
        if lower not in OF_THE_CLIENT:
            yield lower, "***" if lower in SECRET_HEADERS else value


def _differing(content: Content, found: Content) -> list[str]:
    """The keys in which something seen is not what is wanted."""
    keys = []
    for key, value in content.items():
        if key == "body" and key not in found and "json" in found:
            continue  # one of both is kept
        if key == "headers":
            shown = found.get(key) or {}
            keys += [f"header {name}" for name in value if shown.get(name) != value[name]]
        elif (found.get(key) or None) != (value or None):
            keys.append(key)
    return keys
