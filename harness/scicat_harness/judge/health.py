"""The health endpoint of a backend (specification: start)."""

from __future__ import annotations

from scicat_harness.judge.failure import CheckFailed
from scicat_harness.judge.trial import Trial

__all__ = ["must_look_healthy"]

_HEALTH = "/api/v3/health"


def must_look_healthy(trial: Trial) -> None:
    """Check that the health endpoint answers 200 and reports on the database alone.

    Raises CheckFailed otherwise.
    """
    reply = trial.context.client.send(trial.context.janitor, "GET", _HEALTH)
    details = reply.json.get("details") if isinstance(reply.json, dict) else None
    if reply.status != 200 or not isinstance(details, dict) or set(details) != {"mongodb"}:
        raise CheckFailed(f"GET {_HEALTH} answers {reply.summary()}")
