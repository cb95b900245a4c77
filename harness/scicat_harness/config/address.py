"""The address of a backend: checked, and normalized to one form."""

from __future__ import annotations

import re
from urllib.parse import urlunsplit

from scicat_harness.errors import UsageFault
from scicat_harness.model.address import split_address

__all__ = ["base_address"]

_FORM = "give http(s)://HOST[:PORT][/PATH], without /api"
_API = re.compile(r"/api(/v\d+)?$")


def base_address(url: str, option: str = "--url") -> str:
    """Return the address of a backend without ``/api`` and without a slash at its end.

    A path before ``/api`` stays: ``https://host/scicat/api/v3/`` becomes ``https://host/scicat``.
    Raises UsageFault naming ``option`` for anything that is no http address of a host, and for
    credentials, which the message does not show.
    """
    parts = split_address(url, option, _FORM)
    # Checked before any message that quotes the address.
    if parts.username is not None or parts.password is not None:
        raise UsageFault(
            f"{option}: has a user name or password in it; leave them out, the harness logs in "
            "with the accounts it is given"
        )
    # A query or fragment would end up in the middle of every request's address.
    usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    if not usable or parts.query or parts.fragment:
        raise UsageFault(f"{option} {url!r}: not an address; {_FORM}")
    path = _API.sub("", parts.path.rstrip("/"))
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
