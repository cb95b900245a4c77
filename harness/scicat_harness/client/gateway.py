"""Gateways: a reply that a proxy gives in place of the backend says nothing about SciCat."""

from __future__ import annotations

from collections.abc import Mapping

from scicat_harness.client.transcript import Exchange
from scicat_harness.errors import EnvironmentFault

__all__ = ["refuse_gateway"]

# Statuses that a backend answers by itself (observed v4.20.2 to v5.2.1).
_OWN = frozenset({200, 201, 204, 304, 400, 401, 403, 404, 409, 413, 415, 422, 500})
# A backend passes on the status of a failed url action, whatever it is (specification:
# action.url; observed v5.2.1).
_REMOTE_FAILURE = "A remote URL call failed"
# Characters of a reply in a message.
_LONGEST = 200


def refuse_gateway(exchange: Exchange, headers: Mapping[str, str]) -> None:
    """Raise EnvironmentFault if a reply cannot be that of a backend.

    ``headers`` are those of the reply. A backend answers its API with JSON or nothing, has a few
    statuses, never redirects and never asks for a login by a header. Bad gateways, exhausted
    limits and pages come from proxies, load balancers and login services before it.
    """
    location = headers.get("Location")
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    remote = (exchange.message or "").startswith(_REMOTE_FAILURE)
    text = exchange.text.strip()
    # ``json`` is None for the text "null", too, which some endpoints answer.
    is_json = not text or exchange.json is not None or text == "null"
    asks_for_login = "WWW-Authenticate" in headers
    if is_json and (remote or (exchange.status in _OWN and not asks_for_login)):
        return
    what = f"a redirect to {location}" if location else (kind or "no content type")
    words = " ".join(exchange.summary().split())[:_LONGEST]
    raise EnvironmentFault(
        f"{exchange.method} {exchange.url} as {exchange.identity} was not answered by the backend "
        f"but by a gateway, a proxy or a login page before it ({what}): {words}"
    )
