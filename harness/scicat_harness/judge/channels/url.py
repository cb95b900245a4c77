"""URL calls: the expected headers must be there; others belong to the HTTP client.

See specification: action.url.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scicat_harness.judge.channels.channel import ChannelRules, Content, block, one_line
from scicat_harness.judge.channels.headers import HIDDEN_HEADERS, OF_THE_CLIENT, SECRET_HEADERS
from scicat_harness.model.difference import Difference
from scicat_harness.model.effect import Channel
from scicat_harness.sinks.arrival import Arrival

__all__ = ["UrlRules", "body_of"]


class UrlRules(ChannelRules):
    """Rules of the url channel; names of headers are compared in lower case."""

    channel = Channel.URL
    lane = "awaited"
    keys = ("method", "path", "headers", "body")

    def content(self, arrival: Arrival) -> dict[str, Any]:
        """Return the call; its ``path`` includes the query."""
        content = arrival.content
        # As on the wire: templates write both in one text.
        query = content.get("query")
        path = content["path"] + (f"?{query}" if query else "")
        headers = {name.lower(): value for name, value in content["headers"]}
        return {**content, "path": path, "headers": headers}

    def wanted(self, content: Content) -> Content:
        """Return the expected content with the headers as the client sends them.

        It writes names in lower case, and values without white space at their ends.
        """
        if "headers" not in content:
            return content
        headers = {k.lower(): _trimmed(value) for k, value in content["headers"].items()}
        return {**content, "headers": headers}

    def key_differences(
        self, key: str, wanted: Any, found: Any, content: Content
    ) -> Iterator[Difference]:
        """Compare headers one by one, with paths ``headers.NAME``."""
        if key != "headers":
            yield from super().key_differences(key, wanted, found, content)
            return
        shown = found or {}
        # Headers that are not expected are not compared: the client adds some of its own.
        for name, value in (wanted or {}).items():
            if shown.get(name) != value:
                yield Difference(f"headers.{name}", value, shown.get(name))

    def surplus(self, wanted: Content, found: Content) -> Iterator[Difference]:
        """Yield headers that neither the configuration nor the client of a release adds."""
        configured = wanted.get("headers", {})
        # Of a facility's action it may be unknown which headers it has.
        if not isinstance(configured, Mapping):
            return
        usual = OF_THE_CLIENT | {name.lower() for name in configured} | {"content-type"}
        for name, value in found["headers"].items():
            if name not in usual:
                yield Difference(f"headers.{name}", None, value)

    def recorded(self, content: Content) -> dict[str, Any]:
        """Keep the call without headers of the HTTP client, and without secrets.

        Those headers belong to the client of a release, not to the action.
        """
        kept = super().recorded(self.wanted(content))
        if isinstance(content.get("headers"), dict):
            kept["headers"] = {
                name: "***" if name in SECRET_HEADERS else value
                for name, value in sorted(self.wanted(content)["headers"].items())
                if name not in OF_THE_CLIENT
            }
        return kept

    def line(self, arrival: Arrival) -> str:
        """Return method and path with the query."""
        content = arrival.content
        query = f"?{content['query']}" if content.get("query") else ""
        return f"url {content['method']} {content['path']}{query}"

    def in_full(self, arrival: Arrival) -> Iterator[str]:
        """Yield method, path, status, headers and body; values of secret headers are masked."""
        content = arrival.content
        status = content.get("status")
        answered = "no answer" if status is None else f"answered {status}"
        yield f"{self.line(arrival)}, {answered}"
        for name, value in content["headers"]:
            if name.lower() not in HIDDEN_HEADERS:
                shown = "***" if name.lower() in SECRET_HEADERS else one_line(value)
                yield f"  {name}: {shown}"
        yield from block("body", body_of(content))


def body_of(content: Content) -> str | None:
    """Return the body as text, or as base64 if it is not text."""
    if content.get("body_base64"):
        return f"(base64) {content['body_base64']}"
    body: str | None = content.get("body")
    return body


def _trimmed(value: Any) -> Any:
    return value.strip(" \t\r\n") if isinstance(value, str) else value
