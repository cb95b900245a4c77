"""URLs that a user gives: split into their parts, or refused with a message.

An address may contain a password, so messages show it only without credentials.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from scicat_harness.errors import UsageFault

__all__ = ["error_of_fetch", "split_address", "without_credentials"]


_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
# The authority of an address, as far as it is no template, and what comes behind it.
_AUTHORITY = re.compile(r"\s*https?:[/\\]*(?P<authority>[^/?#{}\\]*)(?P<next>.?)", re.I | re.DOTALL)
# Characters that the URL standard allows in no host. A doubtful one is left out: an address that is
# taken for one that nobody calls keeps its host.
_FORBIDDEN = re.compile(r"[\s<>^|]")


def error_of_fetch(template: str) -> str | None:
    """Return the error of Node's fetch for an address that it never calls, as a pattern.

    None if it calls the address, or if a template at its beginning decides. For example
    ``archiver.example/x`` has no scheme, so that it cannot be parsed.
    """
    if template.lstrip().startswith("{{"):
        return None
    scheme = _SCHEME.match(template)
    if scheme is None:
        return r"TypeError: Failed to parse URL from [\s\S]*"
    if scheme[1].lower() not in ("http", "https"):
        return None if scheme[1].lower() in ("data", "blob", "about") else "TypeError: fetch failed"
    found = _AUTHORITY.match(template)
    # A template may follow within the authority.
    if found is None or found["next"] == "{":
        return None
    _, _, place = found["authority"].rpartition("@")
    host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
    host = host if colon else place
    bad_port = bool(colon and port) and not (port.isdecimal() and int(port) <= 65535)
    if not host or bad_port or _FORBIDDEN.search(host):
        return r"TypeError: Failed to parse URL from [\s\S]*"
    return None


def split_address(text: str, option: str, form: str) -> SplitResult:
    """Return the parts of a URL.

    ``option`` is the option that was given, ``form`` the fix that the message ends with. Raises
    UsageFault if the text has blanks or control characters, cannot be split, has a host that no
    name server accepts, or has a port outside of 1 to 65535.
    """
    if any(each.isspace() or not each.isprintable() for each in text):
        raise UsageFault(f"{option}: an address has no blanks or control characters; {form}")
    shown = without_credentials(text)
    # The texts of Python's own errors are not used below: they may quote a password.
    try:
        parts = urlsplit(text)
    except ValueError:
        raise UsageFault(f"{option} {shown!r}: not an address; {form}") from None
    if parts.netloc and not _is_host(parts.hostname):
        raise UsageFault(f"{option} {shown!r}: has no host that can be looked up; {form}")
    try:
        port = parts.port
    except ValueError:
        # A port above 65535 or one that is no number; 0 is valid for urlsplit, but not for us.
        port = 0
    if port == 0:
        raise UsageFault(f"{option} {shown!r}: its port is none of 1 to 65535; {form}")
    return parts


def _is_host(host: str | None) -> bool:
    """Return whether a name server accepts the host: no label is empty or too long."""
    try:
        # The codec fails for labels above 63 bytes, as the lookup of the name would do later.
        return bool(host and host.encode("idna"))
    except UnicodeError:
        return False


def without_credentials(text: str) -> str:
    """Return the address without user name and password.

    ``without_credentials("amqp://me:secret@host/")`` is ``"amqp://host/"``. The text need not be a
    valid URL.
    """
    # The last @ counts: a password that was not encoded may contain others.
    scheme, found, rest = text.rpartition("://")
    return f"{scheme}{found}{rest.rpartition('@')[2]}"
