"""Rendering of ``{{path}}`` and ``{{{path}}}``: the smallest useful part of Handlebars.

Reads sections 7.2 to 7.4. Of the helpers only ``jsonify`` exists; a template that needs another
documented helper, a block or a partial is refused when the backend starts. Syntax errors and
unknown helpers show at the first use, as they do in the real backend.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.embedded.failures import BootFailure
from harness.embedded.javascript import as_text, stringify

__all__ = ["Opaque", "Template", "TemplateFailure"]

_TAG = re.compile(r"\{\{\{(?P<raw>[^{}]*)\}\}\}|\{\{(?P<escaped>[^{}]*)\}\}")
_PATH = re.compile(r"(?:@root[./])?(?:this|\.|[\w$-]+|\[[^\]]*\])(?:[./](?:[\w$-]+|\[[^\]]*\]))*")
_SEGMENT = re.compile(r"\[([^\]]*)\]|([@\w$-]+)")
_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#x27;",
        "`": "&#x60;",
        "=": "&#x3D;",
    }
)
_DOCUMENTED_HELPERS_TEXT = """
unwrapJSON keyToWord eq or and not concat matches default job_v3 urlencode base64enc base64dec
formatUnit if unless each with lookup log
"""
_DOCUMENTED_HELPERS = frozenset(_DOCUMENTED_HELPERS_TEXT.split())


class TemplateFailure(Exception):
    """A template cannot be rendered; the text is what the real backend's error says."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value whose members cannot be seen, as a database document in a template."""

    value: object


@dataclass(frozen=True, slots=True)
class Template:
    """One template text; nothing is parsed before it is rendered."""

    text: str

    def refuse_unsupported(self) -> None:
        """Raise BootFailure if the template needs more than this module renders."""
        for tag in _TAG.finditer(self.text):
            words = _expression(tag).split()
            name = words[0] if words else ""
            beyond = name[:1] in "#/^>&*" if name else False
            if beyond or name == "else" or (len(words) > 1 and name in _DOCUMENTED_HELPERS):
                raise BootFailure(
                    f"Error: the embedded backend renders only paths and jsonify, not '{tag[0]}'"
                )

    def render(self, context: Mapping[str, Any]) -> str:
        """The text with every tag replaced; raises TemplateFailure."""
        rest = _TAG.sub("", self.text)
        if "{{" in rest:
            line = self.text[: self.text.rindex("{{")].count("\n") + 1
            raise TemplateFailure(f"Parse error on line {line}: {self.text}")
        return _TAG.sub(lambda tag: _rendered(tag, context), self.text)


def _expression(tag: re.Match[str]) -> str:
    raw = tag["raw"]
    return (raw if raw is not None else tag["escaped"]).strip().strip("~").strip()


def _rendered(tag: re.Match[str], context: Mapping[str, Any]) -> str:
    expression = _expression(tag)
    if expression.startswith("!"):
        return ""
    text = _evaluated(expression, context)
    return text if tag["raw"] is not None else text.translate(_ENTITIES)


def _evaluated(expression: str, context: Mapping[str, Any]) -> str:
    name, *arguments = expression.split()[:3] or [""]
    if arguments:
        if name != "jsonify":
            raise TemplateFailure(f'Missing helper: "{name}"')
        value = _resolved(arguments[0], context)
        value = value.value if isinstance(value, Opaque) else value
        return stringify(value, indent=3)
    value = _resolved(name, context)
    return "" if value is None or isinstance(value, Opaque) else as_text(value)


def _resolved(path: str, context: Mapping[str, Any]) -> object:
    if not _PATH.fullmatch(path):
        raise TemplateFailure(f"Parse error on line 1: {path}")
    value: object = context
    for bracketed, plain in _SEGMENT.findall(path):
        name = bracketed or plain
        if name not in ("this", "@root"):
            value = _member(value, name)
    return value


def _member(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list):
        if name == "length":
            return len(value)
        return value[int(name)] if name.isdecimal() and int(name) < len(value) else None
    return None
