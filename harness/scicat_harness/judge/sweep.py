"""The sweep at the end of a run: everything is stored as the requests of the run left it.

Each request is judged by the jobs that carry its correlation. A backend that changes or removes the
job of somebody else, or stores one twice, is found here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scicat_harness.deploy.mongo import fingerprints, stored_ids
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.leaks import Planted
from scicat_harness.judge.stored import kept_differences
from scicat_harness.judge.wording import in_words
from scicat_harness.model.identity import Identity
from scicat_harness.probe.prepared import CHANGED, PreparedBackend, dataset_path, open_client

__all__ = ["sweep", "sweep_backend"]

Document = Mapping[str, Any]
# Jobs of one query; all jobs of a long run in one reply would be tens of megabytes.
_AT_ONCE = 2000
# Seconds by which times of documents and of requests may differ.
_ROUNDING = 0.005


def sweep(context: CheckContext) -> Iterator[str]:
    """Yield a sentence for each job of this worker that is not stored as it was left.

    Raises EnvironmentFault where the backend does not answer.
    """
    left = set(context.known)
    owners: dict[str, str] = {}
    for first in range(0, context.correlations, _AT_ONCE):
        for document in _stored(context, first):
            job_id, token = str(document.get("id")), _token(document)
            left.discard(job_id)
            other = owners.setdefault(token, job_id)
            if other != job_id:
                yield (
                    f"two jobs carry the correlation {token}, which one request had: {other} and "
                    f"{job_id}{_suspects(context, document, 'createdAt')}"
                )
            before = context.known.get(job_id)
            if before is not None:
                for each in kept_differences(before, document):
                    yield (
                        f"the job {job_id} changed after its last permitted request: "
                        f"{in_words(each)}{_suspects(context, document, 'updatedAt')}"
                    )
    for job_id in sorted(left):
        yield f"the job {job_id} is gone, which no permitted request deleted"


def _stored(context: CheckContext, first: int) -> list[dict[str, Any]]:
    """Return the stored jobs with the correlations from this number on."""
    start, end = (context.numbered(number) for number in (first, first + _AT_ONCE - 1))
    where = {"jobParams.correlation": {"$gte": start, "$lte": end}}
    return context.client.find_jobs(context.janitor, where)


def _token(document: Document) -> str:
    params = document.get("jobParams")
    return str(params.get("correlation")) if isinstance(params, Mapping) else ""


def _suspects(context: CheckContext, document: Document, key: str) -> str:
    """Return the requests that were under way at a time of a document, as part of a sentence."""
    at = _seconds(document.get(key))
    if at is None:
        return ""
    names = {
        name for start, end, name in context.sent if start - _ROUNDING <= at <= end + _ROUNDING
    }
    return f" (at {document.get(key)}, during {', '.join(sorted(names))})" if names else ""


def _seconds(time: Any) -> float | None:
    try:
        return datetime.fromisoformat(str(time)).timestamp()
    except ValueError:
        return None


def sweep_backend(
    prepared: PreparedBackend, janitor: Identity, unmarked: Collection[str], since: float
) -> Iterator[str]:
    """Yield a sentence for what no request explains in a backend that this run started.

    These are jobs without the marks of a run that are not among the ids ``unmarked``, if they were
    made after ``since`` (seconds since the epoch); datasets of the run that changed; and secrets of
    the run in the log. Raises EnvironmentFault where the backend does not answer.
    """
    client = open_client(prepared)
    try:
        where = {"jobParams.run": {"$exists": False}}
        for document in client.find_jobs(janitor, where):
            made = _seconds(document.get("createdAt"))
            if document.get("id") not in unmarked and (made is None or made >= since):
                shown = {key: document.get(key) for key in ("id", "type", "createdAt", "createdBy")}
                yield f"no request explains the job {shown}"
        stored = client.find_jobs(janitor, {"id": {"$in": list(prepared.probe_jobs)}})
        probes = {str(each.get("id")): each for each in stored}
        for job_id, job in prepared.probe_jobs.items():
            for each in kept_differences(job, probes.get(job_id)):
                yield f"the job {job_id}, which nobody may change, changed: {in_words(each)}"
        for pid, before in prepared.datasets.items():
            found = client.send(janitor, "GET", dataset_path(pid)).json
            now = found if isinstance(found, dict) else None
            for each in kept_differences(before, now):
                yield f"the dataset {pid} changed: {in_words(each)}"
        if prepared.database:
            listed = {str(each.get("id")) for each in client.find_jobs(janitor, {})}
            hidden = set(stored_ids(prepared.database, "Job")) - listed
            yield from (
                f"the database has the job {job_id}, which the API does not show"
                for job_id in sorted(hidden)
            )
            after = fingerprints(prepared.database, without=CHANGED)
            for name in sorted(after.keys() | prepared.collections.keys()):
                if after.get(name) != prepared.collections.get(name):
                    yield f"the collection {name} changed, which no request of the run may change"
    finally:
        client.transport.close()
    planted = Planted.of(prepared.tokens, prepared.planted)
    for name in _logged(prepared.log, planted):
        yield f"the log of the backend has {name} in it"


def _logged(log: Path | None, planted: Planted) -> list[str]:
    """Return the names of the secrets in a log file, each once."""
    if log is None or not log.exists():
        return []
    names: dict[str, None] = {}
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            names.update(dict.fromkeys(planted.found_in(line)))
    return list(names)
