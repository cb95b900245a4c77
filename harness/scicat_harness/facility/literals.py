"""Secrets that stand in a job configuration itself, which no report may show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import assert_never

from scicat_harness.lint.words import is_secret_name
from scicat_harness.model.action import (
    Email,
    Error,
    Foreign,
    Log,
    Rabbitmq,
    Switch,
    Url,
    Validate,
    unfolded,
)
from scicat_harness.model.jobtype import JobType

__all__ = ["secrets_in"]

_QUERY = re.compile(r"[?&](?P<name>[\w.-]+)=(?P<value>[^&#\s{}]+)")
_PAIR = re.compile(r'"(?P<name>[\w.-]+)"\s*:\s*"(?P<value>[^"{}]+)"')
_SCHEME = re.compile(r"^(?:Bearer|Basic)\s+", re.IGNORECASE)


def secrets_in(job_types: Iterable[JobType]) -> Iterator[str]:
    """Yield the literal secrets of calls: of headers, of query parameters, and of bodies in JSON.

    A template is no secret: it names the variable that holds one.
    """
    for job_type in job_types:
        for action in unfolded(job_type.actions):
            match action:
                case Url():
                    yield from _of_a_call(action)
                case Log() | Email() | Rabbitmq() | Validate() | Error() | Switch() | Foreign():
                    pass
                case _:
                    assert_never(action)


def _of_a_call(action: Url) -> Iterator[str]:
    for name, text in action.headers.items():
        if is_secret_name(name) and "{{" not in text.template:
            yield _SCHEME.sub("", text.template.strip())
    body = action.body.template if action.body is not None else ""
    for pattern, searched in ((_QUERY, action.url.template), (_PAIR, body)):
        for found in pattern.finditer(searched):
            if is_secret_name(found["name"]):
                yield found["value"]
