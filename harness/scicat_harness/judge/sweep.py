"""The sweep at the end of a run: everything is stored as the requests of the run left it.

Each request is judged by the jobs that carry its correlation. A backend that changes or removes the
job of somebody else, or stores one twice, is found here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from scicat_harness.client.scicat import SciCat
from scicat_harness.deploy.mongo import fingerprints, owner_groups, policies, stored_ids
from scicat_harness.judge.context import CheckContext
from scicat_harness.judge.leaks import Planted
from scicat_harness.judge.settle import token_in_contact
from scicat_harness.judge.stored import is_in, kept_differences, seconds_of
from scicat_harness.judge.wording import in_words
from scicat_harness.model.identity import Identity
from scicat_harness.model.request import CORRELATION_DOMAIN
from scicat_harness.probe.datasets import dataset_path
from scicat_harness.probe.prepared import CHANGED, PreparedBackend, open_client

__all__ = ["sweep", "sweep_backend"]

Document = Mapping[str, Any]
# Jobs of one query; all jobs of a long run in one reply would be tens of megabytes.
_AT_ONCE = 2000
# Ids of one query: they are part of its URL.
_IDS_AT_ONCE = 100


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
    where: dict[str, Any] = {"jobParams.correlation": {"$gte": start, "$lte": end}}
    if not context.site.marked:
        contacts = {"$gte": start, "$lte": f"{end}@{CORRELATION_DOMAIN}"}
        where = {"$or": [where, {"contactEmail": contacts}]}
    return context.client.find_jobs(context.janitor, where)


def _token(document: Document) -> str:
    params = document.get("jobParams")
    marked = params.get("correlation") if isinstance(params, Mapping) else None
    return str(marked or token_in_contact(document) or "")


def _suspects(context: CheckContext, document: Document, key: str) -> str:
    """Return the requests that were under way at a time of a document, as part of a sentence."""
    at = document.get(key)
    names = {name for start, end, name in context.sent if is_in(at, (start, end))}
    return f" (at {at}, during {', '.join(sorted(names))})" if names else ""


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
            made = seconds_of(document.get("createdAt"))
            # It was judged by the token in its contact address.
            if str(document.get("contactEmail")).startswith(f"{prepared.run}-"):
                continue
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
            yield from _in_database(prepared, client, janitor)
    finally:
        client.transport.close()
    planted = Planted.of(prepared.tokens, prepared.planted)
    for name in _logged(prepared.log, planted):
        yield f"the log of the backend has {name} in it"


def _in_database(prepared: PreparedBackend, client: SciCat, janitor: Identity) -> Iterator[str]:
    """Yield what only the database shows: jobs that the API hides, and changed collections."""
    # A facet counts each id, which takes a tenth of the bytes of the jobs themselves.
    counted = client.query(janitor, "v4/jobs/fullfacet", {"facets": ["id"], "fields": {}}).json
    facet = counted[0] if isinstance(counted, list) and counted else {}
    rows = facet.get("id", []) if isinstance(facet, dict) else []
    shown = {str(each.get("_id")) for each in rows if isinstance(each, dict)}
    hidden = sorted(set(stored_ids(prepared.database, "Job")) - shown)
    # Older releases, such as v4.20.2 and v4.25.1, do not count ids in facets, but show the jobs.
    for first in range(0, len(hidden), _IDS_AT_ONCE):
        asked = hidden[first : first + _IDS_AT_ONCE]
        found = client.find_jobs(janitor, {"id": {"$in": asked}})
        for job_id in sorted(set(asked) - {str(each.get("id")) for each in found}):
            yield f"the database has the job {job_id}, which the API does not show"
    after = fingerprints(prepared.database, without=CHANGED)
    for name in sorted(after.keys() | prepared.collections.keys()):
        if after.get(name) != prepared.collections.get(name):
            yield f"the collection {name} changed, which no request of the run may change"
    yield from _in_policies(prepared)


def _in_policies(prepared: PreparedBackend) -> Iterator[str]:
    """Yield policies that changed, are gone, or were made for a group without a dataset."""
    after = policies(prepared.database)
    for name, before in prepared.policies.items():
        now = after.get(name)
        if now is None or now.fingerprint != before:
            what = "is gone" if now is None else f"of {now.owner_group} changed"
            yield f"the policy {name} {what}, which no request of the run may do"
    # The first dataset of an owner group makes its policy, some moments after its reply.
    owning = set(owner_groups(prepared.database)) | {
        str(each.get("ownerGroup")) for each in prepared.datasets.values()
    }
    for name in sorted(after.keys() - prepared.policies.keys()):
        if after[name].owner_group not in owning:
            yield (
                f"no request explains the policy {name} of {after[name].owner_group}, which owns "
                "no dataset"
            )


def _logged(log: Path | None, planted: Planted) -> list[str]:
    """Return the names of the secrets in a log file, each once."""
    if log is None or not log.exists():
        return []
    names: dict[str, None] = {}
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            names.update(dict.fromkeys(planted.found_in(line)))
    return list(names)
