"""The endpoints below ``/api/v4/jobs``.

See specification: request.routes, read. Endpoint authorization has passed when a handler runs.
"""

from starlette.responses import Response

from scicat_harness.embedded import filters, visibility
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.beside.lists import Listed, listed
from scicat_harness.embedded.create import create_job, find_type
from scicat_harness.embedded.facets import facets
from scicat_harness.embedded.failures import rejection
from scicat_harness.embedded.fullquery import parse_parameter, where_of
from scicat_harness.embedded.job_bodies import check_create, check_update
from scicat_harness.embedded.jobs import Patch
from scicat_harness.embedded.listing import Listing
from scicat_harness.embedded.query import matches
from scicat_harness.embedded.relations import with_relations
from scicat_harness.embedded.replies import json_reply
from scicat_harness.embedded.requests import JobRequest
from scicat_harness.embedded.update import find_job, update_job
from scicat_harness.embedded.visibility import Endpoint, check_readable, visible_jobs

__all__ = [
    "create",
    "dataset_details",
    "delete",
    "fullfacet",
    "fullquery",
    "list_all",
    "read",
    "remove_job",
    "update",
]


async def create(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``POST /``: 201 with the stored job, after its last action has performed."""
    body = check_create(backend, call.body)
    job = await create_job(backend, call.caller, body)
    return json_reply(job, 200 if backend.defect("status.create-200") else 201)


async def update(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``PATCH /:id`` with the changed job, even if the caller may not read it."""
    patch = Patch(check_update(backend, call.body), call.merges)
    job = await update_job(backend, call.caller, call.id, patch)
    return json_reply(job, 201 if backend.defect("status.update-201") else 200)


async def read(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /:id``; a ``filter`` may have ``fields`` and ``include``.

    400 for an unknown id and for a type that is not configured any more, 403 if the job is not
    readable.
    """
    value = filters.parse_filter(call.query.get("filter"), filters.READ_V4)
    job = find_job(backend, call.id)
    # Raises 400 for a type that left the configuration, even for admins (specification: read).
    find_type(backend, job["type"])
    check_readable(backend, call.caller, job)
    return json_reply(with_relations(backend, call.caller, job, value))


async def list_all(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /`` with the visible jobs that a ``filter`` selects (list.filter)."""
    return _listed(backend, call, Endpoint.LIST)


async def fullquery(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /fullquery``: the list, without ``include``."""
    return _listed(backend, call, Endpoint.FULLQUERY)


async def dataset_details(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /datasetDetails``: the list, with ``include`` set to ``datasetDetails``."""
    return _listed(backend, call, Endpoint.DATASET_DETAILS)


def _listed(backend: EmbeddedBackend, call: JobRequest, endpoint: Endpoint) -> Response:
    allowed = filters.LIST_V4
    if endpoint in (Endpoint.FULLQUERY, Endpoint.DATASET_DETAILS):
        allowed -= {"include"}
    value = filters.parse_filter(call.query.get("filter"), allowed)
    if endpoint is Endpoint.DATASET_DETAILS:
        value = {**value, "include": ["datasetDetails"]}
    listing = Listing.from_filter(value)
    if endpoint is Endpoint.FULLQUERY and backend.defect("fullquery.where-ignored"):
        listing = Listing.from_filter({**value, "where": {}})
    jobs = visible_jobs(backend, call.caller, endpoint)
    rows = listed(Listed(backend, value, listing, jobs))
    return json_reply([with_relations(backend, call.caller, job, value) for job in rows])


async def fullfacet(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /fullfacet`` on both versions.

    ``facets`` is a JSON list of field names, ``fields`` a query as in the v3 full query.
    """
    names = parse_parameter(call.query.get("facets"))
    where = where_of(parse_parameter(call.query.get("fields")))
    jobs = visible_jobs(backend, call.caller, visibility.Endpoint.FULLFACET)
    return json_reply(facets([job for job in jobs if matches(job, where)], names, backend.defect))


async def delete(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``DELETE /:id`` with the deleted document; no action runs."""
    return json_reply(remove_job(backend, call.id))


def remove_job(backend: EmbeddedBackend, id_: str) -> dict[str, object]:
    """Delete a job and return its document; raise 400 if there is none."""
    if id_ not in backend.store.jobs:
        status = 500 if backend.defect("status.delete-unknown-500") else 400
        raise rejection(f"Job id {id_} doesn't exist.", status)
    if backend.defect("delete.keeps-the-job"):
        return backend.store.jobs[id_]
    return backend.store.jobs.pop(id_)
