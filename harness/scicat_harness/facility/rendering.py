"""Rendering: what the templates of a job type come to for one request.

The engine is handlebars.js itself, with the backend's helpers written down anew; it is handed in.
What only a run knows (the correlation, ids, times, pids) stands in the context as a marker, and
comes out as a name such as ``$token``. Each template is rendered twice, with markers of two kinds:
where the texts differ in more than the markers, what is rendered depends on values that nobody
can tell before, and the text is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import getaddresses
from typing import Any, Protocol
from urllib.parse import quote

from scicat_harness.config.startup import SINK_VARIABLE
from scicat_harness.extension.installed import Probes
from scicat_harness.extension.probe import Contexts
from scicat_harness.facility.foreign import predicted
from scicat_harness.model.action import (
    Action,
    Email,
    Error,
    Foreign,
    Log,
    MailServer,
    Switch,
    Url,
)
from scicat_harness.model.text import Text

__all__ = ["HIDDEN", "Contexts", "NotRendered", "Renderer", "RenderingFailure", "render_actions"]

Json = Mapping[str, Any]
_MARKER_KINDS = ("zqa", "zqqqb")
_TIMES: Mapping[str, tuple[datetime, ...]] = {
    name: tuple(datetime(2001 + kind, 3, 4, 5, 6, second, 7000, UTC) for kind in range(2))
    for name, second in (("created_at", 7), ("updated_at", 8))
}
"""Dates are dates to a template: only their ISO form can be told from the text."""
HIDDEN = "$hidden"
"""A value that shows only where the whole is shown that it is in."""
_NAME = re.compile(r"\$(\w+)")
_URI_KEPT = "-_.!~*'();/?:@&=+$,#"
_TEMPLATE = re.compile(r"\{\{")
_SINK_PLACE = "http://sink.invalid"


class RenderingFailure(Exception):
    """A template that cannot be rendered: ``name`` of the error, and its text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name
        self.text = text


class NotRendered(Exception):
    """Whether a template can be rendered hangs on what only the backend knows."""


class Renderer(Protocol):
    """Renders templates as the backend does."""

    def render(self, template: str, context: Json) -> str:
        """The text, or TemplateFailure."""

    def unknown(self, template: str) -> str:
        """What it shows that no context has, though the backend's has it; "" for nothing."""


_NO_PROBES = Probes()


def render_actions(
    actions: tuple[Action, ...],
    contexts: Contexts,
    renderer: Renderer | None,
    probes: Probes = _NO_PROBES,
) -> tuple[Action, ...]:
    """The same actions with every text meaning something for this request.

    What an action of a plugin does is said by its probe.
    """
    maker = _Maker(contexts, renderer, probes)
    return tuple(maker.action(each) for each in actions)


class _Maker:
    def __init__(self, contexts: Contexts, renderer: Renderer | None, probes: Probes) -> None:
        self._renderer = renderer
        self._probes = probes
        self._contexts = contexts
        self._before = [_marked(contexts.validate, kind) for kind in _MARKER_KINDS]
        self._after = [_marked(contexts.perform, kind) for kind in _MARKER_KINDS]

    def action(self, action: Action) -> Action:
        if isinstance(action, Log):
            return replace(
                action,
                validate=self._optional(action.validate, self._before),
                perform=self._optional(action.perform, self._after),
            )
        if isinstance(action, Error):
            return replace(action, message=self._text(action.message, self._before))
        if isinstance(action, Email):
            return self._email(action)
        if isinstance(action, Url):
            headers = {name: self._text(text, self._after) for name, text in action.headers.items()}
            return replace(
                action,
                url=self._text(action.url, self._after, _travelling),
                headers=headers,
                body=self._optional(action.body, self._after),
            )
        if isinstance(action, Foreign):
            probe = self._probes.find(action.kind)
            assert probe is not None, action.kind
            return predicted(
                action, probe, self._contexts, lambda text: self._text(Text(text), self._after)
            )
        if isinstance(action, Switch):
            cases = tuple(
                replace(case, actions=tuple(self.action(each) for each in case.actions))
                for case in action.cases
            )
            return replace(action, cases=cases)
        return action

    def _email(self, action: Email) -> Email:
        to = self._text(action.to, self._after, _recipients)
        lost = to.fails is None and not to.unjudged and not to.means
        return replace(
            action,
            to=to,
            subject=self._text(action.subject, self._after, _header),
            body=self._text(action.body, self._after, lambda text: text.rstrip("\n")),
            server=MailServer.REFUSES if lost else action.server,
        )

    def _optional(self, text: Text | None, contexts: list[Json]) -> Text | None:
        return self._text(text, contexts) if text is not None else None

    def _text(
        self,
        text: Text,
        contexts: list[Json],
        shape: Callable[[str], str] = lambda text: text,
    ) -> Text:
        try:
            meanings = {
                _named(shape(self._rendered(text.template, context)), kind)
                for kind, context in zip(_MARKER_KINDS, contexts, strict=True)
            }
        except RenderingFailure as failure:
            if unknown := self._unknown(text):
                raise NotRendered(f"a template fails or not: {unknown}") from None
            shown = re.escape(f"{failure.name}: {failure.text}".splitlines()[0])
            return replace(text, fails=f"{shown}[\\s\\S]*".replace("$", "$$"))
        except _NotHere as reason:
            return replace(text, unjudged=str(reason))
        if unknown := self._unknown(text):
            return replace(text, unjudged=unknown)
        if len(meanings) > 1:
            return replace(text, unjudged="it is made of values that only the run knows")
        return replace(text, means=meanings.pop())

    def _unknown(self, text: Text) -> str:
        return self._renderer.unknown(text.template) if self._renderer is not None else ""

    def _rendered(self, template: str, context: Json) -> str:
        if _TEMPLATE.search(template) is None:
            return template
        if self._renderer is None:
            raise _NotHere("handlebars.js is not here to say what it comes to")
        return self._renderer.render(template, context)


class _NotHere(Exception):
    """Nothing here can render a template."""


def _marked(value: Any, kind: str) -> Any:
    """The context with ``$name`` as markers that survive escaping and encoding."""
    if value == HIDDEN:
        return kind
    if isinstance(value, str) and value[1:] in _TIMES and value[0] == "$":
        return _TIMES[value[1:]][_MARKER_KINDS.index(kind)]
    if isinstance(value, str):
        return _NAME.sub(lambda found: f"{kind}{found[1].replace('_', 'QU')}{kind[::-1]}", value)
    if isinstance(value, Mapping):
        return {key: _marked(each, kind) for key, each in value.items()}
    return [_marked(each, kind) for each in value] if isinstance(value, list | tuple) else value


def _named(text: str, kind: str) -> str:
    """A rendered text with names in the places of its markers."""
    marker = re.compile(f"{kind}(\\w+?){kind[::-1]}")
    literal = text.replace("$", "$$")
    for name, moments in _TIMES.items():
        moment = moments[_MARKER_KINDS.index(kind)]
        iso = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        literal = literal.replace(iso, f"${{{name}}}")
    return marker.sub(lambda found: f"${{{found[1].replace('QU', '_')}}}", literal)


def _travelling(url: str) -> str:
    """Path and query of an address as they travel: encoded as a whole, cut at the ``#``."""
    encoded = quote(url, safe=_URI_KEPT)
    path = encoded.removeprefix(_SINK_PLACE).partition("#")[0]
    return path if path.startswith("/") else f"/{path}"


def _recipients(text: str) -> str:
    """The addresses of a list, separated by commas."""
    found = (address for _, address in getaddresses([text.replace(";", ",")]))
    return ",".join(dict.fromkeys(each for each in found if "@" in each))


def _header(text: str) -> str:
    """A text as it is read back from a header: on one line."""
    return re.sub(r"\s*\r?\n\s*", " ", text).strip()


SINK_IN_CONTEXT = {SINK_VARIABLE: _SINK_PLACE}
"""How contexts name the sink, so that its address can be told from the path."""
