"""The routing table: paths, their handlers, and the endpoint authorization before each.

See specification: request.routes, login, start. Paths are compared without case. An encoded slash
belongs to its segment, since pids contain slashes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.responses import Response

from scicat_harness.embedded import datasets, gate, jobs_v3, jobs_v4, sessions
from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.replies import json_reply
from scicat_harness.embedded.requests import JobRequest

__all__ = ["Match", "Route", "Router"]

Handler = Callable[[EmbeddedBackend, JobRequest], Awaitable[Response]]
Gate = Callable[[EmbeddedBackend, JobRequest], bool]


def _open(_backend: EmbeddedBackend, _call: JobRequest) -> bool:
    return True


def _posting(backend: EmbeddedBackend, call: JobRequest) -> bool:
    # The type is looked at only by a backend with the defect gate.create.per-type.
    return gate.may_post(backend, call.caller, call.document.get("type"))


def _patching(backend: EmbeddedBackend, call: JobRequest) -> bool:
    job = backend.store.jobs.get(call.id)
    return gate.may_patch(backend, call.caller, job["type"] if job else None)


def _reading(backend: EmbeddedBackend, call: JobRequest) -> bool:
    return gate.may_read(backend, call.caller)


def _deleting(backend: EmbeddedBackend, call: JobRequest) -> bool:
    return gate.may_delete(backend, call.caller)


async def _health(_backend: EmbeddedBackend, _call: JobRequest) -> Response:
    up = {"mongodb": {"status": "up"}}
    return json_reply({"status": "ok", "info": up, "error": {}, "details": up})


async def _openapi(_backend: EmbeddedBackend, _call: JobRequest) -> Response:
    # Only the version matters: no other endpoint shows it (specification: start).
    info = {"title": "SciCat backend API (embedded)", "description": "", "version": "5.2.1"}
    return json_reply({"openapi": "3.0.0", "info": info, "paths": {}})


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: method, segments of the path, handler, and endpoint authorization.

    A segment ``:id`` matches any text. The gate returns whether the caller may use the endpoint;
    False becomes 403 ``Forbidden resource``.
    """

    method: str
    segments: tuple[str, ...]
    handler: Handler
    gate: Gate = _open


@dataclass(frozen=True, slots=True)
class Match:
    """The route of a request and the decoded value of ``:id``, empty if the route has none."""

    route: Route
    id: str


# Method, path, handler of v3, handler of v4, endpoint authorization. Named paths come before
# ``/:id``, for the first match wins.
_JOBS = (
    ("POST", "", jobs_v3.create, jobs_v4.create, _posting),
    ("GET", "", jobs_v3.list_all, jobs_v4.list_all, _reading),
    ("GET", "/fullquery", jobs_v3.fullquery, jobs_v4.fullquery, _reading),
    ("GET", "/fullfacet", jobs_v4.fullfacet, jobs_v4.fullfacet, _reading),
    ("GET", "/datasetdetails", jobs_v3.dataset_details, jobs_v4.dataset_details, _reading),
    ("GET", "/:id", jobs_v3.read, jobs_v4.read, _reading),
    ("PATCH", "/:id", jobs_v3.update, jobs_v4.update, _patching),
    ("DELETE", "/:id", jobs_v3.delete, jobs_v4.delete, _deleting),
)
_SESSIONS = (
    ("GET", "/api/v3/health", _health),
    ("POST", "/api/v3/auth/login", sessions.log_in),
    ("POST", "/api/v3/auth/logout", sessions.log_out),
    ("GET", "/api/v3/auth/whoami", sessions.who_am_i),
    ("GET", "/api/v3/users/my/self", sessions.my_self),
    ("POST", "/api/v3/users/login", sessions.trap),
    ("POST", "/api/v3/users/jwt", sessions.issue_jwt),
    ("POST", "/api/v3/datasets/:id/origdatablocks", datasets.add_files_below),
)


@dataclass(frozen=True, slots=True)
class Router:
    """All routes, indexed by method and number of segments."""

    _table: dict[tuple[str, int], list[Route]] = field(default_factory=dict)

    @classmethod
    def standard(cls, swagger_path: str = "explorer") -> "Router":
        """Return a router with all routes of the backend.

        The OpenAPI document is at ``/SWAGGER_PATH-json`` (specification: environment.jobs).
        """
        router = cls()
        for method, path, handler in _SESSIONS:
            router._add(method, path, handler)
        router._add("GET", f"/{swagger_path.lower()}-json", _openapi)
        for method, path, of_v3, of_v4, passes in _JOBS:
            router._add(method, f"/api/v3/jobs{path}", of_v3, passes)
            router._add(method, f"/api/v4/jobs{path}", of_v4, passes)
        for version in (3, 4):
            base = f"/api/v{version}"
            router._add("POST", f"{base}/datasets", datasets.create(version))
            router._add("GET", f"{base}/datasets/:id", datasets.read(version))
            router._add("PATCH", f"{base}/datasets/:id", datasets.update(version))
            router._add("DELETE", f"{base}/datasets/:id", datasets.delete)
            router._add("POST", f"{base}/origdatablocks", datasets.add_files(version))
            lifecycle = f"{base}/datasets/:id/datasetlifecycle"
            router._add("PATCH", lifecycle, datasets.update_lifecycle)
        return router

    def _add(self, method: str, path: str, handler: Handler, passes: Gate = _open) -> None:
        segments = tuple(path.strip("/").split("/"))
        route = Route(method, segments, handler, passes)
        self._table.setdefault((method, len(segments)), []).append(route)

    def find(self, method: str, raw_path: bytes) -> Match | None:
        """Return the route of an encoded path, None if there is none (the reply is 404).

        A trailing slash is ignored, and HEAD is routed as GET.
        """
        path = raw_path.partition(b"?")[0].decode("latin-1")
        given = path.removeprefix("/").removesuffix("/").split("/")
        method = "GET" if method == "HEAD" else method
        for route in self._table.get((method, len(given)), ()):
            id_ = ""
            for wanted, segment in zip(route.segments, given, strict=True):
                if wanted == ":id" and segment:
                    # Decoded after splitting: %2F is a part of the id.
                    id_ = unquote(segment)
                elif wanted != segment.lower():
                    break
            else:
                return Match(route, id_)
        return None
