"""Desks, exchanges and records made by hand: what judgement is tried on without a backend."""

from __future__ import annotations

import json
from typing import Any

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import Transport
from scicat_harness.fixtures.identities import JANITOR
from scicat_harness.fixtures.ledger import LEDGER
from scicat_harness.fixtures.site import SITE
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.expecting import Readings, of_create
from scicat_harness.judge.failure import LogWindow
from scicat_harness.judge.ledger import Ledger
from scicat_harness.judge.outcome import Outcome, SentRequest, Subject
from scicat_harness.judge.record import CheckRecord
from scicat_harness.judge.recording import check_record
from scicat_harness.judge.trial import Trial
from scicat_harness.model.outcome import Decision, Verdict
from scicat_harness.model.release import CURRENT, Release
from scicat_harness.model.request import CreateRequest
from scicat_harness.oracle.replies import ERROR_NAMES
from scicat_harness.oracle.rule import Reading
from scicat_harness.probe.prepared import PreparedBackend, open_client

__all__ = ["TOKEN", "asked", "context_of", "exchange_of", "outcome_of", "record_of", "recorded"]

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VybmFtZSI6InUifQ.c2lnbmF0dXJl"
"""Looks like a token; must never be shown."""


def exchange_of(
    status: int, body: Any, *, method: str = "POST", request_body: str | None = None
) -> Exchange:
    """A reply with a JSON body, to a request that carried a token; errors get their other keys."""
    if status >= 400 and isinstance(body, dict) and set(body) <= {"message", "id"}:
        name = ERROR_NAMES.get(status, "Refused")
        body = {"error": name, "statusCode": status, "message": body.get("message")}
    return Exchange(
        method=method,
        url="http://127.0.0.1:1/api/v4/jobs",
        identity="user1",
        request_body=request_body,
        request_headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        status=status,
        text=json.dumps(body),
        seconds=0.01,
        correlation="run-main-1",
    )


def context_of(
    *,
    ledger: Ledger = LEDGER,
    release: Release = CURRENT,
    reading: Reading = Reading.OBSERVED,
) -> CheckContext:
    """A desk whose backend does not exist; nothing may be sent."""
    prepared = PreparedBackend("run", "http://127.0.0.1:1", True, None, {"user1": TOKEN})
    client = open_client(prepared, Transport(prepared.base_url))
    return CheckContext(prepared, SITE, client, JANITOR, release, reading, ledger, "main")


def outcome_of(
    context: CheckContext, who: str, request: CreateRequest, exchange: Exchange
) -> Outcome:
    """What judgement sees of a create that was answered with that exchange."""
    return asked(Trial(context, "scenarios/case"), who, request, exchange)


def asked(
    trial: Trial, who: str, request: CreateRequest, exchange: Exchange, *, settles: bool = False
) -> Outcome:
    """One more outcome of a trial."""
    identity = SITE.identity(who)
    predictions = trial.context.predict(lambda oracle: oracle.create(identity, request))
    observed, documented = (
        of_create(predictions[reading], exchange, request.api, {})
        for reading in (Reading.OBSERVED, Reading.DOCUMENTED)
    )
    subject = Subject("create", request.api, request.job_type)
    return trial.outcome(
        SentRequest(identity, subject, exchange, LogWindow({})),
        Readings(observed, documented, trial.context.reading),
        settles=settles,
    )


def recorded(outcome: Outcome) -> CheckRecord:
    """The record of a check that made this request alone."""
    found = check_record("scenarios/case", [outcome])
    assert found is not None
    return found


def record_of(verdict: Verdict, **more: Any) -> CheckRecord:
    """The record of a check with that verdict."""
    given: dict[str, Any] = {
        "case": "scenarios/create/test_matrix.py::test_every_auth_value[user1]",
        "operation": "create",
        "api": "v4",
        "identity": "user1",
        "job_type": "all_access",
        "expected": str(Decision.ALLOW),
        "observed": str(Decision.ALLOW),
        "status": 201,
        "rules": ("create.allowed.all",),
        "deciding": "create.allowed.all",
    }
    return CheckRecord(verdict=verdict, **{**given, **more})
