"""Redirection: the same job configuration, with every call sent to our sink.

Mails and messages need no change: the environment of a twin names our mail server and broker. The
address of a ``url`` action is part of the configuration, so its scheme and host are replaced, and
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from scicat_harness.config.startup import SINK_VARIABLE
from scicat_harness.model.action import Action, Switch, Url
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.text import Text

__all__ = ["Redirected", "redirect"]

# A host with a template in it is no literal: only a request decides where it leads.
_LITERAL = re.compile(r"^(?P<host>https?://[^/?#{}\s]+)(?P<rest>.*)$", re.DOTALL | re.IGNORECASE)
_FROM_ENV = re.compile(r"^\s*\{\{\{?\s*env\.(?P<name>\w+)\s*\}\}\}?(?P<rest>.*)$", re.DOTALL)
_SINK = f"{{{{{{env.{SINK_VARIABLE}}}}}}}"


@dataclass(slots=True)
class Redirected:
    """The redirected job types, and the changes as ``(job type, was, now)``.

    ``beyond`` maps job types with an address whose host is unknown before a request to the reason.
    """

    job_types: tuple[JobType, ...] = ()
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    beyond: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    """Scheme and host of each changed address, by what it is now."""


def redirect(job_types: tuple[JobType, ...], env: Mapping[str, str]) -> Redirected:
    """Return the job types with every call sent to the sink.

    ``env`` is the environment of the facility, in which an address may be. An address that is made
    of a request is replaced as a whole::

        https://archiver.example.org/api?id={{job.id}}
        {{{env.SCICAT_HARNESS_SINK}}}/api?id={{job.id}}
    """
    made = Redirected()
    made.job_types = tuple(
        replace(
            each,
            on_create=_actions(each.on_create, each.name, env, made),
            on_update=_actions(each.on_update, each.name, env, made),
        )
        for each in job_types
    )
    return made


def _actions(
    actions: tuple[Action, ...], job_type: str, env: Mapping[str, str], made: Redirected
) -> tuple[Action, ...]:
    return tuple(_action(each, job_type, env, made) for each in actions)


def _action(action: Action, job_type: str, env: Mapping[str, str], made: Redirected) -> Action:
    if isinstance(action, Switch):
        cases = tuple(
            replace(case, actions=_actions(case.actions, job_type, env, made))
            for case in action.cases
        )
        return replace(action, cases=cases)
    if not isinstance(action, Url):
        return action
    was = action.url.template
    now = _address(was, env)
    if now is None:
        made.beyond[job_type] = (
            f"the host of {was!r} is known only once a request has been made"
            if _FROM_ENV.match(was) is None
            else f"the host of {was!r} is in a variable that --env does not name"
        )
        # No request can lead a call anywhere else.
        now = _SINK
    made.origins[now] = _origin_of(was, env)
    if (job_type, was, now) not in made.changes:
        made.changes.append((job_type, was, now))
    return replace(action, url=Text(now))


def _address(template: str, env: Mapping[str, str]) -> str | None:
    literal = _LITERAL.match(template)
    if literal is not None:
        return _SINK + literal["rest"]
    named = _FROM_ENV.match(template)
    if named is None:
        return None
    value = env.get(named["name"])
    # Only an address with a host is replaced; its path and query stay as they are.
    found = urlsplit(value) if value else None
    if found is None or found.scheme not in ("http", "https") or not found.netloc:
        return None
    query = f"?{found.query}" if found.query else ""
    return f"{_SINK}{found.path}{query}{named['rest']}"


def _origin_of(template: str, env: Mapping[str, str]) -> str:
    """Return scheme and host of an address as it was configured, or an empty text."""
    literal = _LITERAL.match(template)
    if literal is not None:
        return literal["host"]
    named = _FROM_ENV.match(template)
    found = urlsplit(env.get(named["name"], "") if named is not None else "")
    return f"{found.scheme}://{found.netloc}" if found.netloc else ""
