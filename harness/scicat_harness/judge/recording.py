"""Making the record of a check from the judgements of its requests."""

from __future__ import annotations

from collections.abc import Sequence

from scicat_harness.judge.outcome import Outcome
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.wording import sentences
from scicat_harness.model.judgement import worst
from scicat_harness.model.text import without_surrogates
from scicat_harness.secrets import redact

__all__ = ["check_record"]


def check_record(case: str, asked: Sequence[Outcome]) -> CheckRecord | None:
    """Return the record of a check; None if none of its requests is judged.

    The worst verdict counts, and the fields of the record are those of the last request that has
    it. Rules are those of all judged requests, each once, and effects are those of all.
    """
    judged = [(each, each.judgement) for each in asked if each.judgement is not None]
    if not judged:
        return None
    verdict = worst(judgement.verdict for _, judgement in judged)
    outcome, judgement = next(pair for pair in reversed(judged) if pair[1].verdict is verdict)
    subject, against = outcome.sent.subject, outcome.expected.against
    return CheckRecord(
        case=case,
        operation=subject.operation,
        api=subject.api,
        identity=outcome.sent.identity.name,
        job_type=subject.job_type,
        verdict=verdict,
        expected=against.decision,
        observed=outcome.decision,
        status=outcome.exchange.status,
        rules=tuple(dict.fromkeys(rule for _, each in judged for rule in each.rules)),
        deciding=against.deciding,
        ledger=judgement.deviation,
        reason=redact(without_surrogates("; ".join(sentences(judgement.differences)))),
        correlation=outcome.exchange.correlation or "",
        effects=tuple(
            str(effect.channel) for each, _ in judged for effect in each.expected.against.effects
        ),
        watched=any(each.watched for each, _ in judged),
        seen=tuple(each.record().to_json() for each in asked),
        job=subject.job,
    )
