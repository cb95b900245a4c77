"""The places at which defects beside the rules are called; without one they change nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from starlette.responses import Response

from scicat_harness.embedded.backend import EmbeddedBackend
from scicat_harness.embedded.beside.credentials import CREDENTIALS, Presented
from scicat_harness.embedded.beside.doors import DOORS, Incoming
from scicat_harness.embedded.beside.effects import CALLER_TOKEN, logged
from scicat_harness.embedded.beside.handled import Handled
from scicat_harness.embedded.beside.replies import REPLIES
from scicat_harness.embedded.beside.state import STATE
from scicat_harness.embedded.requests import JobRequest

__all__ = ["caller_of", "entered", "left", "presented"]

_JOBS = "jobs"


def entered(backend: EmbeddedBackend, incoming: Incoming) -> Incoming:
    """Return a request before its route is looked up."""
    damage = DOORS.selected(backend.defect)
    return incoming if damage is None else damage(incoming)


def presented(
    backend: EmbeddedBackend, headers: Mapping[str, str], query: Mapping[str, str]
) -> str | None:
    """Return the ``Authorization`` header that counts."""
    authorization = headers.get("authorization")
    damage = CREDENTIALS.selected(backend.defect)
    if damage is None:
        return authorization
    lower = {name.lower(): value for name, value in headers.items()}
    token = damage(Presented(lower, query, backend.accounts, backend.tokens.sign))
    return f"Bearer {token}" if token else authorization


@contextmanager
def caller_of(authorization: str | None) -> Iterator[str]:
    """Make the token of a request known to the defects of effects while it is handled."""
    token = (authorization or "").rpartition(" ")[2]
    before = CALLER_TOKEN.set(token)
    try:
        yield token
    finally:
        CALLER_TOKEN.reset(before)


def left(
    backend: EmbeddedBackend, incoming: Incoming, call: JobRequest, token: str, response: Response
) -> Response:
    """Return the response of a request, after a defect changed it or what is stored."""
    path = incoming.path.partition(b"?")[0].decode("latin-1").strip("/").lower()
    _, _, rest = path.removeprefix("api/").partition("/")
    line = logged(backend.defect, token)
    if line is not None:
        backend.log.log("Intruder", line)
    if rest.partition("/")[0] != _JOBS:
        return response
    state, reply = STATE.selected(backend.defect), REPLIES.selected(backend.defect)
    if state is None and reply is None:
        return response
    handled = Handled.of(backend, incoming.method, rest, call, token, response)
    if state is not None:
        # The reply was made before, so that it does not show the change.
        state(handled)
        return response
    assert reply is not None
    reply(handled)
    return handled.response()
