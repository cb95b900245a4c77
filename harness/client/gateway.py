"""Gateways: what answers in the place of a backend says nothing about SciCat."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from harness.client.transcript import Exchange
from harness.errors import EnvironmentFault

__all__ = ["refuse_gateway"]

_OF_GATEWAYS = frozenset(
    {
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_REMOTE_FAILURE = "A remote URL call failed"
"""A backend hands the status of a failed url action on, whatever it is (observed v5.2.1)."""
_LONGEST = 200


def refuse_gateway(exchange: Exchange, headers: Mapping[str, str]) -> None:
    """Raise an EnvironmentFault when this reply cannot be the backend's own.

    A backend answers its API with JSON or nothing, and never redirects. Bad gateways, exhausted
    limits and pages in HTML come from proxies, load balancers and login services before it.
    """
    location = headers.get("Location")
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    own = (exchange.message or "").startswith(_REMOTE_FAILURE)
    redirect = 300 <= exchange.status < 400 and exchange.status != HTTPStatus.NOT_MODIFIED
    page = kind in ("text/html", "application/xhtml+xml") and exchange.text.lstrip()[:1] == "<"
    if not redirect and not page and (exchange.status not in _OF_GATEWAYS or own):
        return
    what = f"a redirect to {location}" if location else (kind or "no content type")
    words = " ".join(exchange.summary().split())[:_LONGEST]
    raise EnvironmentFault(
        f"{exchange.method} {exchange.url} as {exchange.identity} was not answered by the backend "
        f"but by something before it, a gateway, a proxy or a login page ({what}): {words}"
    )
