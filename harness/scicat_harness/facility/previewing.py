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
from zlib import crc32

from scicat_harness.facility.facility import Facility
from scicat_harness.facility.file import Samples
from scicat_harness.facility.plan import PlannedCase
from scicat_harness.facility.rendering import NotRendered, Renderer
from scicat_harness.lint.words import HIDDEN, is_secret_name, without_secrets
from scicat_harness.model.effect import Channel, Effect
from scicat_harness.model.identity import CONTACT
from scicat_harness.model.request import CreateRequest
from scicat_harness.model.text import Text
from scicat_harness.oracle.rule import View

__all__ = ["Shown", "ShownEffect", "is_shown", "previewed"]

_RUN: Mapping[str, str] = {"run": "sample", "token": "sample-1", "other": "sample-0"}
_ALIAS = re.compile(
    rf"(\b{_RUN['run']}(?:/|%2F))(?:another-)?(?:own|shared|foreign|published)[\w-]*"
)
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
        if plain != self.job_type:
            # Two names may differ in such characters alone.
            plain += f"-{crc32(self.job_type.encode()):08x}"
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


def previewed(
    facility: Facility, view: View, renderer: Renderer | None, samples: Samples
) -> list[Shown]:
    """Return the cases of the actions of a facility, apart from those that must be refused.

    They are in the order of the configuration. Of equal ones the first is kept.
    """
    order = list(facility.plan.site.job_types)
    seen: dict[tuple[object, ...], Shown] = {}
    for each in _Preview(facility, view, renderer, samples).cases():
        seen.setdefault((each.job_type, each.operation, each.conditions, each.effects), each)
    return sorted(seen.values(), key=lambda each: (order.index(each.job_type), each.operation))


class _Preview:
    """The cases of a facility, predicted and shown with sample values."""

    def __init__(
        self, facility: Facility, view: View, renderer: Renderer | None, samples: Samples
    ) -> None:
        self._facility = facility
        self._sampled = _with_sample_datasets(facility, samples)
        self._view = view
        self._renderer = renderer
        pids = (f"pid_{each.replace('-', '_')}" for each in facility.plan.site.datasets)
        self._values = {
            **_RUN,
            **samples.values(),
            **dict.fromkeys(pids, f"{_RUN['run']}/dataset"),
        }

    def cases(self) -> Iterator[Shown]:
        """Yield the cases of actions in the order of the plan."""
        for case in self._facility.plan.cases:
            if case.about == "actions":
                yield from self._case(case)

    def _case(self, case: PlannedCase) -> Iterator[Shown]:
        try:
            oracle = self._sampled.oracle(case, self._view, self._renderer)
        except NotRendered as reason:
            yield self._shown(case, (), str(reason))
            return
        prediction = case.predict(oracle)
        if not prediction.written:
            return
        failed = prediction.reply.status >= 400
        reply = f"{prediction.reply.status}, {prediction.sentence}" if failed else ""
        effects = (_without_secrets(self._effect(each)) for each in prediction.effects)
        # A queue that is bound to the key gets a copy of the message, which is none of its own.
        yield self._shown(case, tuple(dict.fromkeys(effects)), reply)

    def _shown(self, case: PlannedCase, effects: tuple[ShownEffect, ...], reply: str) -> Shown:
        return Shown(
            case.request.job_type,
            str(case.operation),
            case.name,
            case.identity.name,
            tuple(self._conditions(case)),
            effects,
            reply,
        )

    def _conditions(self, case: PlannedCase) -> Iterator[str]:
        """Yield what the case needs; the sample fields of datasets are no conditions."""
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
            dataset = self._facility.plan.site.dataset(alias)
            yield from (f"dataset {key} {_plain(value)}" for key, value in dataset.fields.items())

    def _effect(self, effect: Effect) -> ShownEffect:
        content = {key: self._filled(value) for key, value in effect.content.items()}
        match effect.channel:
            case Channel.EMAIL:
                names = ("to", "from", "reply_to")
                lines = tuple((name, content[name]) for name in names if content[name])
                return ShownEffect("mail", content["subject"], lines, content["html"], html=True)
            case Channel.URL:
                headers = content["headers"]
                named = tuple((name, value) for name, value in headers.items() if value is not None)
                address = _address(effect.content["path"], content["path"], self._facility)
                heading = f"{content['method']} {address}"
                return ShownEffect("call", heading, named, content["body"] or "")
            case Channel.AMQP:
                heading = f"{content['exchange']} with key {content['key']}"
                return ShownEffect("message", heading, (), "the job as JSON")
            case Channel.LOG:
                return ShownEffect("log", content["text"])
            case _:
                named = tuple((key, str(value)) for key, value in content.items() if key != "kind")
                return ShownEffect(str(content["kind"]), "", named)

    def _filled(self, value: Any) -> Any:
        """Return a value of an effect with the sample values in all its texts."""
        if isinstance(value, Text):
            unjudged = value.unjudged
            if unjudged:
                # So that a snapshot notices a template that changes.
                return (
                    f"(not known here: {unjudged}; template {crc32(value.template.encode()):08x})"
                )
            return self._text(value.means)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self._filled(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return ", ".join(str(self._filled(each)) for each in value)
        return value

    def _text(self, text: str) -> str:
        """Return a text with the sample values, and datasets with short names.

        The alias of a dataset names all fields that a case needs.
        """
        filled = Template(text).safe_substitute(self._values)
        # Updates are of jobs that the plan makes, with this contact.
        filled = filled.replace(CONTACT, self._values["contact"])
        return _ALIAS.sub(lambda found: f"{found[1]}dataset", filled)


def _with_sample_datasets(facility: Facility, samples: Samples) -> Facility:
    """Return a facility whose datasets have the sample fields, too; those of the plan win."""
    site = facility.plan.site
    datasets = {
        alias: replace(each, fields={**samples.dataset, **each.fields})
        for alias, each in site.datasets.items()
    }
    return replace(facility, plan=replace(facility.plan, site=replace(site, datasets=datasets)))


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


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


def _address(path: Any, shown: str, facility: Facility) -> str:
    """Return the address of a call as it is without the redirection to the sink."""
    origin = facility.redirected.origins.get(path.template) if isinstance(path, Text) else None
    if origin is None:
        return shown
    # Without an origin the path is the whole address.
    return f"{origin}{shown}" if origin else shown.removeprefix("/")
