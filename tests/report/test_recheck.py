"""Stored runs are judged again: by what was observed, and by the rules of today."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scicat_harness.config.jobconfig import version_of
from scicat_harness.errors import UsageFault
from scicat_harness.fixtures.profile import Profile
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.record import CheckRecord
from scicat_harness.model.difference import Difference
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.oracle import predict, update
from scicat_harness.oracle.predict import Prediction, Unspecified
from scicat_harness.oracle.rule import Reading, RuleTable
from scicat_harness.report.recheck import Recheck
from scicat_harness.suite import recheck as judging
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


@pytest.fixture(scope="module")
def reads() -> list[CheckRecord]:
    """Reads as foreseen."""
    return as_foreseen(READS)


def allowed(records: list[CheckRecord]) -> CheckRecord:
    """The first that is permitted."""
    return next(each for each in records if each.observed == Decision.ALLOW)


@pytest.mark.parametrize("scenario", [READS, LISTS, CREATES, KNOCKS])
def test_what_is_as_foreseen_stays_as_it_was(scenario: str, tmp_path: Path) -> None:
    records = as_foreseen(scenario)
    found = again(tmp_path, *records)
    assert (len(found.judged), found.exit_code) == (len(records), 0)
    assert {(each.was, each.now) for each in found.judged} <= {
        ("passed", "passed"),
        ("deviating", "deviating"),
    }
    assert found.left_out == {}


def test_another_status_fails_by_the_rule_of_today(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    found = again(tmp_path, altered(allowed(reads), status=403, observed="deny"), reads[0])
    [failed] = found.failed
    assert (failed.was, failed.now) == ("passed", "failed")
    assert failed.rule.startswith("read.allowed.")
    assert failed.reason == "status 403 instead of 200"
    assert found.exit_code == 1
    assert f"passed -> failed  {failed.rule}; e.g. read/one [" in found.text()


def test_another_outcome_class_fails(reads: list[CheckRecord], tmp_path: Path) -> None:
    refused = next(each for each in reads if each.observed == Decision.DENY)
    [failed] = again(tmp_path, altered(refused, observed="invalid")).failed
    assert failed.reason == "was invalid by its message, instead of deny"


def test_a_job_that_a_list_hides_fails(tmp_path: Path) -> None:
    shown = next(each for each in as_foreseen(LISTS) if each.observed == Decision.ALLOW)
    [failed] = again(tmp_path, altered(shown, observed="deny")).failed
    assert failed.reason == "the job is not shown in the list"


@pytest.mark.parametrize(
    ("observed", "effects", "reason"),
    [
        ("allow", [], "0 stored jobs carry this request instead of one"),
        (
            "deny",
            [{"channel": "job"}],
            "refused, but it shows in the stored job None (type None)",
        ),
    ],
)
def test_what_is_stored_is_compared(
    observed: str, effects: list[Any], reason: str, tmp_path: Path
) -> None:
    record = next(
        each
        for each in as_foreseen(CREATES)
        if each.observed == observed and each.verdict == Verdict.PASSED
    )
    assert again(tmp_path, altered(record, effects=effects)).failed[0].reason == reason


def test_owners_of_a_stored_job_are_compared(tmp_path: Path) -> None:
    record = next(each for each in as_foreseen(CREATES) if each.observed == Decision.ALLOW)
    [job] = record.seen[-1]["effects"]
    [failed] = again(tmp_path, altered(record, effects=[{**job, "ownerGroup": "x"}])).failed
    assert failed.reason.startswith(
        "stored otherwise than specified: ownerGroup is 'x' instead of "
    )


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


def test_effects_are_compared_by_content(tmp_path: Path) -> None:
    found = again(tmp_path / "a", mail())
    assert (found.now["passed"], found.effects) == (1, 1)
    [failed] = again(tmp_path / "b", mail(subject="something else")).failed
    assert failed.reason == (
        "email: subject 'something else' instead of 'plain $token' (by actions.perform.email.sends)"
    )


@pytest.mark.parametrize("number", [0, 2])
def test_effects_are_compared_by_number(number: int, tmp_path: Path) -> None:
    record = mail()
    job, sent = record.seen[-1]["effects"]
    [failed] = again(tmp_path, altered(record, effects=[job, *[sent] * number])).failed
    assert failed.reason.startswith("no email with" if number == 0 else "unexpected email")


def test_effects_that_nobody_could_see_are_not_missed(tmp_path: Path) -> None:
    record = mail()
    job, _ = record.seen[-1]["effects"]
    found = again(tmp_path, altered(record, effects=[job], watched=False))
    assert (found.now["passed"], found.effects) == (1, 0)


def test_another_oracle_judges_otherwise(
    reads: list[CheckRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tuple(rule for rule in update.READ.rules if rule.id != "read.allowed.admin")
    monkeypatch.setattr(predict, "READ", RuleTable("read", rules))
    found = again(tmp_path, *reads)
    assert found.failed
    assert {each.reason for each in found.failed} == {"status 200 instead of 403"}
    assert found.changed == found.failed


def test_another_ledger_judges_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deviating = [each for each in as_foreseen(LISTS) if each.verdict == Verdict.DEVIATING]
    [entry] = {each.ledger for each in again(tmp_path / "a", *deviating).judged}
    assert entry == "anonymous-jwt-is-a-user"
    monkeypatch.setattr(judging, "LEDGER", Ledger())
    found = again(tmp_path / "b", *deviating)
    assert len(found.failed) == len(deviating)
    assert "has no entry for it" in found.failed[0].reason


def test_a_deviation_that_is_mended_fails(tmp_path: Path) -> None:
    record = next(each for each in as_foreseen(LISTS) if each.verdict == Verdict.DEVIATING)
    [failed] = again(tmp_path, altered(record, status=403, observed="deny")).failed
    assert failed.reason == (
        "status 403 instead of 200; this is what the documentation promises: a known deviation "
        "no longer happens; ledger entry anonymous-jwt-is-a-user must be closed for this release"
    )


def test_held_against_the_documentation_there_is_no_ledger(tmp_path: Path) -> None:
    record = next(each for each in as_foreseen(LISTS) if each.verdict == Verdict.DEVIATING)
    found = again(tmp_path, record, expect="documented")
    assert [each.reason for each in found.failed] == ["status 200 instead of 403"]


def failed_before(record: CheckRecord, *paths: str) -> CheckRecord:
    """The record of a check that failed then, by differences in these fields."""
    differences = [Difference(path, 1, 2).to_json() for path in paths]
    return altered(replace(record, verdict=Verdict.FAILED), differences=differences)


def test_what_failed_by_the_ledger_alone_can_be_mended(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    [judged] = again(tmp_path, failed_before(allowed(reads), "deviation.unknown")).judged
    assert (judged.was, judged.now) == ("failed", "passed")


CREATED = f"{matrices()[CREATES].name}[anonymous-all_access-no-list-nothing]"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"case": "scenarios/read/test_filters.py::test_facets_count"}, "written by hand"),
        ({"case": "scenarios/read/test_one.py::test_through_v4[nobody-at-all]"}, "no such case"),
        ({"case": "scenarios/read/test_gone.py::test_gone"}, "no such case"),
        ({"case": "scenarios/facility/test_plan.py::test_a[b]"}, "a facility's own"),
        ({"seen": ()}, "has no record of what was observed"),
        ({"verdict": Verdict.UNKNOWN}, "unknown then"),
        ({"verdict": Verdict.NOT_VERIFIABLE}, "not verifiable then"),
        ({"verdict": Verdict.FAILED}, "something that a record does not keep"),
    ],
)
def test_what_cannot_be_judged_is_counted_by_reason(
    more: dict[str, Any], reason: str, reads: list[CheckRecord], tmp_path: Path
) -> None:
    found = again(tmp_path, replace(allowed(reads), **more))
    assert (found.judged, found.exit_code) == ([], 2)
    [told] = found.left_out
    assert reason in told
    assert found.conclusion == "nothing could be judged again"
    assert f"    1  {told}; e.g. " in found.text()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("message", "something that a record does not keep"),
        ("status", "the rest was never compared"),
    ],
)
def test_what_failed_by_more_than_is_kept_cannot_be_judged(
    path: str, reason: str, reads: list[CheckRecord], tmp_path: Path
) -> None:
    [told] = again(tmp_path, failed_before(allowed(reads), path)).left_out
    assert reason in told


def test_a_create_that_failed_early_is_not_called_as_specified(tmp_path: Path) -> None:
    record = next(each for each in as_foreseen(CREATES) if each.observed == Decision.ALLOW)
    failed = failed_before(altered(record, effects=None), "status")
    [reason] = again(tmp_path, failed).left_out
    assert reason == "its reply is as specified, but stored job and effects were never settled"


def test_the_lattice_is_judged_without_the_oracle(tmp_path: Path) -> None:
    lattice = matrices()["scenarios.create.test_lattice.test_stricter_implies_laxer"]
    key, _ = next(lattice.cases(Profile.STANDARD))
    assert list(again(tmp_path, check(seen(), case=key)).left_out) == ["judged without the oracle"]


def test_a_case_without_a_promised_order_is_not_judged(tmp_path: Path) -> None:
    oracle = oracle_of(SITE.name, NOW)
    scenario = matrices()["scenarios.create.test_v3.test_every_auth_value"]
    for key, case in scenario.cases(Profile.FULL):
        try:
            case.predict(oracle)
        except Unspecified:
            found = again(tmp_path, check(seen(), case=key), profile="full")
            assert list(found.left_out) == ["no order is promised"]
            return
    pytest.skip("every case of the matrix is specified")


def test_other_job_types_are_no_difference_of_the_backend(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    found = again(tmp_path / "a", *reads, configuration="harness-000000000000")
    assert (found.judged, found.exit_code) == ([], 2)
    assert list(found.left_out) == ["the job types of the union site have changed since the run"]
    same = again(tmp_path / "b", *reads, configuration=version_of(SITE))
    assert (len(same.judged), same.warnings) == (len(reads), [])


def test_a_run_that_does_not_tell_its_job_types_is_warned_of(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    assert "warning: the run has no record of its job types" in again(tmp_path, reads[0]).text()


def test_smoke_finds_its_cases_among_those_of_standard(
    reads: list[CheckRecord], tmp_path: Path
) -> None:
    assert len(again(tmp_path, *reads, profile="smoke").judged) == len(reads)


def test_the_text_stays_short(reads: list[CheckRecord], tmp_path: Path) -> None:
    wrong = [altered(each, status=500 + n, observed="invalid") for n, each in enumerate(reads)]
    gone = [
        replace(each, verdict=Verdict.UNKNOWN, case=f"{each.case}-{n}")
        for n, each in enumerate(reads)
    ]
    assert len(again(tmp_path, *wrong, *gone).text().splitlines()) <= 40


def test_json_has_every_case_that_fails(reads: list[CheckRecord], tmp_path: Path) -> None:
    wrong = [altered(each, status=500, observed="invalid") for each in reads]
    told = json.loads(json.dumps(again(tmp_path, *wrong).to_json()))
    assert len(told["cases"]) == told["rechecked"] == told["now"]["failed"] == len(reads)
    assert told["exit_code"] == 1


@pytest.mark.parametrize("started", [{"profile": "huge"}, {"expect": "hoped"}])
def test_a_run_of_another_kind_cannot_be_read(
    started: dict[str, str], reads: list[CheckRecord], tmp_path: Path
) -> None:
    with pytest.raises(UsageFault, match=r"line 1 .*(profile|expect): is none of"):
        again(tmp_path, reads[0], **started)


def test_a_record_that_is_none_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match=r"line 2 .*record.seen.0.effects.0: channel must be text"):
        again(tmp_path, altered(mail(), effects=[{"text": "no channel"}]))
