"""The guard: in a backend that is not ours, only objects of the run are changed.

A reply that names another id than it made would lead every later PATCH and DELETE to somebody
else's job.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import HttpRequest, Transport
from scicat_harness.errors import EnvironmentFault
from scicat_harness.probe.made import is_unknown_job, marker_of

__all__ = ["Guard"]

# A POST adds an object and changes none.
_CHANGING = frozenset({"PATCH", "PUT", "DELETE"})
_PATH = re.compile(r"/api/v\d+/(jobs|datasets)(?:/([^/]*))?(/.*)?")
# Ids come from replies: one such as "../datasets/x" would lead to another path.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Guard:
    """Refuses calls that would change a job or dataset which is not provably of ``run``.

    Each job is read once by the janitor, whose ``token`` this is, before the first call that would
    change it. Datasets are known by their pid, which begins with the name of the run.
    Origdatablocks are deleted by ``removal`` alone, which reads each of them before.
    """

    def __init__(self, run: str, transport: Transport, token: str | None) -> None:
        self._run = run
        self._transport = transport
        self._token = token
        self._ours: set[str] = set()

    def check(self, call: HttpRequest) -> None:
        """Raise EnvironmentFault where a call would change an object that is not of the run."""
        found = _PATH.fullmatch(call.path) if call.method in _CHANGING else None
        if found is None:
            return
        kind, name = found[1], unquote(found[2] or "")
        if kind == "datasets" and not name.startswith(f"{self._run}/"):
            raise _refused(call, "is no dataset of this run")
        if kind == "jobs" and name not in self._ours:
            self._look_at(call, name)

    def _look_at(self, call: HttpRequest, job_id: str) -> None:
        if not _ID.fullmatch(job_id):
            raise _refused(call, "is not the id of a job")
        reading = HttpRequest("GET", f"/api/v4/jobs/{job_id}", "the janitor", self._token)
        reply: Exchange = self._transport.send(reading)
        job = reply.json if isinstance(reply.json, dict) else {}
        ours = job.get("id") == job_id and marker_of(job) == self._run
        # An id that no job has is tried on purpose; it can change nothing.
        if not ours and not is_unknown_job(reply):
            raise _refused(call, f"is no job of this run ({reply.summary()[:200]})")
        if ours:
            self._ours.add(job_id)


def _refused(call: HttpRequest, why: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"{call.method} {call.path} was not sent: what it would change {why}; a reply of this "
        "backend named another object than the one that was made"
    )
