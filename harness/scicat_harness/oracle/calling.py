"""Calls and broken templates: what comes of them in the perform phase, and the facts of them."""

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
    """The line is not written, and the client told of the error."""
    assert facts.text is not None
    return failing(facts, facts.text.fails or "")


def broken_text(facts: ActFacts) -> ActionResult:
    """The first text that fails is told."""
    assert facts.broken is not None
    return failing(facts, facts.broken.fails or "")


def _calls(facts: ActFacts) -> tuple[Effect, ...]:
    action = facts.action
    assert isinstance(action, Url)
    if not action.target.reached:
        return ()
    content = {
        "method": action.method or "GET",
        "path": action.url,
        "headers": {"content-type": _usual_type(action), **action.headers},
        "body": action.body or Text("", ""),
    }
    first = Effect(Channel.URL, content, "actions.perform.url.calls")
    hops = (
        Effect(Channel.URL, {"method": "GET", "path": Text(hop, hop)}, "actions.perform.url.calls")
        for hop in action.target.hops
    )
    return (first, *hops)


def _usual_type(action: Url) -> str | None:
    """What a body is called when the action does not say it; None: the header is not there."""
    own = next((text for name, text in action.headers.items() if _is_type(name)), None)
    if own is not None:
        return own.means
    return None if action.body is None else "text/plain;charset=UTF-8"


def _is_type(name: str) -> bool:
    return name.lower() == "content-type"


def called(facts: ActFacts) -> ActionResult:
    """The calls, and nothing to tell."""
    return ActionResult(_calls(facts))


def called_in_vain(facts: ActFacts) -> ActionResult:
    """The calls; what came of them changes nothing."""
    return ActionResult(_calls(facts), notable=True)


def unreachable(facts: ActFacts) -> ActionResult:
    """The calls, and the error they end with."""
    assert isinstance(facts.action, Url)
    told = failing(facts, facts.action.target.failure or "")
    return ActionResult(_calls(facts), told.told, notable=True)


def remote_refusal(facts: ActFacts) -> ActionResult:
    """The calls, and the remote status with the remote body."""
    return _handed_on(facts, "A remote URL call failed with response")


def terse_refusal(facts: ActFacts) -> ActionResult:
    """The same in the words of older releases."""
    return _handed_on(facts, "Got response")


def _handed_on(facts: ActFacts, words: str) -> ActionResult:
    assert isinstance(facts.action, Url)
    target = facts.action.target
    text = f"{words}: {target.body}"
    # A reply of "not modified" has no body to say it in.
    told = ReplyPattern(target.status, None if target.status == 304 else text)
    return ActionResult(_calls(facts), told, notable=True)


def broken_url(facts: ActFacts) -> ActionResult:
    """The error in the address is told; nothing is called."""
    assert isinstance(facts.action, Url)
    return failing(facts, facts.action.url.fails or "")


def line_fails(facts: ActFacts) -> bool:
    """Whether the text of a log action fails."""
    return facts.text is not None and facts.text.fails is not None


def address_fails(facts: ActFacts) -> bool:
    """Whether the address of a call fails."""
    return isinstance(facts.action, Url) and facts.action.url.fails is not None


def call_fails(facts: ActFacts) -> bool:
    """Whether a call gets no answer."""
    return isinstance(facts.action, Url) and facts.action.target.failure is not None


def call_refused(facts: ActFacts) -> bool:
    """Whether a call is answered with anything but success."""
    return isinstance(facts.action, Url) and not facts.action.target.succeeds
