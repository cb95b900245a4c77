"""Calls and broken templates in the perform phase: facts and results.

Source: specification: action.url, actions.failures.
"""

from __future__ import annotations

from scicat_harness.model.action import Url
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.text import Text
from scicat_harness.oracle.action_result import ActFacts, ActionResult, failing
from scicat_harness.oracle.answers import ReplyPattern

__all__ = [
    "address_fails",
    "broken_line",
    "broken_text",
    "broken_url",
    "call_fails",
    "call_refused",
    "called",
    "called_in_vain",
    "line_fails",
    "remote_refusal",
    "terse_refusal",
    "unreachable",
]


def broken_line(facts: ActFacts) -> ActionResult:
    """Return the failure of a log action: the line is not written, the error is the reply."""
    assert facts.text is not None
    return failing(facts, facts.text.fails or "")


def broken_text(facts: ActFacts) -> ActionResult:
    """Return the failure of the first text that cannot be rendered."""
    assert facts.broken is not None
    return failing(facts, facts.broken.fails or "")


def _calls(facts: ActFacts) -> tuple[Effect, ...]:
    action = facts.action
    assert isinstance(action, Url)
    # Without a listener there is no effect, whatever the reply says.
    if not action.target.reached or _is_get_with_body(action):
        return ()
    content = {
        "method": action.method or "GET",
        "path": action.url,
        "headers": {"content-type": _content_type(action), **action.headers},
        "body": action.body or Text("", ""),
    }
    # A redirect causes a further request, which arrives at the sink as an effect of its own.
    first = Effect(Channel.URL, content, "actions.perform.url.calls")
    hops = (
        Effect(Channel.URL, {"method": "GET", "path": Text(hop, hop)}, "actions.perform.url.calls")
        for hop in action.target.hops
    )
    return (first, *hops)


def _content_type(action: Url) -> str | None:
    """Return the content type of a call: configured, or that of fetch; None without a body."""
    own = next((text for name, text in action.headers.items() if _is_type(name)), None)
    if own is not None:
        return own.means
    return None if action.body is None else "text/plain;charset=UTF-8"


def _is_type(name: str) -> bool:
    return name.lower() == "content-type"


def called(facts: ActFacts) -> ActionResult:
    """Return the calls, without an error."""
    return ActionResult(_calls(facts))


def called_in_vain(facts: ActFacts) -> ActionResult:
    """Return the calls without an error, although they failed."""
    return ActionResult(_calls(facts), notable=True)


def unreachable(facts: ActFacts) -> ActionResult:
    """Return the calls, with the error of fetch as the reply."""
    assert isinstance(facts.action, Url)
    failed = failing(facts, _failure(facts.action) or "")
    return ActionResult(_calls(facts), failed.reply, notable=True)


def remote_refusal(facts: ActFacts) -> ActionResult:
    """Return the calls, with remote status and remote body as the reply."""
    return _relayed(facts, "A remote URL call failed with response")


def terse_refusal(facts: ActFacts) -> ActionResult:
    """Return the same result with the text of releases before v4.25.0."""
    return _relayed(facts, "Got response")


def _relayed(facts: ActFacts, lead: str) -> ActionResult:
    assert isinstance(facts.action, Url)
    target = facts.action.target
    text = f"{lead}: {target.body}"
    # A reply with status 304 (not modified) has no body, so there is no message.
    reply = ReplyPattern(target.status, None if target.status == 304 else text)
    return ActionResult(_calls(facts), reply, notable=True)


def broken_url(facts: ActFacts) -> ActionResult:
    """Return the failure of an address that cannot be rendered; nothing is called."""
    assert isinstance(facts.action, Url)
    return failing(facts, facts.action.url.fails or "")


def line_fails(facts: ActFacts) -> bool:
    """Return whether the text of a log action cannot be rendered."""
    return facts.text is not None and facts.text.fails is not None


def address_fails(facts: ActFacts) -> bool:
    """Return whether the address of a url action cannot be rendered."""
    return isinstance(facts.action, Url) and facts.action.url.fails is not None


def call_fails(facts: ActFacts) -> bool:
    """Return whether a call gets no response."""
    return isinstance(facts.action, Url) and _failure(facts.action) is not None


def _failure(action: Url) -> str | None:
    """Return the error of fetch, as a pattern, or None for a call that gets a response."""
    if _is_get_with_body(action):
        return r"TypeError: Request with GET/HEAD method cannot have body\."
    return action.target.failure


def _is_get_with_body(action: Url) -> bool:
    # Without a method a call is a GET.
    return (action.method or "GET") == "GET" and bool(action.body and action.body.template)


def call_refused(facts: ActFacts) -> bool:
    """Return whether a call gets no response, or one without a status of success."""
    return isinstance(facts.action, Url) and not facts.action.target.succeeds
