"""What a job configuration sends: the effects of each job type, operation, status and route.

The cases are those of a plan, and the effects those that the oracle expects, with sample values in
the place of ids and times. Nothing is sent, and no backend is started.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from string import Template
from typing import Any

from scicat_harness.facility.facility import Facility
from scicat_harness.facility.plan import PlannedCase
from scicat_harness.facility.rendering import NotRendered, Renderer
from scicat_harness.lint.words import HIDDEN, is_secret_name, without_secrets
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.request import CreateRequest
from scicat_harness.model.text import Text
from scicat_harness.oracle.rule import View

__all__ = ["SAMPLES", "Shown", "ShownEffect", "is_shown", "previewed"]

SAMPLES: Mapping[str, str] = {
    "run": "sample",
    "token": "sample-1",
    "other": "sample-0",
    "id": "3c9a1f5e-7b42-4d0e-9a61-2f8d5b7c1e04",
    "created_at": "2026-01-15T09:30:00.000Z",
    "updated_at": "2026-01-15T10:05:00.000Z",
    "contact": "contact@elsewhere.example",
    "default_from": "EMAIL_FROM",
    "default_reply_to": "EMAIL_REPLYTO",
}
"""The values that only a run knows."""
_ALIAS = re.compile(rf"(\b{SAMPLES['run']}(?:/|%2F))(?:own|shared|foreign|published)[\w-]*")
_FIRST_LINE = re.compile(r"(?:create|update) .+ as .+\n {2}(?:\w+: |nothing is sent)")
_OWN_PARAMETERS = frozenset({"run", "correlation"})


@dataclass(frozen=True, slots=True)
class ShownEffect:
    """One effect: its channel, a heading, named lines, and a text of several lines.

    ``text`` is the body of a mail, call or message; ``html`` says that it is HTML.
    """

    channel: str
    heading: str
    lines: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One case: who asks for what, and what follows.

    ``conditions`` say what is special about the request, such as ``statusCode finished``.
    """

    job_type: str
    operation: str
    name: str
    who: str
    conditions: tuple[str, ...]
    effects: tuple[ShownEffect, ...]
    reply: str = ""
    """The error that the caller gets, or empty."""

    @property
    def file(self) -> str:
        """The name of its file in a snapshot."""
        plain = "".join(each if each.isalnum() or each in "-_." else "_" for each in self.job_type)
        return f"{plain}.{self.operation}.{self.name}.txt"

    def text(self) -> str:
        """Return the case as plain text, for terminals and snapshots."""
        when = ", ".join(self.conditions)
        lines = [f"{self.operation} {self.job_type} as {self.who}{': ' if when else ''}{when}"]
        lines += [f"  replied: {self.reply}"] if self.reply else []
        lines += [] if self.effects else ["  nothing is sent"]
        for effect in self.effects:
            lines.append(f"  {effect.channel}: {effect.heading}")
            lines += [f"    {name}: {value}" for name, value in effect.lines]
            lines += [f"    | {each}".rstrip() for each in effect.text.splitlines()]
        return "\n".join(lines) + "\n"


def is_shown(text: str) -> bool:
    """Return whether a text begins as ``Shown.text`` does."""
    return _FIRST_LINE.match(text) is not None


def previewed(facility: Facility, view: View, renderer: Renderer | None) -> list[Shown]:
    """Return the cases of the actions of a facility, apart from those that must be refused.

    They are in the order of the configuration. Of equal ones the first is kept.
    """
    order = list(facility.plan.site.job_types)
    seen: dict[tuple[object, ...], Shown] = {}
    for each in _each(facility, view, renderer):
        seen.setdefault((each.job_type, each.operation, each.conditions, each.effects), each)
    return sorted(seen.values(), key=lambda each: (order.index(each.job_type), each.operation))


def _each(facility: Facility, view: View, renderer: Renderer | None) -> Iterator[Shown]:
    for case in facility.plan.cases:
        if case.about != "actions":
            continue
        try:
            oracle = facility.oracle(case, view, renderer)
        except NotRendered as reason:
            yield _shown(case, (), str(reason), facility)
            continue
        prediction = case.predict(oracle)
        if not prediction.written:
            continue
        failed = prediction.reply.status >= 400
        reply = f"{prediction.reply.status}, {prediction.sentence}" if failed else ""
        effects = tuple(_without_secrets(_effect(each, facility)) for each in prediction.effects)
        # A queue that is bound to the key gets a copy of the message, which is none of its own.
        once = tuple(dict.fromkeys(effects))
        yield _shown(case, once, reply, facility)


def _shown(
    case: PlannedCase, effects: tuple[ShownEffect, ...], reply: str, facility: Facility
) -> Shown:
    return Shown(
        case.request.job_type,
        str(case.operation),
        case.name,
        case.identity.name,
        tuple(_conditions(case, facility)),
        effects,
        reply,
    )


def _conditions(case: PlannedCase, facility: Facility) -> Iterator[str]:
    request = case.request
    made = request if isinstance(request, CreateRequest) else case.made
    if not isinstance(request, CreateRequest):
        if request.status is not None:
            yield f"statusCode {request.status}"
        yield from (
            f"jobResultObject.{key} {_plain(value)}" for key, value in request.result.items()
        )
    assert made is not None
    for key, value in made.params.items():
        if key not in _OWN_PARAMETERS:
            yield f"jobParams.{key} {_plain(value)}"
    for alias in made.datasets.aliases:
        dataset = facility.plan.site.dataset(alias)
        yield from (f"dataset {key} {_plain(value)}" for key, value in dataset.fields.items())


def _sampled(text: str) -> str:
    """Return a text with the sample values, and datasets with short names.

    The alias of a dataset names all fields that a case needs.
    """
    filled = Template(text).safe_substitute(SAMPLES)
    return _ALIAS.sub(lambda found: f"{found[1]}dataset", filled)


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _effect(effect: Effect, facility: Facility) -> ShownEffect:
    content = {key: _filled(value) for key, value in effect.content.items()}
    match effect.channel:
        case Channel.EMAIL:
            lines = [(name, content[name]) for name in ("to", "from", "reply_to") if content[name]]
            return ShownEffect("mail", content["subject"], tuple(lines), content["html"], html=True)
        case Channel.URL:
            headers = content["headers"]
            named = tuple((name, value) for name, value in headers.items() if value is not None)
            origin = _origin(effect.content["path"], facility)
            heading = f"{content['method']} {origin}{content['path']}"
            return ShownEffect("call", heading, named, content["body"] or "")
        case Channel.AMQP:
            heading = f"{content['exchange']} with key {content['key']}"
            return ShownEffect("message", heading, (), "the job as JSON")
        case Channel.LOG:
            return ShownEffect("log", content["text"])
        case _:
            lines = [(key, str(value)) for key, value in content.items() if key != "kind"]
            return ShownEffect(str(content["kind"]), "", tuple(lines))


def _without_secrets(effect: ShownEffect) -> ShownEffect:
    """Return an effect without the secrets of its configuration, such as those of headers."""
    return replace(
        effect,
        heading=without_secrets(effect.heading),
        lines=tuple(
            (name, HIDDEN if is_secret_name(name) else without_secrets(value))
            for name, value in effect.lines
        ),
        text=without_secrets(effect.text),
    )


def _origin(path: Any, facility: Facility) -> str:
    """Return scheme and host of a call, which the redirection to the sink has taken away."""
    return facility.redirected.origins.get(path.template, "") if isinstance(path, Text) else ""


def _filled(value: Any) -> Any:
    if isinstance(value, Text):
        return f"(not known here: {value.unjudged})" if value.unjudged else _sampled(value.means)
    if isinstance(value, str):
        return _sampled(value)
    if isinstance(value, Mapping):
        return {key: _filled(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return ", ".join(str(_filled(each)) for each in value)
    return value
