"""Behaviour written into the path of a URL, so that a job configuration needs nobody's help.

/status/<code>/...          that status; followed by /body/<text>/ also that body
/body/<text>/...            200 with this body, percent-decoded
/redirect/<n>/...           n redirects to ourselves, then what follows
/redirect-loop/...          redirects to itself
/reset/...                  the connection is reset
/half/...                   half of a body, then the end of the connection
/late/<milliseconds>/...    what follows, later
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from scicat_harness.errors import UsageFault
from scicat_harness.sinks.behaviour import Behaviour, HalfClose, HttpAnswer, Late, Redirect, Reset

__all__ = ["USUAL", "behaviour_in", "redirect_target"]

USUAL = HttpAnswer(200, '{"received":true}', {"Content-Type": "application/json"})
"""What is answered when nothing else is asked for."""


def behaviour_in(target: str) -> Behaviour | None:
    """What path and query of a request ask for; None when nothing, or nothing that makes sense."""
    path, mark, query = target.partition("?")
    first, _, rest = path.removeprefix("/").partition("/")
    parse = _PARSERS.get(first)
    try:
        return parse(rest, mark + query) if parse is not None else None
    except (ValueError, UsageFault):
        return None


def redirect_target(redirect: Redirect, target: str) -> str:
    """Where a redirect of a request for ``target`` leads."""
    if redirect.to is not None:
        return redirect.to
    return target if redirect.loop else f"/redirect/{redirect.hops - 1}{target}"


def _status(rest: str, query: str) -> Behaviour:
    code, _, further = rest.partition("/")
    then = behaviour_in(f"/{further}{query}")
    return HttpAnswer(int(code), then.body if isinstance(then, HttpAnswer) else "")


def _body(rest: str, _query: str) -> Behaviour:
    return HttpAnswer(200, unquote(rest.partition("/")[0]))


def _redirect(rest: str, query: str) -> Behaviour | None:
    hops, _, further = rest.partition("/")
    if int(hops) == 0:
        return behaviour_in(f"/{further}{query}") or USUAL
    return Redirect(to=f"/redirect/{int(hops) - 1}/{further}{query}")


def _redirect_loop(rest: str, query: str) -> Behaviour:
    return Redirect(to=f"/redirect-loop/{rest}{query}", loop=True)


def _late(rest: str, query: str) -> Behaviour:
    milliseconds, _, further = rest.partition("/")
    return Late(int(milliseconds) / 1000, behaviour_in(f"/{further}{query}"))


_PARSERS: dict[str, Callable[[str, str], Behaviour | None]] = {
    "status": _status,
    "body": _body,
    "redirect": _redirect,
    "redirect-loop": _redirect_loop,
    "reset": lambda _rest, _query: Reset(),
    "half": lambda _rest, _query: HalfClose(),
    "late": _late,
}
