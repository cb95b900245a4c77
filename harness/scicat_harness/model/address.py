"""Addresses as somebody gives them: split into their parts, or refused."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from scicat_harness.errors import UsageFault

__all__ = ["split_address", "without_credentials"]


def split_address(text: str, option: str, form: str) -> SplitResult:
    """The parts of a URL; what cannot be split or has no such port is a UsageFault.

    ``option`` names what was given, ``form`` is the fix. What Python says of a URL is not told:
    it may quote a password.
    """
    if any(each.isspace() or not each.isprintable() for each in text):
        raise UsageFault(f"{option}: an address has no blanks or control characters; {form}")
    shown = without_credentials(text)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise UsageFault(f"{option} {shown!r}: not an address; {form}") from None
    if parts.netloc and not _is_host(parts.hostname):
        raise UsageFault(f"{option} {shown!r}: has no host that can be looked up; {form}")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise UsageFault(f"{option} {shown!r}: its port is none of 1 to 65535; {form}")
    return parts


def _is_host(host: str | None) -> bool:
    """Whether a name server could be asked for it: its labels are neither empty nor too long."""
    try:
        return bool(host and host.encode("idna"))
    except UnicodeError:
        return False


def without_credentials(text: str) -> str:
    """The address without user name and password."""
    scheme, found, rest = text.rpartition("://")
    return f"{scheme}{found}{rest.rpartition('@')[2]}"
