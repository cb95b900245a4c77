"""An HTTP client that behaves like ``fetch`` of Node.

See specification: action.url, for headers, redirects and error messages. Variables of the
environment, such as those of proxies, have no effect.
"""

import asyncio
import base64
import re
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, unquote_to_bytes, urljoin, urlsplit

import h11

from scicat_harness.embedded.failures import Thrown
from scicat_harness.embedded.weburl import normalised

__all__ = ["Fetched", "OutgoingCall", "encode_uri", "fetch"]

_URI_SAFE = ";,/?:@&=+$-_.!~*'()#"
# The limits of fetch in Node; the real backend sets none of its own.
_MOST_REDIRECTS = 20
_CONNECT_SECONDS = 10.0
_REPLY_SECONDS = 300.0
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FORBIDDEN = re.compile(r"[\x00-\x20#%/<>?@\\^|\x7f]")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LATIN_1_END = 255
# Dropped when a redirect turns the request into a GET without a body.
_BODY_HEADERS = frozenset({"content-encoding", "content-language", "content-location",
                           "content-type", "content-length"})  # fmt: skip
# Dropped when a redirect leads to another origin.
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "host"})


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """A request to send; ``follows`` is False to return a redirect as the reply."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    follows: bool = True

    @classmethod
    def of(
        cls, url: str, method: str, headers: Mapping[str, str], body: str | None
    ) -> "OutgoingCall":
        """Return a checked request with a normalised URL.

        Raises Thrown ``TypeError`` for a URL that cannot be parsed or holds credentials, a header
        that HTTP does not allow, and GET with a body.
        """
        # In the order of fetch: headers, address, body. Only the first error is reported.
        checked = tuple((name, _header_value(name, value)) for name, value in headers.items())
        _check_address(url)
        if method == "GET" and body is not None:
            raise Thrown("Request with GET/HEAD method cannot have body.", "TypeError")
        return cls(normalised(url), method, checked, body)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A reply; ``text`` is None if the connection broke within the body."""

    status: int
    text: str | None
    location: str | None = None


def encode_uri(text: str) -> str:
    """Return ``encodeURI(text)``; raise Thrown ``URIError`` for half a surrogate pair.

    A ``%`` is encoded, too: what is encoded already is encoded twice.
    """
    try:
        return quote(text, safe=_URI_SAFE)
    except UnicodeEncodeError:
        raise Thrown("URI malformed", "URIError") from None


async def fetch(request: OutgoingCall) -> Fetched:
    """Send a request, follow up to 20 redirects, and return the last reply.

    Raises Thrown ``TypeError: fetch failed`` if there is no reply, whatever the reason.
    """
    failed = Thrown("fetch failed", "TypeError")
    for _ in range(_MOST_REDIRECTS + 1):
        if request.url.lower().startswith("data:"):
            return _data(request.url)
        try:
            async with asyncio.timeout(_REPLY_SECONDS):
                reply = await _exchange(request)
        except (OSError, h11.ProtocolError, TimeoutError, EOFError):
            raise failed from None
        if reply.location is None or not request.follows:
            return reply
        request = _redirected(request, reply)
        if urlsplit(request.url).scheme not in (*_PORTS, "data"):
            raise failed
    raise failed


def _header_value(name: str, value: str) -> str:
    # Header values are bytes: fetch refuses letters beyond Latin-1 before anything else.
    for index, letter in enumerate(value):
        if ord(letter) > _LATIN_1_END:
            raise Thrown(
                "Cannot convert argument to a ByteString because the character at index"
                f" {index} has a value of {ord(letter)} which is greater than 255.",
                "TypeError",
            )
    trimmed = value.strip(" \t\r\n")
    if not _NAME.fullmatch(name):
        raise Thrown(f'Headers.append: "{name}" is an invalid header name.', "TypeError")
    if re.search(r"[\0\r\n]", trimmed):
        raise Thrown(f'Headers.append: "{trimmed}" is an invalid header value.', "TypeError")
    return trimmed


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme not in _PORTS or (_is_host(parts.hostname) and parts.port != -1)
    except ValueError:
        known = False
    if not known or not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", url):
        raise Thrown(f"Failed to parse URL from {url}", "TypeError")
    if parts.scheme in _PORTS and parts.username is not None:
        raise Thrown(
            f"Request cannot be constructed from a URL that includes credentials: {url}",
            "TypeError",
        )
    if parts.scheme not in (*_PORTS, "data"):
        raise Thrown("fetch failed", "TypeError")


def _is_host(host: str | None) -> bool:
    """Return whether a host has only characters that the URL standard allows, once decoded."""
    return bool(host) and not _FORBIDDEN.search(unquote(host or ""))


def _data(url: str) -> Fetched:
    # fetch also reads data: URLs, without any connection.
    head, comma, content = url.partition("#")[0][len("data:") :].partition(",")
    if not comma:
        raise Thrown("fetch failed", "TypeError")
    raw = unquote_to_bytes(content)
    try:
        if head.lower().endswith(";base64"):
            # The padding is optional there.
            raw = base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except ValueError:
        raise Thrown("fetch failed", "TypeError") from None
    return Fetched(200, raw.decode("utf-8", errors="replace"))


def _redirected(request: OutgoingCall, reply: Fetched) -> OutgoingCall:
    url = normalised(urljoin(request.url, reply.location or ""))
    # PUT and DELETE keep their method with 301 and 302; 307 and 308 keep everything.
    to_get = (reply.status in (301, 302) and request.method == "POST") or (
        reply.status == 303 and request.method != "GET"
    )
    dropped = _BODY_HEADERS if to_get else frozenset()
    if urlsplit(url)[:2] != urlsplit(request.url)[:2]:
        dropped |= _SECRET_HEADERS
    headers = tuple(pair for pair in request.headers if pair[0].lower() not in dropped)
    if to_get:
        return replace(request, url=url, method="GET", headers=headers, body=None)
    return replace(request, url=url, headers=headers)


async def _exchange(request: OutgoingCall) -> Fetched:
    parts = urlsplit(request.url)
    port = parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context() if parts.scheme == "https" else None
    async with asyncio.timeout(_CONNECT_SECONDS):
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    try:
        connection = h11.Connection(h11.CLIENT)
        writer.write(_written(connection, request))
        await writer.drain()
        return await _read_reply(connection, reader)
    finally:
        writer.close()


def _written(connection: h11.Connection, request: OutgoingCall) -> bytes:
    parts = urlsplit(request.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    raw = b"" if request.body is None else request.body.encode("utf-8", errors="replace")
    given = {name.lower() for name, _ in request.headers}
    headers = [("host", parts.netloc.rpartition("@")[2]), ("connection", "keep-alive")]
    headers += [(name, value) for name, value in request.headers if name.lower() != "host"]
    if request.body is not None and "content-type" not in given:
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    for name, value in (
        ("accept", "*/*"),
        ("accept-language", "*"),
        ("sec-fetch-mode", "cors"),
        ("user-agent", "node"),
        ("accept-encoding", "gzip, deflate"),
    ):
        if name not in given:
            headers.append((name, value))
    # A configured length could contradict the rendered body.
    if request.body is not None or request.method in ("POST", "PUT"):
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        headers.append(("content-length", str(len(raw))))
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    head = h11.Request(method=request.method, target=target, headers=encoded)
    pieces = [connection.send(head)]
    if raw:
        pieces.append(connection.send(h11.Data(data=raw)))
    pieces.append(connection.send(h11.EndOfMessage()))
    return b"".join(piece for piece in pieces if piece)


async def _read_reply(connection: h11.Connection, reader: asyncio.StreamReader) -> Fetched:
    head: h11.Response | None = None
    chunks: list[bytes] = []
    try:
        while True:
            event = connection.next_event()
            match event:
                case h11.NEED_DATA:
                    connection.receive_data(await reader.read(65536))
                case h11.Response():
                    head = event
                case h11.Data():
                    chunks.append(bytes(event.data))
                case h11.EndOfMessage() if head is not None:
                    return _fetched(head, b"".join(chunks))
                case h11.ConnectionClosed() | h11.PAUSED:
                    raise EOFError
                case _:
                    continue
    except (OSError, h11.ProtocolError, EOFError):
        # With a status there is a reply, though its body is incomplete (action.url).
        if head is None:
            raise
        return _fetched(head, None)


def _fetched(head: h11.Response, raw: bytes | None) -> Fetched:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    location = headers.get("location") if head.status_code in _REDIRECTS else None
    text = None
    if raw is not None:
        try:
            raw = _decoded(raw, headers.get("content-encoding", ""))
            # As ``Response.text()``: UTF-8 whatever the charset, without a byte order mark.
            text = raw.decode("utf-8", errors="replace").removeprefix("\ufeff")
        except zlib.error:
            text = None
    return Fetched(head.status_code, text, location)


def _decoded(raw: bytes, codings: str) -> bytes:
    for coding in reversed(codings.lower().split(",")):
        if coding.strip() in ("gzip", "x-gzip", "deflate"):
            # 32: detect a gzip or zlib header.
            raw = zlib.decompress(raw, zlib.MAX_WBITS | 32)
    return raw
