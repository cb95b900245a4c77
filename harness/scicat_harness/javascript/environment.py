"""The environment of Node and npm: the variables that they need, and no secret.

They run code of others: libraries, and templates of a configuration.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

__all__ = ["node_environment", "npm_environment"]

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
# Registries are often reached through a proxy, with a certificate of the facility.
_OF_NPM = frozenset(
    {
        *("HOME", "PATH", "TMPDIR", "LANG", "LC_ALL", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "PREFIX"),
        *_PROXIES,
        # Tools read these names in both cases.
        *(each.lower() for each in _PROXIES),
    }
)


def node_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for Node, which needs no network: PATH, and UTF-8 as encoding."""
    return {"PATH": environment.get("PATH", ""), "LC_ALL": "C.UTF-8"}


def npm_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for npm: its folders, ``npm_config_*``, proxies and certificates."""
    return {
        name: value
        for name, value in environment.items()
        if name in _OF_NPM or name.lower().startswith("npm_config_")
    }
