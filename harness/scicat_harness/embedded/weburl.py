"""URLs in the form of Node's ``URL``, in which they are sent.

See specification: action.url. Dot segments are resolved, encoded ones too. Scheme and host are in
lower case, a default port is left out, and characters not allowed in path and query are encoded.
"""

import re
from urllib.parse import quote, urlsplit, urlunsplit

__all__ = ["normalised"]

_PORTS = {"http": 80, "https": 443}
# Not encoded by Node: % among them, so an encoded text stays as it is.
_PATH_SAFE = "!$%&'()*+,-./:;=@[\\]^_|~"
_QUERY_SAFE = "!$%&()*+,-./:;=?@[\\]^_`{|}~"
_DOT = re.compile(r"%2e", re.IGNORECASE)


def normalised(url: str) -> str:
    """Return the normalised form of an http or https URL, any other text unchanged.

    Example: ``HTTP://Host:80/a/../b c`` becomes ``http://host/b%20c``.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        return url
    before, hash_, fragment = url.partition("#")
    head, mark, query = before.partition("?")
    # Node takes a backslash before the query for a slash.
    parts = urlsplit(head.replace("\\", "/"))
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != _PORTS[parts.scheme]:
        host = f"{host}:{parts.port}"
    path = quote(_resolved(parts.path), safe=_PATH_SAFE, errors="replace")
    query = quote(query, safe=_QUERY_SAFE, errors="replace") if mark else ""
    return urlunsplit((parts.scheme, host, path, query, fragment if hash_ else ""))


def _resolved(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:] or [""]
    for position, segment in enumerate(segments):
        plain = _DOT.sub(".", segment)
        last = position == len(segments) - 1
        if plain == "..":
            del kept[-1:]
        if plain not in (".", ".."):
            kept.append(segment)
        elif last:
            # A path that ends in a dot segment names a folder, and keeps its slash.
            kept.append("")
    return "/" + "/".join(kept)
