"""Certificates for mail listeners with STARTTLS: signed by an authority nobody knows."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

import trustme

__all__ = ["ServerCertificate", "make_certificate"]


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A context to serve with, and the authority as PEM for who wants to trust it."""

    context: ssl.SSLContext
    authority: str


def make_certificate(host: str) -> ServerCertificate:
    """A fresh authority and a certificate of it for this address."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    return ServerCertificate(context, authority.cert_pem.bytes().decode("ascii"))
