"""Stored runs that are judged again, for the tests of recheck."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from scicat_harness.fixtures.profile import Profile
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.difference import Difference
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.oracle.predict import Prediction, Unspecified
from scicat_harness.oracle.rule import Reading
from scicat_harness.report.recheck import Recheck
from scicat_harness.suite.matrices import matrices, site_of
from scicat_harness.suite.recheck import rechecked

from ..everything import NOW, oracle_of
from .folders import check, seen, write_run

READS, LISTS, CREATES, KNOCKS = (
    "scenarios.read.test_one.test_through_v4",
    "scenarios.read.test_lists.test_shows_what_may_be_read",
    "scenarios.create.test_matrix.test_every_auth_value",
    "scenarios.endpoint.test_union.test_other_endpoints",
)
REFUSED_AND_STORED = "refused, but it shows in the stored job None (type None)"
MAILS = "scenarios.actions.test_email.test_mail"
STANDARD = {"profile": "standard", "backend_version": str(NOW)}


def foreseen(scenario: str) -> Iterator[tuple[str, Any, Prediction, Prediction]]:
    """Every check of a matrix: its id, its case, and both predictions."""
    for key, case in matrices()[scenario].cases(Profile.STANDARD):
        try:
            yield (
                key,
                case,
                case.predict(oracle_of(site_of(case), NOW)),
                case.predict(oracle_of(site_of(case), NOW, Reading.DOCUMENTED)),
            )
        except Unspecified:
            continue


def jobs_of(prediction: Prediction) -> list[dict[str, Any]]:
    """The stored jobs of a create that does as predicted."""
    job = prediction.job
    if job is None:
        return []
    owners = {"ownerUser": job.owner_user, "ownerGroup": job.owner_group}
    shown = {**owners, "contactEmail": job.contact_email}
    picked = {key: sorted(values, key=str)[0] for key, values in shown.items()}
    return [{"channel": "job", "createdBy": job.created_by, **picked}]


def as_foreseen(scenario: str) -> list[CheckRecord]:
    """The records of a backend that does as the oracle says."""
    records = []
    for key, case, prediction, promised in foreseen(scenario):
        observed: str = prediction.decision
        operation = f"{case.operation} endpoint" if scenario == KNOCKS else str(case.operation)
        if scenario == LISTS and prediction.visible is not None:
            observed = Decision.ALLOW if prediction.visible else Decision.DENY
        deviates = not prediction.same_promise(promised)
        effects = jobs_of(prediction) if scenario == CREATES else None
        sighting = replace(
            seen(prediction.reply.status, observed, operation=operation, watched=False),
            effects=None if effects is None else tuple(effects),
        )
        verdict = Verdict.DEVIATING if deviates else Verdict.PASSED
        records.append(check(sighting, verdict=verdict, case=key))
    return records


def again(folder: Path, *records: CheckRecord, **started: Any) -> Recheck:
    """What a run with these records comes to."""
    return rechecked(write_run(folder, *records, **{**STANDARD, **started}))


def altered(record: CheckRecord, **more: Any) -> CheckRecord:
    """The record with another last observation."""
    *before, last = record.seen
    return replace(record, seen=(*before, {**last, **more}))


def allowed(records: list[CheckRecord]) -> CheckRecord:
    """The first that is permitted."""
    return next(each for each in records if each.observed == Decision.ALLOW)


def mail(**more: Any) -> CheckRecord:
    """A create that sends a mail, as it was observed."""
    wanted = "[create-mails.plain-to-one-recipient]"
    key, _, prediction, _ = next(each for each in foreseen(MAILS) if each[0].endswith(wanted))
    token = "harness-00000001-main-0000007"
    [effect] = prediction.effects
    sent = {
        "channel": "email",
        "to": ["$token@effects.example"],
        "from": "scicat@facility.example",
        "reply_to": "helpdesk@facility.example",
        **{name: effect.content[name].means for name in ("subject", "html")},
    }
    left = (*jobs_of(prediction), {**sent, **more})
    return check(seen(201, "allow", *left), case=key, correlation=token)


def failed_before(record: CheckRecord, *paths: str) -> CheckRecord:
    """The record of a check that failed then, by differences in these fields."""
    differences = [Difference(path, 1, 2).to_json() for path in paths]
    return altered(replace(record, verdict=Verdict.FAILED), differences=differences)
