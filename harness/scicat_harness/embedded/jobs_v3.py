"""The endpoints below ``/api/v3/jobs``.

See specification: v3.create, v3.update, v3.read. Bodies are mapped to v4 and documents back;
queries have parameters of their own.
"""

from dataclasses import replace

from starlette.responses import Response

from scicat_harness.embedded import filters, v3
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.create import create_job, find_type
from scicat_harness.embedded.fullquery import limits_of, parse_parameter, where_of
from scicat_harness.embedded.job_bodies import check_create, check_update
from scicat_harness.embedded.jobs import Patch
from scicat_harness.embedded.jobs_v4 import remove_job
from scicat_harness.embedded.listing import Listing, projected
from scicat_harness.embedded.relations import details_of, shown_datasets, with_relations
from scicat_harness.embedded.replies import json_reply
from scicat_harness.embedded.requests import JobRequest
from scicat_harness.embedded.update import find_job, update_job
from scicat_harness.embedded.visibility import Endpoint, check_readable, visible_jobs

__all__ = ["create", "dataset_details", "delete", "fullquery", "list_all", "read", "update"]


async def create(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``POST /``: map the body to v4, then create as on v4."""
    body = check_create(backend, v3.create_body(backend, call.caller, call.body))
    job = await create_job(backend, call.caller, body)
    status = 200 if backend.defect("status.create-200") else 201
    return json_reply(v3.shown(backend, job), status)


async def update(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``PATCH /:id``.

    The id is looked up before the body is validated, other than on v4 (specification:
    update.steps).
    """
    job = find_job(backend, call.id)
    body = check_update(backend, v3.update_body(backend, call.body, job))
    changed = await update_job(backend, call.caller, call.id, Patch(body, call.merges))
    status = 201 if backend.defect("status.update-201") else 200
    return json_reply(v3.shown(backend, changed), status)


async def read(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /:id``; query parameters are ignored."""
    job = find_job(backend, call.id)
    find_type(backend, job["type"])
    check_readable(backend, call.caller, job)
    return json_reply(v3.shown(backend, job))


async def list_all(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /`` with the first 100 visible jobs.

    A filter may have ``fields`` and ``include`` only; ``where`` and ``limits`` are 400, contrary to
    the documentation (specification: v3.read).
    """
    value = filters.parse_filter(call.query.get("filter"), filters.LIST_V3)
    value = {**value, "fields": v3.fields_of(value.get("fields"))}
    jobs = visible_jobs(backend, call.caller, Endpoint.LIST)
    # The default listing: the first 100 in the order of creation.
    rows = Listing().rows(jobs, backend.defect)
    shown = (with_relations(backend, call.caller, job, value) for job in rows)
    return json_reply([v3.shown(backend, job) for job in shown])


async def fullquery(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /fullquery``; ``fields`` and ``limits`` are JSON in the query."""
    where = where_of(parse_parameter(call.query.get("fields")))
    if backend.defect("fullquery.where-ignored"):
        where = {}
    listing = limits_of(parse_parameter(call.query.get("limits")), where)
    if backend.defect("fullquery.order-ignored"):
        listing = replace(listing, sort=Listing().sort)
    jobs = visible_jobs(backend, call.caller, Endpoint.FULLQUERY)
    return json_reply([v3.shown(backend, job) for job in listing.pages(jobs, backend.defect)])


async def dataset_details(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``GET /datasetDetails`` with the datasets of the job ``jobId``.

    ``datasetFields`` projects the datasets, ``include`` (a list of relation names here) adds their
    relations, ``includeFields`` projects those. 403 if the job is not readable.
    """
    fields = parse_parameter(call.query.get("datasetFields"))
    include = parse_parameter(call.query.get("include"))
    include_fields = parse_parameter(call.query.get("includeFields"))
    # After the parameters: bad JSON is reported before an unknown job.
    job = find_job(backend, call.query.get("jobId", ""))
    check_readable(backend, call.caller, job)
    rows = []
    for dataset in shown_datasets(backend, call.caller, job):
        details = details_of(backend, call.caller, dataset)
        related = {
            name: [projected(entry, include_fields) for entry in entries]
            for name, entries in details.items()
            if isinstance(include, list) and ("all" in include or name in include)
        }
        rows.append({**projected(dataset, fields), **related})
    return json_reply(rows)


async def delete(backend: EmbeddedBackend, call: JobRequest) -> Response:
    """Answer ``DELETE /:id`` with internals of the database layer, as observed since v4.26.0."""
    job = remove_job(backend, call.id)
    # The members of a Mongoose document, which the v3 mapping leaks.
    internals = {"activePaths": {"paths": {}, "states": {}}, "skipId": True}
    return json_reply({"$__": internals, "$isNew": False, "_doc": job})
