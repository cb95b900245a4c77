"""Names of HTTP headers that reports leave out or mask."""

from __future__ import annotations

__all__ = ["HIDDEN_HEADERS", "OF_THE_CLIENT", "SECRET_HEADERS"]

HIDDEN_HEADERS = frozenset({"accept", "accept-encoding", "accept-language", "connection", "host"})
"""Headers that every call has and no configuration names."""
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})
"""Headers whose values are masked."""
OF_THE_CLIENT = HIDDEN_HEADERS | {"content-length", "sec-fetch-mode", "user-agent"}
"""Headers of the HTTP client of a release, which a record does not keep."""
