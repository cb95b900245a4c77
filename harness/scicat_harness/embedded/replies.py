"""Outgoing replies: JSON bodies and headers as the real backend's web framework writes them."""

from starlette.datastructures import Headers
from starlette.responses import Response

from scicat_harness.embedded.failures import HttpFailure
from scicat_harness.embedded.javascript import stringify

__all__ = ["empty", "failed", "json_reply"]

_HEADERS = {"access-control-allow-origin": "*"}
_JSON = "application/json; charset=utf-8"
# HTTP allows no body with these; an error action may configure any status.
_BODILESS = (204, 304)


def json_reply(value: object, status: int = 200) -> Response:
    """Return a reply with a JSON body, or without a body for statuses 204 and 304."""
    if status in _BODILESS:
        return empty(status)
    # JSON may hold half of a surrogate pair (``"\ud800"``), which strict UTF-8 refuses.
    content = stringify(value).encode("utf-8", errors="surrogatepass")
    return Response(content, status, {**_HEADERS, "content-type": _JSON})


def empty(status: int = 200) -> Response:
    """Return a reply without a body."""
    return Response(b"", status, _HEADERS)


def preflight(asked: Headers) -> Response:
    """Return the reply to a CORS preflight: any page may ask, with the headers it names."""
    headers = {
        **_HEADERS,
        "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
        "vary": "Access-Control-Request-Headers",
    }
    wanted = asked.get("access-control-request-headers")
    if wanted:
        headers["access-control-allow-headers"] = wanted
    return Response(b"", 204, {**headers, "content-length": "0"})


def failed(failure: HttpFailure) -> Response:
    """Return the reply of a failure."""
    return json_reply(failure.body, failure.status)
