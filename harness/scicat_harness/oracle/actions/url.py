"""Rules of url actions: the expected calls, and the reply if one fails.

Sources: specification: action.url, actions.failures; documentation page jobconfig.md for the
options; observed v5.2.1 and older releases for failures; backend pull requests 2271 and 2281.
"""

from __future__ import annotations

from typing import Any

from scicat_harness.model.action import Url
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.release import CALL_ERRORS_IGNORED, PERFORM_ERRORS_REPORTED, ReleaseRange
from scicat_harness.model.remote import Hop
from scicat_harness.model.text import Text
from scicat_harness.oracle.actions.result import (
    ActFacts,
    ActionResult,
    ActionRules,
    ActRule,
    ActTable,
    failing,
)
from scicat_harness.oracle.actions.shared import BROKEN, IGNORED_FAILURE, LATER, SWALLOWED
from scicat_harness.oracle.answers import ReplyPattern
from scicat_harness.oracle.rule import Reading, Rule, RuleTable

__all__ = ["URL"]

_DOCS = "documentation: jobconfig.md"
_SEEN = "observed v5.2.1"


def _calls(action: Url) -> tuple[Effect, ...]:
    # Without a listener there is no effect, whatever the reply says.
    if not action.target.reached or _is_get_with_body(action):
        return ()
    content = {
        "method": action.method or "GET",
        "path": action.url,
        "headers": {"content-type": _content_type(action), **_sent_headers(action)},
        "body": action.body or Text("", ""),
    }
    # A redirect causes a further request, which arrives at the sink as an effect of its own.
    contents = (content, *(_followed(action, hop) for hop in action.target.hops))
    return tuple(Effect(Channel.URL, each, "actions.perform.url.calls") for each in contents)


def _followed(action: Url, hop: Hop) -> dict[str, Any]:
    return {
        "method": hop.method,
        "path": Text(hop.path, hop.path),
        "headers": {
            "content-type": _content_type(action) if hop.body else None,
            **{name: action.headers[name] for name in hop.headers},
        },
        "body": (action.body if hop.body else None) or Text("", ""),
    }


def _content_type(action: Url) -> str | None:
    """Return the content type of a call: configured, or that of fetch; None without a body."""
    own = next((text for name, text in action.headers.items() if _is_type(name)), None)
    if own is not None:
        return own.means
    # An empty body of the configuration is none.
    has_body = action.body is not None and action.body.template
    return "text/plain;charset=UTF-8" if has_body else None


def _sent_headers(action: Url) -> dict[str, Text]:
    # The client sets the host itself (observed v5.2.1).
    return {name: text for name, text in action.headers.items() if name.lower() != "host"}


def _is_type(name: str) -> bool:
    return name.lower() == "content-type"


def _in_vain(facts: ActFacts[Url]) -> ActionResult:
    # The calls without an error, although they failed.
    return ActionResult(_calls(facts.action), notable=True)


def _unreachable(facts: ActFacts[Url]) -> ActionResult:
    # The calls, with the error of fetch as the reply.
    failed = failing(facts, _failure(facts.action) or "")
    return ActionResult(_calls(facts.action), failed.reply, notable=True)


def _relayed(facts: ActFacts[Url], lead: str) -> ActionResult:
    """Return the calls, with remote status and remote body as the reply."""
    target = facts.action.target
    # A reply with status 304 (not modified) has no body, so there is no message.
    reply = ReplyPattern(target.status, None if target.status == 304 else f"{lead}: {target.body}")
    return ActionResult(_calls(facts.action), reply, notable=True)


def _broken_part(facts: ActFacts[Url]) -> str | None:
    """Return the error of the first header that cannot be rendered, or that of the body."""
    texts = (*facts.action.headers.values(), facts.action.body)
    return next((each.fails for each in texts if each is not None and each.fails is not None), None)


def _address_fails(facts: ActFacts[Url]) -> bool:
    return facts.action.url.fails is not None


def _failure(action: Url) -> str | None:
    """Return the error of fetch, as a pattern, or None for a call that gets a response."""
    if _is_get_with_body(action):
        return r"TypeError: Request with GET/HEAD method cannot have body\."
    return action.target.failure


def _is_get_with_body(action: Url) -> bool:
    # Without a method a call is a GET.
    return (action.method or "GET") == "GET" and bool(action.body and action.body.template)


def _gets_no_response(facts: ActFacts[Url]) -> bool:
    return _failure(facts.action) is not None


def _is_refused(facts: ActFacts[Url]) -> bool:
    # Also without a response.
    return not facts.action.target.succeeds


# The rules that only older releases have come first, because the later ones would apply as well.
_EARLIER: tuple[ActRule[Url], ...] = (
    # First, because a template that fails prevents the call altogether.
    SWALLOWED,
    Rule(
        "actions.perform.url.swallowed",
        "a call without an answer changes nothing: the next action runs",
        "observed v4.20.2",
        _gets_no_response,
        _in_vain,
        ReleaseRange(until=PERFORM_ERRORS_REPORTED),
        Reading.OBSERVED,
    ),
    # Before v4.26.0 ``ignoreErrors`` covers the remote status alone. These two are reached by
    # v4.25.x only: before, the rules above swallow the error in any case.
    Rule(
        "actions.perform.url.broken-not-ignored",
        "ignoreErrors covers the remote status alone: a template that fails fails the action",
        "observed v4.25.1",
        lambda f: _broken_part(f) is not None and bool(f.action.ignore_errors),
        lambda f: failing(f, _broken_part(f) or ""),
        ReleaseRange(until=CALL_ERRORS_IGNORED),
        Reading.OBSERVED,
    ),
    Rule(
        "actions.perform.url.unreachable-not-ignored",
        "ignoreErrors covers the remote status alone: a call without an answer fails",
        "observed v4.25.1",
        lambda f: _gets_no_response(f) and bool(f.action.ignore_errors),
        _unreachable,
        ReleaseRange(until=CALL_ERRORS_IGNORED),
        Reading.OBSERVED,
    ),
    # Before v4.25.0 the text is ``Got response: BODY`` (specification: action.url).
    Rule(
        "actions.perform.url.refused-tersely",
        "a remote refusal is handed to the client with its status, though the job is stored",
        "observed v4.20.2",
        _is_refused,
        lambda f: _relayed(f, "Got response"),
        ReleaseRange(until=PERFORM_ERRORS_REPORTED),
        Reading.OBSERVED,
    ),
)

_PERFORMING: ActTable[Url] = RuleTable(
    "actions.perform.url",
    (
        *_EARLIER,
        # Addresses before other texts: ``ignoreErrors`` never covers an address (actions.failures).
        Rule(
            "actions.perform.url.broken-address",
            "an address that cannot be rendered fails the action, even with ignoreErrors",
            _SEEN,
            lambda f: _address_fails(f) and bool(f.action.ignore_errors),
            lambda f: failing(f, f.action.url.fails or ""),
            reading=Reading.OBSERVED,
        ),
        IGNORED_FAILURE,
        Rule(
            "actions.perform.url.unrenderable",
            "an address that cannot be rendered fails the action",
            _SEEN,
            _address_fails,
            lambda f: failing(f, f.action.url.fails or ""),
        ),
        BROKEN,
        Rule(
            "actions.perform.url.in-vain",
            "ignoreErrors: a call that fails or is refused changes nothing",
            _DOCS,
            lambda f: (_gets_no_response(f) or _is_refused(f)) and bool(f.action.ignore_errors),
            _in_vain,
        ),
        # A call without a response is refused as well, so this rule has to be the first of the two.
        Rule(
            "actions.perform.url.unreachable",
            "a call without an answer fails the action, though the job is stored",
            _SEEN,
            _gets_no_response,
            _unreachable,
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.perform.url.refused",
            "a remote refusal is handed to the client with its status, though the job is stored",
            _SEEN,
            _is_refused,
            lambda f: _relayed(f, "A remote URL call failed with response"),
            reading=Reading.OBSERVED,
        ),
        Rule(
            "actions.perform.url.calls",
            "a URL is called with its method, headers and body",
            _DOCS,
            lambda _: True,
            lambda f: ActionResult(_calls(f.action)),
        ),
    ),
)

URL: ActionRules[Url] = ActionRules(RuleTable("actions.validate.url", (LATER,)), _PERFORMING)
