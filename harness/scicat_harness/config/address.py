"""The address of a backend, as people write it and as it is used."""

from __future__ import annotations

import re
from urllib.parse import urlunsplit

from scicat_harness.errors import UsageFault
from scicat_harness.model.address import split_address

__all__ = ["base_address"]

_FORM = "give http(s)://HOST[:PORT][/PATH], without /api"
_API = re.compile(r"/api(/v\d+)?$")


def base_address(url: str, option: str = "--url") -> str:
    """The address of a backend without ``/api`` and without a slash at its end.

    A path before ``/api`` stays. Raises UsageFault naming ``option``; credentials are refused, and
    never shown.
    """
    parts = split_address(url, option, _FORM)
    if parts.username is not None or parts.password is not None:
        raise UsageFault(
            f"{option}: has a user name or password in it; leave them out, the harness logs in "
            "with the accounts it is given"
        )
    usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    if not usable or parts.query or parts.fragment:
        raise UsageFault(f"{option} {url!r}: not an address; {_FORM}")
    path = _API.sub("", parts.path.rstrip("/"))
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
