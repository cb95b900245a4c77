"""Wait until a backend is healthy, with a deadline.

The wait polls, from every 10 ms to every 250 ms, and ends at once when the process has ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing

import requests

from scicat_harness.adapter import DeadlineAdapter, innermost
from scicat_harness.config.tls import USUAL_TLS, Tls
from scicat_harness.errors import DeadlineExceeded, EnvironmentFault
from scicat_harness.processes.running import Running

__all__ = ["wait_healthy"]

_FIRST_DELAY = 0.01
_LONGEST_DELAY = 0.25
# Of v3, also for v4: there is no other health endpoint (specification: start).
HEALTH = "/api/v3/health"


def wait_healthy(
    base_url: str, *, deadline: float, child: Running | None = None, tls: Tls = USUAL_TLS
) -> None:
    """Return once ``GET /api/v3/health`` of a backend is answered with status 200.

    Without ``child`` the backend is one that somebody else started. Raises EnvironmentFault at
    once when the child ends or the TLS certificate is refused, and DeadlineExceeded, with the last
    reply and the last lines of the log, after ``deadline`` seconds.
    """
    ended = child.ended if child is not None else threading.Event()
    give_up = time.monotonic() + deadline
    delay = _FIRST_DELAY
    last = "no reply"
    with closing(DeadlineAdapter()) as adapter:
        while True:
            last, healthy = _ask(adapter, base_url, give_up, tls)
            if healthy:
                return
            if ended.wait(delay) and child is not None:
                raise child.died()
            if time.monotonic() >= give_up:
                raise _late(base_url, deadline, last, child.last_lines if child else None)
            delay = min(delay * 2, _LONGEST_DELAY)


def _ask(adapter: DeadlineAdapter, base_url: str, give_up: float, tls: Tls) -> tuple[str, bool]:
    # At most 2 s: one request that hangs must not use up the whole deadline.
    limit = max(0.1, min(2.0, give_up - time.monotonic()))
    request = requests.Request("GET", base_url + HEALTH).prepare()
    try:
        reply = adapter.send(
            request, timeout=limit, verify=tls.ca_bundle or True, cert=tls.client_cert
        )
    except requests.exceptions.SSLError as error:
        # No reason to wait: a certificate does not become valid by itself.
        raise EnvironmentFault(
            f"{base_url}: its TLS certificate is not accepted ({innermost(error)}); if it is of an "
            "authority of your own, give that with --ca-bundle FILE (or REQUESTS_CA_BUNDLE)"
        ) from None
    except requests.RequestException as error:
        return innermost(error), False
    # Redirects are not followed: they come from something before the backend.
    location = reply.headers.get("Location")
    redirected = f" to {location}" if location else ""
    reported = f"status {reply.status_code}{redirected}: {reply.text[:200]}"
    return reported, reply.status_code == 200


def _late(
    base_url: str, deadline: float, last: str, log: Callable[[], str] | None
) -> EnvironmentFault:
    lines = f"; its last lines were:\n{log()}" if log is not None else ""
    return DeadlineExceeded(
        f"{base_url}{HEALTH} was not healthy within {deadline:g} s (last: {last}); is this the "
        f"address of a SciCat backend?{lines}"
    )
