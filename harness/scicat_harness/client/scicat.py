"""The verbs of the client: submit, update, read, delete and query, the same for v3 and v4."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

from scicat_harness.client.bodies import Marks, create_body, update_body
from scicat_harness.client.transcript import Exchange
from scicat_harness.client.transport import HttpRequest, Transport
from scicat_harness.errors import EnvironmentFault
from scicat_harness.model.identity import Identity
from scicat_harness.model.request import Api, CreateRequest, PatchForm, UpdateRequest

__all__ = ["ChangeGuard", "SciCat", "list_params"]

# More jobs than there are; a limit of 0 means 100 to some releases.
_NO_LIMIT = 1_000_000


def list_params(
    where: Mapping[str, Any], limits: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the query parameters of a v4 list or full query for every release.

    Since v4.22.0 a ``filter`` has condition and limits; before, ``fields`` and ``limits`` do. A
    release reads one of them and ignores the other. Values are objects, which ``query`` encodes.
    """
    cut = {} if limits is None else {"limits": limits}
    # ``mode`` is a query of the database (specification: list.fullquery).
    return {"filter": {"where": where, **cut}, "fields": {"mode": where}, **cut}


class ChangeGuard(Protocol):
    """Checks every call before it is sent; implemented by ``probe.guard.Guard``."""

    def check(self, call: HttpRequest) -> None:
        """Raise EnvironmentFault if a call must not be sent."""


class SciCat:
    """A client with the tokens of all identities.

    ``tokens`` maps names of identities to tokens; None sends no header. Each method returns the
    exchange, whatever its status, and raises EnvironmentFault without a reply.
    """

    def __init__(
        self,
        transport: Transport,
        tokens: Mapping[str, str | None],
        guard: ChangeGuard | None = None,
    ) -> None:
        self.transport = transport
        self._tokens = tokens
        self._guard = guard

    def submit(
        self, identity: Identity, request: CreateRequest, pids: Mapping[str, str], marks: Marks
    ) -> Exchange:
        """POST a job; ``pids`` maps dataset aliases, ``marks`` are added to its parameters."""
        body = create_body(request, pids, marks)
        path = f"/api/{request.api}/jobs"
        return self.send(identity, "POST", path, body=body, correlation=marks.get("correlation"))

    def update(
        self, identity: Identity, job_id: str, request: UpdateRequest, mark: str
    ) -> Exchange:
        """PATCH a job; ``mark`` is the correlation of the request."""
        return self.send(
            identity,
            "PATCH",
            f"/api/{request.api}/jobs/{_quoted(job_id)}",
            body=update_body(request, mark),
            form=request.form,
            correlation=mark,
        )

    def read(self, identity: Identity, job_id: str, api: Api = Api.V4) -> Exchange:
        """GET one job."""
        return self.send(identity, "GET", f"/api/{api}/jobs/{_quoted(job_id)}")

    def delete(self, identity: Identity, job_id: str, api: Api = Api.V4) -> Exchange:
        """DELETE a job."""
        return self.send(identity, "DELETE", f"/api/{api}/jobs/{_quoted(job_id)}")

    def query(
        self, identity: Identity, path: str, params: Mapping[str, Any] | None = None
    ) -> Exchange:
        """GET a list endpoint below ``/api``; parameter values that are not text become JSON."""
        shown = {
            key: value if isinstance(value, str) else _json(value)
            for key, value in (params or {}).items()
        }
        return self.send(identity, "GET", f"/api/{path}", params=shown)

    def find_jobs(
        self, identity: Identity, where: Mapping[str, Any], *, limit: int = _NO_LIMIT
    ) -> list[dict[str, Any]]:
        """Return all jobs visible to an identity that match a condition of MongoDB.

        Raises EnvironmentFault when the backend does not answer with a list of documents.
        """
        found = self.query(identity, "v4/jobs/fullquery", list_params(where, {"limit": limit}))
        rows: Any = found.json
        is_list = isinstance(rows, list) and all(isinstance(each, dict) for each in rows)
        if found.status != 200 or not is_list:
            raise EnvironmentFault(f"the job query of the harness failed: {found.summary()}")
        documents: list[dict[str, Any]] = rows
        return documents

    def send(
        self,
        identity: Identity,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        form: str = PatchForm.REPLACE,
        correlation: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send a request as an identity; ``path`` begins with a slash.

        ``body`` is encoded as JSON, a text is sent as it is; ``form`` is its media type,
        ``headers`` are further ones. Raises
        EnvironmentFault where the guard refuses, or no reply comes.
        """
        text = body if isinstance(body, str) or body is None else _json(body)
        call = HttpRequest(
            method=method,
            path=path,
            identity=identity.name,
            token=self._tokens.get(identity.name),
            body=text,
            content_type=form,
            params=params,
            correlation=correlation,
            headers=headers or {},
        )
        if self._guard is not None:
            self._guard.check(call)
        return self.transport.send(call)


def _quoted(job_id: str) -> str:
    # A reply may name an id with half a surrogate pair, which has no encoding.
    return quote(job_id, safe="", errors="replace")


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
