"""Behaviours in the path of a URL, for a job configuration alone, without the control API.

/status/<code>/...          that status; followed by /body/<text>/ also that body
/body/<text>/...            200 with this body, percent-decoded
/redirect/<n>/...           n redirects to this sink, then what follows
/redirect-as/<code>/...     one redirect with that status, then what follows
/redirect-away/...          a redirect to another port of this host, then what follows
/redirect-loop/...          a redirect to itself, for ever
/reset/...                  the connection is reset
/half/...                   half of a body, then the end of the connection
/late/<milliseconds>/...    what follows, that much later

A behaviour in a path takes precedence over bound ones.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from scicat_harness.errors import UsageFault
from scicat_harness.sinks.behaviour import Behaviour, HalfClose, HttpAnswer, Late, Redirect, Reset

__all__ = ["USUAL", "behaviour_in", "redirect_target"]

USUAL = HttpAnswer(200, '{"received":true}', {"Content-Type": "application/json"})
"""The reply without any behaviour."""


def behaviour_in(target: str) -> Behaviour | None:
    """Return the behaviour in the target (path and query) of a request.

    None when there is none, or a malformed one::

        >>> behaviour_in("/status/503/body/busy/job")
        HttpAnswer(status=503, body='busy', headers={})
    """
    path, mark, query = target.partition("?")
    first, _, rest = path.removeprefix("/").partition("/")
    parse = _PARSERS.get(first)
    try:
        return parse(rest, mark + query) if parse is not None else None
    except (ValueError, UsageFault):
        return None


def redirect_target(redirect: Redirect, target: str) -> str:
    """Return the Location of a redirect for a request with this target."""
    if redirect.to is not None:
        return redirect.to
    # The remaining hops are written into the path, so that nothing has to be remembered.
    return target if redirect.loop else f"/redirect/{redirect.hops - 1}{target}"


def _status(rest: str, query: str) -> Behaviour:
    code, _, further = rest.partition("/")
    # Of what follows only /body/<text> counts.
    then = behaviour_in(f"/{further}{query}")
    return HttpAnswer(int(code), then.body if isinstance(then, HttpAnswer) else "")


def _body(rest: str, _query: str) -> Behaviour:
    return HttpAnswer(200, unquote(rest.partition("/")[0]))


def _redirect(rest: str, query: str) -> Behaviour | None:
    hops, _, further = rest.partition("/")
    # The target of the last redirect: what follows decides the reply.
    if int(hops) == 0:
        return behaviour_in(f"/{further}{query}") or USUAL
    return Redirect(to=f"/redirect/{int(hops) - 1}/{further}{query}")


def _redirect_as(rest: str, query: str) -> Behaviour:
    code, _, further = rest.partition("/")
    return Redirect(to=f"/redirect/0/{further}{query}", status=int(code))


def _redirect_away(rest: str, query: str) -> Behaviour:
    return Redirect(to=f"/redirect/0/{rest}{query}", away=True)


def _redirect_loop(rest: str, query: str) -> Behaviour:
    return Redirect(to=f"/redirect-loop/{rest}{query}", loop=True)


def _late(rest: str, query: str) -> Behaviour:
    milliseconds, _, further = rest.partition("/")
    return Late(int(milliseconds) / 1000, behaviour_in(f"/{further}{query}"))


_PARSERS: dict[str, Callable[[str, str], Behaviour | None]] = {
    "status": _status,
    "body": _body,
    "redirect": _redirect,
    "redirect-as": _redirect_as,
    "redirect-away": _redirect_away,
    "redirect-loop": _redirect_loop,
    "reset": lambda _rest, _query: Reset(),
    "half": lambda _rest, _query: HalfClose(),
    "late": _late,
}
