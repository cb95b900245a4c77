"""Certificates for mail listeners with STARTTLS, of an authority made for each."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import trustme

__all__ = ["ServerCertificate", "make_certificate"]


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A TLS context to serve with, and the certificate of its authority as PEM."""

    context: ssl.SSLContext
    authority: str


def make_certificate(host: str) -> ServerCertificate:
    """Make an authority and a certificate of it for this address.

    No client trusts that authority unless it is given ``ServerCertificate.authority``.
    """
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    return ServerCertificate(context, authority.cert_pem.bytes().decode("ascii"))
