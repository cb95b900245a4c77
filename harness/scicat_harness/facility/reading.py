"""Reading a facility's job configuration into job types whose actions can be predicted.

Every text is kept as a template. Its value depends on a request, and is found by
``scicat_harness.facility.rendering``. Sources: documentation page jobconfig.md; observed v5.2.1
for keys that the backend ignores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from scicat_harness.errors import UsageFault
from scicat_harness.extension.installed import Probes
from scicat_harness.facility.foreign import foreign
from scicat_harness.model.action import (
    Action,
    Email,
    Error,
    Log,
    Rabbitmq,
    Switch,
    SwitchCase,
    Url,
    Validate,
)
from scicat_harness.model.jobtype import JobType
from scicat_harness.model.option import Phase
from scicat_harness.model.text import Text, plain

__all__ = ["FacilityConfig", "read_types"]

Json = Mapping[str, Any]
_NO_PROBES = Probes()
BodyOf = Callable[[str, str], str]
"""Returns the content of a body file by its name and its key; raises UsageFault without one."""


@dataclass(frozen=True, slots=True)
class FacilityConfig:
    """The content of a job configuration.

    ``unknown`` maps each job type with an action that cannot be judged to a phrase about it.
    """

    version: str
    job_types: tuple[JobType, ...]
    unknown: Mapping[str, str] = field(default_factory=dict)


def read_types(
    document: Any, source: str, body_of: BodyOf, probes: Probes = _NO_PROBES
) -> FacilityConfig:
    """Return the job types of a parsed configuration.

    An action type of a plugin needs a probe; without one its job type is ``unknown``. Raises
    UsageFault with file, key and value for anything with which no backend starts.
    """
    if not isinstance(document, dict) or not isinstance(document.get("jobs"), list):
        raise UsageFault(
            f"{source}: is not an object with a list 'jobs'; run scicat-harness lint for the fix"
        )
    version = document.get("configVersion")
    if not isinstance(version, str):
        fix = "quote it" if version is not None else "add one, such as configVersion: 'v1'"
        found = f"must be text, found {version!r}" if version is not None else "is missing"
        raise UsageFault(f"{source}: configVersion: {found}; {fix}")
    reader = _Reader(source, body_of, probes)
    types = tuple(
        reader.job_type(entry, f"jobs.{number}") for number, entry in enumerate(document["jobs"])
    )
    return FacilityConfig(version, types, reader.unknown)


class _Reader:
    def __init__(self, source: str, body_of: BodyOf, probes: Probes) -> None:
        self._source = source
        self._probes = probes
        self._body_of = body_of
        self._type = ""
        self.unknown: dict[str, str] = {}

    def job_type(self, entry: Any, at: str) -> JobType:
        if not isinstance(entry, dict) or not isinstance(entry.get("jobType"), str):
            self._refuse(at, "an entry needs a 'jobType', a text", entry)
        self._type = entry["jobType"]
        create, on_create = self._operation(entry, "create", at)
        update, on_update = self._operation(entry, "update", at)
        return JobType(self._type, create, update, on_create, on_update)

    def _operation(self, entry: Json, name: str, at: str) -> tuple[str | None, tuple[Action, ...]]:
        found = entry.get(name)
        # The loader needs both sections, even if they are empty.
        if not isinstance(found, dict):
            self._refuse(f"{at}.{name}", f"job type {self._type!r} has no {name!r} section", found)
        auth = found.get("auth")
        if auth is not None and not isinstance(auth, str):
            self._refuse(f"{at}.{name}.auth", "must be text", auth)
        return auth, self._actions(found.get("actions") or [], f"{at}.{name}.actions")

    def _actions(self, entries: Any, at: str) -> tuple[Action, ...]:
        if not isinstance(entries, list):
            self._refuse(at, "must be a list", entries)
        read = (self._action(each, f"{at}.{number}") for number, each in enumerate(entries))
        return tuple(each for each in read if each is not None)

    def _action(self, entry: Any, at: str) -> Action | None:
        kind = entry.get("actionType") if isinstance(entry, dict) else None
        readers: dict[Any, Callable[[Json, str], Action]] = {
            "log": self._log,
            "email": self._email,
            "url": self._url,
            "rabbitmq": self._rabbitmq,
            "validate": self._validate,
            "error": self._error,
            "switch": self._switch,
        }
        if kind not in readers and isinstance(kind, str) and self._probes.find(kind) is not None:
            options = {name: value for name, value in entry.items() if name != "actionType"}
            return foreign(kind, options)
        # The other actions of the job type are read all the same, for the table of permissions.
        if kind not in readers:
            self.unknown[self._type] = f"action {kind!r}, for which no probe is installed ({at})"
            return None
        return readers[kind](entry, at)

    def _log(self, entry: Json, at: str) -> Action:
        init = entry.get("init")
        texts = {
            # Until it is rendered it counts as a line: one without a text would write nothing.
            name: plain(self._text(entry, name, at)) if name in entry else None
            for name in ("validate", "perform")
        }
        return Log(**texts, init=init if isinstance(init, str) else None)

    def _email(self, entry: Json, at: str) -> Action:
        file = self._text(entry, "bodyTemplateFile", at)
        ignore = entry.get("ignoreErrors")
        sender = entry.get("from")
        return Email(
            to=Text(self._text(entry, "to", at)),
            subject=Text(self._text(entry, "subject", at)),
            body=Text(self._body_of(file, at)),
            sender=sender if isinstance(sender, str) else None,
            ignore_errors=bool(ignore) if ignore is not None else None,
        )

    def _url(self, entry: Json, at: str) -> Action:
        headers = entry.get("headers") or {}
        ignore = entry.get("ignoreErrors")
        # Without a method the backend uses GET; the model keeps that apart from a given one.
        return Url(
            url=Text(self._text(entry, "url", at)),
            method=entry.get("method"),
            headers={str(name): Text(str(value)) for name, value in headers.items()},
            body=Text(self._text(entry, "body", at)) if entry.get("body") is not None else None,
            ignore_errors=bool(ignore) if ignore is not None else None,
        )

    def _rabbitmq(self, entry: Json, at: str) -> Action:
        exchange, queue, key = (self._text(entry, n, at) for n in ("exchange", "queue", "key"))
        return Rabbitmq(exchange, queue, key)

    def _validate(self, entry: Json, at: str) -> Action:
        # requests is in examples of the documentation, and ignored (specification:
        # action.validate).
        sections = {name: entry.get(name) for name in ("request", "datasets", "requests")}
        for name, section in sections.items():
            if section is not None and not isinstance(section, dict):
                self._refuse(f"{at}.{name}", "must map paths to schemas", section)
        request, datasets, requests = sections.values()
        return Validate(request or {}, datasets, requests)

    def _error(self, entry: Json, at: str) -> Action:
        status = entry.get("status")
        # A bool is an int in Python.
        if status is not None and (isinstance(status, bool) or not isinstance(status, int)):
            self._refuse(f"{at}.status", "must be a whole number", status)
        return Error(Text(self._text(entry, "message", at)), status)

    def _switch(self, entry: Json, at: str) -> Action:
        phase = entry.get("phase")
        if phase not in tuple(Phase):
            self._refuse(f"{at}.phase", f"must be one of {', '.join(Phase)}", phase)
        cases = entry.get("cases")
        if not isinstance(cases, list):
            self._refuse(f"{at}.cases", "must be a list", cases)
        read = (self._case(each, f"{at}.cases.{number}") for number, each in enumerate(cases))
        return Switch(Phase(phase), self._text(entry, "property", at), tuple(read))

    def _case(self, entry: Any, at: str) -> SwitchCase:
        if not isinstance(entry, dict):
            self._refuse(at, "must be an object", entry)
        return SwitchCase(
            self._actions(entry.get("actions") or [], f"{at}.actions"),
            match=entry.get("match"),
            regex=entry.get("regex"),
            schema=entry.get("schema"),
            # match: null is a condition, and no match is the default case.
            is_match="match" in entry,
        )

    def _text(self, entry: Json, name: str, at: str) -> str:
        value = entry.get(name)
        if not isinstance(value, str):
            self._refuse(f"{at}.{name}", "must be text", value)
        return value

    def _refuse(self, at: str, what: str, value: object) -> NoReturn:
        shown = repr(value)
        shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
        raise UsageFault(
            f"{self._source}: {at}: {what}; found {shown}. No backend starts with it; run "
            "scicat-harness lint for the message and the fix"
        )
