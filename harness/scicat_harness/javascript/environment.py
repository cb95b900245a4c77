"""What Node and npm get of our environment: what they need to run, and no secret.

The libraries that Node runs, and whatever npm asks on the way, are not ours.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

__all__ = ["node_environment", "npm_environment"]

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
_OF_NPM = frozenset(
    {
        *("HOME", "PATH", "TMPDIR", "LANG", "LC_ALL", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "PREFIX"),
        *_PROXIES,
        *(each.lower() for each in _PROXIES),
    }
)


def node_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """For Node, which asks nobody anything."""
    return {"PATH": environment.get("PATH", ""), "LC_ALL": "C.UTF-8"}


def npm_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """For npm: where it is and keeps things, its own settings, proxies and certificates."""
    return {
        name: value
        for name, value in environment.items()
        if name in _OF_NPM or name.lower().startswith("npm_config_")
    }
