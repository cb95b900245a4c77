"""Outgoing answers: JSON bodies as the real backend's web framework writes them."""

from starlette.responses import Response

from scicat_harness.embedded.failures import HttpFailure
from scicat_harness.embedded.javascript import stringify

__all__ = ["empty", "failed", "json_reply"]

_HEADERS = {"access-control-allow-origin": "*"}
_JSON = "application/json; charset=utf-8"
_BODILESS = (204, 304)


def json_reply(value: object, status: int = 200) -> Response:
    """An answer with a JSON body, or without any where the status forbids one."""
    if status in _BODILESS:
        return empty(status)
    content = stringify(value).encode("utf-8", errors="surrogatepass")
    return Response(content, status, {**_HEADERS, "content-type": _JSON})


def empty(status: int = 200) -> Response:
    """An answer without a body."""
    return Response(b"", status, _HEADERS)


def failed(failure: HttpFailure) -> Response:
    """The answer that a failure stands for."""
    return json_reply(failure.body, failure.status)
