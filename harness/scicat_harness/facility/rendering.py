"""Rendering: the texts of a job type's templates for one request.

The renderer, which is passed in, is handlebars.js itself with the backend's helpers written anew.
A value that only a run knows (the correlation, ids, times, pids) is a marker in the context, and a
name such as ``$token`` in the result. Each template is rendered twice, with markers of two kinds:
if the texts differ in more than the markers, the result depends on such values in another way, for
example on their length, and the text is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses
from typing import Any, Protocol, assert_never
from urllib.parse import quote, urljoin

from scicat_harness.config.startup import SINK_VARIABLE
from scicat_harness.extension.installed import Probes
from scicat_harness.extension.probe import Contexts
from scicat_harness.facility.foreign import predicted
from scicat_harness.javascript.values import Concealed
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
from scicat_harness.model.remote import MailServer
from scicat_harness.model.text import Text, date_text

__all__ = ["Contexts", "NotRendered", "Renderer", "RenderingFailure", "render_actions"]

Json = Mapping[str, Any]
# Letters only, so that escaping and encoding leave them alone; of two lengths.
_MARKER_KINDS = ("zqa", "zqqqb")
_TIME = re.compile(r"\$(created_at|updated_at|time_\w+)")
"""The names of times, which are ``Date`` objects to a template."""
_UNKNOWN = "${unknown}"
_NAME = re.compile(r"\$(\w+)")
_PID = "pid_"
"""The names of pids begin with it; a pid is the name of the run, a slash, and the alias."""
_MOMENTS: dict[str, dict[str, datetime]] = {kind: {} for kind in _MARKER_KINDS}
"""The dates that stand for times, by kind and name."""
_FORMS: dict[str, list[tuple[str, str]]] = {kind: [] for kind in _MARKER_KINDS}
"""Their forms in texts, by kind, each with the name of the value in that form."""
_URI_KEPT = "-_.!~*'();/?:@&=+$,#"
_TEMPLATE = re.compile(r"\{\{")
_SINK_PLACE = "http://sink.invalid"
_LATIN_1_END = 255
_NO_BYTES = (
    r"TypeError: Cannot convert argument to a ByteString because the character at index \d+ has a "
    r"value of \d+ which is greater than 255\."
)


class RenderingFailure(Exception):
    """A template cannot be rendered; ``name`` and ``text`` are those of the JavaScript error."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name
        self.text = text


class NotRendered(Exception):
    """A template fails with the known values, and may not fail with those of the backend."""


class Renderer(Protocol):
    """The protocol of a renderer of templates."""

    def render(self, template: str, context: Json) -> str:
        """Return the rendered text; raises RenderingFailure for an error of the template."""

    def unknown(self, template: str, *, whole_environment: bool = False) -> str:
        """Return a phrase about a value that only the backend's context has, or "".

        With ``whole_environment`` all variables of the backend are known.
        """


_NO_PROBES = Probes()


def render_actions(
    actions: tuple[Action, ...],
    contexts: Contexts,
    renderer: Renderer | None,
    probes: Probes = _NO_PROBES,
    *,
    whole_environment: bool = False,
) -> tuple[Action, ...]:
    """Return the actions with every template rendered for one request.

    The effects of a plugin's action are predicted by its probe. Without a renderer a text with
    braces is unjudged. Raises NotRendered if a template fails because of an unknown value.
    """
    rendering = _Rendering(contexts, renderer, probes, whole_environment=whole_environment)
    return tuple(rendering.action(each) for each in actions)


class _Rendering:
    def __init__(
        self,
        contexts: Contexts,
        renderer: Renderer | None,
        probes: Probes,
        *,
        whole_environment: bool,
    ) -> None:
        self._whole_environment = whole_environment
        # A call goes there; only what stands behind it arrives.
        self._sink = str(contexts.perform.get("env", {}).get(SINK_VARIABLE, _SINK_PLACE))
        self._renderer = renderer
        self._probes = probes
        self._contexts = contexts
        self._before = [_marked(contexts.validate, kind) for kind in _MARKER_KINDS]
        self._after = [_marked(contexts.perform, kind) for kind in _MARKER_KINDS]

    def action(self, action: Action) -> Action:
        match action:
            case Log():
                return replace(
                    action,
                    validate=self._optional(action.validate, self._before),
                    perform=self._optional(action.perform, self._after),
                )
            case Error():
                message = _without_times(self._text(action.message, self._before))
                return replace(action, message=message)
            case Email():
                return self._email(action)
            case Url():
                return self._url(action)
            case Foreign():
                return self._foreign(action)
            case Switch():
                cases = tuple(
                    replace(case, actions=tuple(self.action(each) for each in case.actions))
                    for case in action.cases
                )
                return replace(action, cases=cases)
            # Names of exchanges and queues are no templates.
            case Rabbitmq() | Validate():
                return action
            case _:
                assert_never(action)

    def _url(self, action: Url) -> Url:
        headers = {
            name: _as_bytes(self._text(text, self._after)) for name, text in action.headers.items()
        }
        return replace(
            action,
            url=self._text(action.url, self._after, self._as_sent),
            headers=headers,
            body=self._optional(action.body, self._after),
        )

    def _foreign(self, action: Foreign) -> Foreign:
        probe = self._probes.find(action.kind)
        assert probe is not None, action.kind
        return predicted(
            action, probe, self._contexts, lambda text: self._text(Text(text), self._after)
        )

    def _email(self, action: Email) -> Email:
        to = self._text(action.to, self._after, _recipients)
        # A mail without a recipient is refused like one to a server that refuses all: it is only
        # logged (specification: action.email).
        lost = to.fails is None and not to.unjudged and not to.means
        return replace(
            action,
            to=to,
            subject=self._text(action.subject, self._after, _header),
            # A mail on its way may gain or lose line ends at its end.
            body=self._text(action.body, self._after, lambda text: text.rstrip("\n")),
            server=MailServer.REFUSES if lost else action.server,
        )

    def _as_sent(self, url: str) -> str:
        """Return path and query of an address as sent: encoded as a whole, without a fragment.

        Specification: action.url.
        """
        encoded = quote(url, safe=_URI_KEPT)
        path, mark, query = encoded.removeprefix(self._sink).partition("#")[0].partition("?")
        path = path if path.startswith("/") else f"/{path}"
        # Segments of dots are resolved before the address is called.
        path = urljoin(_SINK_PLACE, path).removeprefix(_SINK_PLACE) if "/." in path else path
        return f"{path}{mark}{query}"

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
            # The first line only: the rest of a syntax error quotes the template.
            shown = re.escape(f"{failure.name}: {failure.text}".splitlines()[0])
            return replace(text, fails=f"{shown}[\\s\\S]*".replace("$", "$$"))
        except _NoRenderer as reason:
            return replace(text, unjudged=str(reason))
        if unknown := self._unknown(text):
            return replace(text, unjudged=unknown)
        if len(meanings) > 1:
            return replace(text, unjudged="it depends on values that only the run knows")
        (meaning,) = meanings
        if _UNKNOWN in meaning:
            return replace(text, unjudged="it shows a value that only the backend computes")
        return replace(text, means=meaning)

    def _unknown(self, text: Text) -> str:
        if self._renderer is None:
            return ""
        return self._renderer.unknown(text.template, whole_environment=self._whole_environment)

    def _rendered(self, template: str, context: Json) -> str:
        # A text without braces needs no engine.
        if _TEMPLATE.search(template) is None:
            return template
        if self._renderer is None:
            raise _NoRenderer("handlebars.js is not available to render it")
        return self._renderer.render(template, context)


def _as_bytes(text: Text) -> Text:
    """Return a header; one with letters beyond Latin-1 fails the call."""
    if all(ord(letter) <= _LATIN_1_END for letter in text.means):
        return text
    return replace(text, fails=_NO_BYTES)


def _without_times(text: Text) -> Text:
    """Return a text of a reply; one with a time of a dataset is not judged."""
    if "${time_" in text.means or "text_time_" in text.means:
        return replace(text, means="", unjudged="it shows a time that only the run knows")
    return text


class _NoRenderer(Exception):
    """No renderer is available."""


def _marked(value: Any, kind: str) -> Any:
    """Return the context with each ``$name`` as a marker that survives escaping and encoding."""
    if isinstance(value, Concealed):
        return Concealed(_marked(value.value, kind))
    if isinstance(value, str) and (time := _TIME.fullmatch(value)):
        return _moment(time[1], kind)
    if isinstance(value, str):
        return _NAME.sub(lambda found: _marker(found[1], kind), value)
    if isinstance(value, Mapping):
        return {key: _marked(each, kind) for key, each in value.items()}
    return [_marked(each, kind) for each in value] if isinstance(value, list | tuple) else value


def _marker(name: str, kind: str) -> str:
    """Return the marker of a name, and of a pid the marker of the run with a slash and the alias.

    Encoding a pid changes its slash. Two markers that touch stay apart, as the end of one is its
    beginning reversed.
    """
    if name.startswith(_PID):
        return f"{_marker('run', kind)}/{name.removeprefix(_PID).replace('_', '-')}"
    return f"{kind}{name.replace('_', 'QU')}{kind[::-1]}"


def _moment(name: str, kind: str) -> datetime:
    """Return the date that stands for a time: another one for each name, and for each kind.

    In a text its ISO form is recognised, and the one that JavaScript has for a date in UTC.
    """
    known = _MOMENTS[kind]
    if name not in known:
        moment = datetime(_year(kind), 3, 4, 5, 6, 7, 8000, UTC) + timedelta(seconds=len(known))
        known[name] = moment
        iso = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = date_text(iso)
        # As a text, and in an address. In another time zone than UTC neither is found.
        _FORMS[kind] += [
            (iso, name),
            (text, f"text_{name}"),
            (quote(text, safe=_URI_KEPT), f"quoted_text_{name}"),
        ]
    return known[name]


def _year(kind: str) -> int:
    return 2001 + _MARKER_KINDS.index(kind)


def _named(text: str, kind: str) -> str:
    """Return a rendered text with ``${name}`` in the place of each marker."""
    marker = re.compile(f"{kind}(\\w+?){kind[::-1]}")
    # Dollars of the text itself are escaped before names are put in.
    literal = text.replace("$", "$$")
    # Most texts have no time.
    if str(_year(kind)) in literal:
        for form, name in _FORMS[kind]:
            literal = literal.replace(form, f"${{{name}}}")
    return marker.sub(lambda found: f"${{{found[1].replace('QU', '_')}}}", literal)


def _recipients(text: str) -> str:
    """Return the addresses of a recipient list, each once, separated by commas.

    The backend splits at commas and semicolons (specification: action.email).
    """
    found = (address for _, address in getaddresses([text.replace(";", ",")]))
    return ",".join(dict.fromkeys(each for each in found if "@" in each))


def _header(text: str) -> str:
    """Return a text on one line, as a reader gets it back from a header."""
    line = re.sub(r"\s*\r?\n\s*", " ", text)
    # A text with other characters is encoded as a whole, its blanks included.
    return line.strip() if line.isascii() else line


SINK_IN_CONTEXT = {SINK_VARIABLE: _SINK_PLACE}
"""The address of the sink in contexts whose environment is not known."""
