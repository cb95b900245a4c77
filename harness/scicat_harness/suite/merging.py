"""Merging: the runs of all shards of one run, as the events of that run.

What only a whole run can say is said here: which rules nothing exercised, which known deviations
are gone, and which accepted differences do not happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.reports import gone_entries
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.outcome import Verdict
from scicat_harness.model.release import Release
from scicat_harness.plugin.narrowing import SHARD
from scicat_harness.plugin.shard import Shard
from scicat_harness.report.stored.run import RunReport

__all__ = ["merged_events"]

Event = tuple[str, Mapping[str, Any]]

_SAME = {
    "harness": "another version of the harness",
    "deployment": "another deployment",
    "backend_version": "another release",
    "image": "another image",
    "digest": "another image",
    "profile": "another profile",
    "expect": "another --expect",
    "configuration": "other job types",
    "defect": "another defect",
    "rules": "other rules",
    "about": "other abilities of the deployment",
}
"""What all shards of a run have in common, and what a shard has that lacks it."""


def merged_events(runs: Sequence[RunReport], name: str) -> Iterator[Event]:
    """Return the events of the run that these shards are parts of.

    ``name`` is that of the merged run. A shard that was killed, or that lacks checks that it
    collected, makes the run an interrupted one.
    Raises UsageFault unless they are all shards of one run, each once, before the first event.
    """
    shards = _in_order(runs)
    first = shards[0]
    for each in shards[1:]:
        _must_be_of_one_run(first, each)
    _must_be_disjoint(shards)
    return _events(shards, name)


def _in_order(runs: Sequence[RunReport]) -> list[RunReport]:
    """Return the runs by the number of their shard; raise UsageFault if they are not all of it."""
    found: dict[int, RunReport] = {}
    total = _shard_of(runs[0]).total
    for run in runs:
        shard = _shard_of(run)
        if shard.total != total:
            raise UsageFault(
                f"--merge {run.folder}: is shard {shard}, and {runs[0].folder} is one of {total}; "
                "give the shards of one run"
            )
        if shard.number in found:
            raise UsageFault(
                f"--merge {run.folder}: is shard {shard}, as {found[shard.number].folder}; give "
                "each shard once"
            )
        found[shard.number] = run
    missing = [f"{number}/{total}" for number in range(1, total + 1) if number not in found]
    if missing:
        raise UsageFault(
            f"--merge: shard {', '.join(missing)} is missing; give all {total} of them"
        )
    return [found[number] for number in sorted(found)]


def _shard_of(run: RunReport) -> Shard:
    given = run.started["shard"]
    if given is None:
        raise UsageFault(
            f"--merge {run.folder}: is no shard of a run; give report folders of 'run --shard I/N'"
        )
    try:
        return Shard.parse(given)
    except UsageFault:
        run.refuse("shard", "is no shard such as 2/3")


def _must_be_of_one_run(first: RunReport, other: RunReport) -> None:
    """Raise UsageFault if two shards judged different backends, or are parts of other checks."""
    for key, what in _SAME.items():
        if first.started[key] != other.started[key]:
            raise _apart(first, other, what)
    if _narrowed(first) != _narrowed(other):
        raise _apart(first, other, "other options that narrow it")
    both = [_collection(each) for each in (first, other)]
    # A killed shard has no last event, and so no fingerprint; the merged run is unknown anyway.
    if all(both) and both[0] != both[1]:
        raise _apart(first, other, "other checks to choose from")


def _apart(first: RunReport, other: RunReport, what: str) -> UsageFault:
    return UsageFault(
        f"--merge {other.folder}: has {what} than {first.folder}; give the shards of one run"
    )


def _must_be_disjoint(shards: Sequence[RunReport]) -> None:
    owners: dict[str, RunReport] = {}
    for run in shards:
        for case in run.records:
            if case.startswith("scenarios/") and owners.setdefault(case, run) is not run:
                raise _apart(owners[case], run, f"the check {case}, too, and so other checks")


def _narrowed(run: RunReport) -> list[str]:
    """Return what narrows a run beside that it is a shard."""
    return [each for each in run.started["narrowed"] or () if not each.startswith(f"{SHARD} ")]


def _ended(run: RunReport) -> Mapping[str, Any] | None:
    return run.events[-1].data if run.finished else None


def _is_cut_short(run: RunReport) -> bool:
    """Return whether a shard was killed or interrupted, or lacks checks that it collected."""
    ended = _ended(run)
    made = sum(case.startswith("scenarios/") for case in run.records)
    return ended is None or ended["interrupted"] or made < (ended["collected"] or 0)


def _collection(run: RunReport) -> str:
    ended = _ended(run)
    return ended["collection"] if ended is not None else ""


def _events(shards: Sequence[RunReport], name: str) -> Iterator[Event]:
    yield "started", _started(shards, name)
    noted: set[tuple[str, str]] = set()
    for run in shards:
        for event in run.events:
            if event.kind != "check":
                continue
            record = event.data["record"]
            # Every shard says that an accepted difference is past its date.
            if record["case"].startswith("accepted::"):
                if (record["case"], record["reason"]) in noted:
                    continue
                noted.add((record["case"], record["reason"]))
            yield "check", {**event.data, "run": run.summary.run}
    yield from (("check", each) for each in _of_the_whole(shards))
    yield "finished", _finished(shards)


def _started(shards: Sequence[RunReport], name: str) -> Mapping[str, Any]:
    # The shards start side by side: the slowest counts.
    took: dict[str, float] = {}
    for run in shards:
        for stage, seconds in run.started["took"].items():
            took[stage] = max(seconds, took.get(stage, 0.0))
    started = {
        **shards[0].started,
        "run": name,
        "took": took,
        "narrowed": _narrowed(shards[0]),
        "shard": None,
    }
    times = [run.started["at"] for run in shards if "at" in run.started]
    return {**started, "at": min(times)} if times else started


def _finished(shards: Sequence[RunReport]) -> Mapping[str, Any]:
    ends = [each for each in map(_ended, shards) if each is not None]
    found: dict[str, Any] = {
        "seconds": max((each["seconds"] for each in ends), default=0.0),
        "requests": sum(each["requests"] for each in ends),
        # Shards on one machine name the same leftovers, and their backends write the same lines.
        "left_behind": list(dict.fromkeys(line for each in ends for line in each["left_behind"])),
        "noticed": list(dict.fromkeys(line for each in ends for line in each["noticed"])),
        "interrupted": any(map(_is_cut_short, shards)),
        "collected": sum(each["collected"] or 0 for each in ends),
    }
    times = [each["finished_at"] for each in ends if each["finished_at"] is not None]
    return {**found, "finished_at": max(times)} if times else found


def _of_the_whole(shards: Sequence[RunReport]) -> Iterator[Mapping[str, Any]]:
    """Yield the checks of the run as a whole, if nothing narrows or interrupts it."""
    finished = _finished(shards)
    if finished["interrupted"] or _narrowed(shards[0]):
        return
    first = shards[0]
    if first.started["expect"] == "observed":
        seen = {entry for run in shards for entry in run.summary.ledger}
        release = Release.parse(first.version)
        for name, reason in gone_entries(release, seen, first.started["about"]):
            yield _note(name, "ledger", reason)
    unused = [{(case, why) for case, why in run.events[-1].data["unused"]} for run in shards]
    for case, reason in sorted(set.intersection(*unused)):
        yield _note(case, "accepted", reason)


def _note(case: str, operation: str, reason: str) -> Mapping[str, Any]:
    record = CheckRecord(case, operation, "", "", "", Verdict.FAILED, reason=reason)
    return {"record": record.to_json(), "seconds": 0.0, "story": reason}
