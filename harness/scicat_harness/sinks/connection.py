"""One kept connection to the control API, by http.client; failures are EnvironmentFaults.

It is used a few times per batch of checks, by one thread: a plain connection takes a fifth of the
time of a session of a larger library. Requests leave in one piece without Nagle's delays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

from scicat_harness.errors import EnvironmentFault

__all__ = ["ControlConnection", "Lifeline"]

_REPLY_DEADLINE = 15.0


class ControlConnection:
    """A connection to the control API, made at first use; it belongs to one thread.

    Methods return the HTTP status and the JSON body. They raise EnvironmentFault for a status of
    400 or more, except 408, with which a wait in vain is answered.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._connection = _connection(base_url)

    def get(
        self, path: str, query: Mapping[str, object], *, waits: float = 0.0
    ) -> tuple[int, dict[str, Any]]:
        """Send GET; ``waits`` are seconds for the reply in addition to the usual 15 s.

        Fields of ``query`` that are None are left out.
        """
        given = {name: value for name, value in query.items() if value is not None}
        return self._ask("GET", f"{path}?{urlencode(given)}", None, waits)

    def post(
        self, path: str, data: Mapping[str, Any], *, waits: float = 0.0
    ) -> tuple[int, dict[str, Any]]:
        """Send POST with JSON; ``waits`` as in ``get``."""
        return self._ask("POST", path, json.dumps(data).encode(), waits)

    def delete(self, path: str) -> tuple[int, dict[str, Any]]:
        """Send DELETE."""
        return self._ask("DELETE", path, None, 0.0)

    def close(self) -> None:
        """Close it; safe to call twice. The next request opens it again."""
        self._connection.close()

    def _ask(
        self, method: str, target: str, body: bytes | None, waits: float
    ) -> tuple[int, dict[str, Any]]:
        self._grant(_REPLY_DEADLINE + waits)
        try:
            self._connection.request(method, target, body, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, HTTPException) as error:
            # A late reply must not be read as that to the next request.
            self._connection.close()
            raise _silent(self._base_url, method, target, error) from None
        return response.status, _data(response.status, text, f"{method} {target}")

    def _grant(self, seconds: float) -> None:
        # ``timeout`` holds for a connection that is still to be made, settimeout for an open one.
        self._connection.timeout = seconds
        if self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)


class Lifeline:
    """A connection that is only kept open: when it breaks, the behaviours of this client end.

    ``client`` is the name that the sinks gave it. The operating system closes the connection
    however this process ends, so that no behaviour outlives it.
    """

    def __init__(self, base_url: str) -> None:
        self._connection = _connection(base_url)
        self._connection.timeout = _REPLY_DEADLINE
        try:
            self._connection.request("POST", "/clients", b"{}")
            self._response: HTTPResponse = self._connection.getresponse()
            # The reply has one line and does not end.
            line = self._response.readline()
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise _silent(base_url, "POST", "/clients", error) from None
        self.client: str = _data(self._response.status, line, "POST /clients")["client"]

    def close(self) -> None:
        """Close the connection; safe to call twice."""
        self._response.close()
        self._connection.close()


def _connection(base_url: str) -> HTTPConnection:
    parts = urlsplit(base_url)
    return HTTPConnection(parts.hostname or "", parts.port)


def _data(status: int, text: bytes, question: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        reply = text[:200].decode(errors="replace")
        raise EnvironmentFault(f"the sinks answered {question} with status {status}: {reply}")
    if status >= 400 and status != 408:
        reason = data.get("error", text[:200].decode(errors="replace"))
        raise EnvironmentFault(str(reason))
    return data


def _silent(base_url: str, method: str, target: str, error: Exception) -> EnvironmentFault:
    # Without the query, which is long and has correlations only.
    path = target.partition("?")[0]
    return EnvironmentFault(
        f"the sinks at {base_url} did not answer {method} {path} ({type(error).__name__}: "
        f"{error}); have they ended? Look into sinks.log beside the journal"
    )
