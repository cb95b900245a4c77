"""Redirection: the same job configuration, with every call sent to our sink.

Mails and messages need no change: the environment of a twin names our mail server and broker. The
address of a ``url`` action is part of the configuration, so its scheme and host are replaced, and
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never
from urllib.parse import urlsplit

from scicat_harness.config.startup import SINK_VARIABLE
from scicat_harness.model.action import (
    Action,
    Email,
    Error,
    Foreign,
    Log,
    Rabbitmq,
    Switch,
    Url,
    Validate,
)
from scicat_harness.model.address import error_of_fetch
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.remote import Target
from scicat_harness.model.text import Text

__all__ = ["Redirected", "redirect"]

# Scheme and authority up to the first template or the path. What stands in a template of a request
# is no part of it.
_BEGIN = re.compile(r"^\s*(?P<origin>https?://[^/?#{}\s]*)(?P<rest>.*)$", re.DOTALL | re.IGNORECASE)
_ENV = re.compile(r"\{\{\{?\s*env\.(?P<name>\w+)\s*\}\}\}?")
_MOST_VARIABLES = 20
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

    ``env`` is the environment of the facility, in which an address may be. One whose host is made
    of a request becomes the path::

        https://archiver.example.org/api?id={{job.id}}
        {{{env.SCICAT_HARNESS_SINK}}}/api?id={{job.id}}
        {{{job.jobParams.callback}}}?id={{job.id}}
        {{{env.SCICAT_HARNESS_SINK}}}/{{{job.jobParams.callback}}}?id={{job.id}}
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
    # Every type of action has to be here: one that is forgotten would reach real systems.
    match action:
        case Url():
            return _call(action, job_type, env, made)
        case Switch():
            cases = tuple(
                replace(case, actions=_actions(case.actions, job_type, env, made))
                for case in action.cases
            )
            return replace(action, cases=cases)
        # Their servers are named by the environment of the twin.
        case Email() | Rabbitmq() | Foreign():
            return action
        case Log() | Validate() | Error():
            return action
        case _:
            assert_never(action)


def _call(action: Url, job_type: str, env: Mapping[str, str], made: Redirected) -> Url:
    was = action.url.template
    error = error_of_fetch(_with_variables(was, env))
    if error is not None:
        # It reaches nobody, so it may stay as it is.
        return replace(action, target=Target(failure=error, reached=False))
    found = _split(was, env)
    if found is None and _is_in_unknown_variable(was, env):
        made.beyond[job_type] = f"the host of {was!r} is in a variable that --env does not name"
    # Where a request decides about the host, the whole address is seen as the path of a call.
    origin, rest = found or ("", f"/{was.strip()}")
    now = _SINK + rest
    made.origins[now] = origin
    if (job_type, was, now) not in made.changes:
        made.changes.append((job_type, was, now))
    return replace(action, url=Text(now))


def _is_in_unknown_variable(address: str, env: Mapping[str, str]) -> bool:
    unknown = any(not env.get(each["name"]) for each in _ENV.finditer(address))
    return unknown or _ENV.match(address.lstrip()) is not None


def _with_variables(template: str, env: Mapping[str, str]) -> str:
    """Return an address with the values of the variables up to its path, as far as they are set."""
    text = template
    for _ in range(_MOST_VARIABLES):
        begin = _BEGIN.match(text)
        rest = text.lstrip() if begin is None else begin["rest"]
        named = _ENV.match(rest)
        value = env.get(named["name"]) if named is not None else None
        if named is None or not value:
            break
        text = f"{begin['origin'] if begin is not None else ''}{value}{rest[named.end() :]}"
    return text


def _split(template: str, env: Mapping[str, str]) -> tuple[str, str] | None:
    """Return scheme and authority of an address, and the rest of it; None if they are not known.

    Variables of the environment count up to the path; the rest stays as it is::

        https://{{{env.HOST}}}:8443/api?id={{job.id}}
        ("https://archiver.example.org:8443", "/api?id={{job.id}}")
    """
    text = _with_variables(template, env)
    begin = _BEGIN.match(text)
    if _ENV.match(text.lstrip() if begin is None else begin["rest"]):
        return None
    if begin is None or not urlsplit(begin["origin"]).netloc:
        return None
    # A template behind a port, a name or a point goes on with the authority.
    if begin["rest"].startswith("{") and begin["origin"].endswith((":", "@", ".", "-")):
        return None
    return begin["origin"], begin["rest"]
