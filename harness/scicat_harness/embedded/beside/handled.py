"""A request that was handled, as the defects of state and replies see it."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.replies import json_reply
from scicat_harness.embedded.requests import JobRequest
from scicat_harness.embedded.store import Document

__all__ = ["Handled"]


@dataclass(slots=True)
class Handled:
    """A request on jobs with its reply, which is sent after the defect was at work.

    ``path`` is the path below the API version in lower case, such as ``jobs/ID``. ``token`` is the
    token of the caller, "" without one.
    """

    backend: EmbeddedBackend
    method: str
    path: str
    call: JobRequest
    token: str
    status: int
    headers: dict[str, str]
    body: Any

    @classmethod
    def of(
        cls,
        backend: EmbeddedBackend,
        method: str,
        path: str,
        call: JobRequest,
        token: str,
        response: Response,
    ) -> "Handled":
        """Return the handled request of a response."""
        body = json.loads(bytes(response.body)) if response.body else None
        return cls(backend, method, path, call, token, response.status_code, {}, body)

    def response(self) -> Response:
        """Return the response with what was changed."""
        changed = json_reply(self.body, self.status)
        for name, value in self.headers.items():
            changed.headers[name] = value
        return changed

    @property
    def allowed(self) -> bool:
        """True if the reply is one of success."""
        return self.status < 300

    @property
    def is_create(self) -> bool:
        """True for POST of a job."""
        return self.method == "POST" and self.path == "jobs"

    @property
    def is_update(self) -> bool:
        """True for PATCH of a job."""
        return self.method == "PATCH"

    @property
    def is_list(self) -> bool:
        """True for a list of jobs."""
        return self.method == "GET" and isinstance(self.body, list) and "facet" not in self.path

    @property
    def is_read(self) -> bool:
        """True for GET of one job."""
        return self.method == "GET" and self.job is not None

    @property
    def shows_job(self) -> bool:
        """True if the reply shows a whole job of v4."""
        return self.allowed and isinstance(self.body, dict) and "jobParams" in self.body

    @property
    def job(self) -> Document | None:
        """The stored job of the request: that of its path, or the one that it created."""
        if self.is_create:
            id_ = self.body.get("id") if isinstance(self.body, dict) else None
            return self.backend.store.jobs.get(str(id_))
        return self.backend.store.jobs.get(self.call.id)

    @property
    def earlier(self) -> list[Document]:
        """All other stored jobs, in the order of their creation."""
        job = self.job
        return [each for each in self.backend.store.jobs.values() if each is not job]

    @property
    def datasets(self) -> list[Document]:
        """The stored datasets that the body of a create lists."""
        body = self.call.document
        params = body.get("jobParams")
        listed = body.get("datasetList") or (
            params.get("datasetList") if isinstance(params, dict) else None
        )
        pids = [each.get("pid") for each in listed or () if isinstance(each, dict)]
        return self.backend.store.find_datasets(pids)

    def change(self, job: Document | None, **fields: Any) -> None:
        """Store a job with other values of these fields; None is passed over."""
        if job is not None:
            self.backend.store.jobs[job["id"]] = {**job, **fields}

    def change_params(self, job: Document | None, **params: Any) -> None:
        """Store a job with further parameters; None is passed over."""
        if job is not None:
            self.change(job, jobParams={**job["jobParams"], **params})

    def change_dataset(self, **fields: Any) -> None:
        """Store the listed datasets with other values of these fields."""
        for each in self.datasets:
            self.backend.store.datasets[each["pid"]] = {**each, **fields}
