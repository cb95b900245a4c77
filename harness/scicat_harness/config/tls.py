"""TLS options: the trusted certificate authorities, and the certificate of the client."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scicat_harness.errors import UsageFault

__all__ = ["USUAL_TLS", "Tls"]

_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""The first that is set names the file of authorities, as in curl and requests."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Paths of PEM files; None for the defaults of requests.

    ``ca_bundle`` contains authorities that replace the usual ones, ``client_cert`` the certificate
    of the client and its key.
    """

    ca_bundle: str | None = None
    client_cert: str | None = None

    @classmethod
    def given(
        cls,
        ca_bundle: Path | None,
        client_cert: Path | None,
        environment: Mapping[str, str] = os.environ,
    ) -> Tls:
        """Return the options after checking that the files can be loaded.

        Without ``ca_bundle`` the first variable of REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and
        SSL_CERT_FILE that is set counts. Raises UsageFault naming the option or variable, the file
        and the fix.
        """
        source, bundle = "--ca-bundle", str(ca_bundle) if ca_bundle is not None else None
        # requests reads the first two by itself, but fails at the first request, and names no
        # variable then.
        if bundle is None:
            source = next((each for each in _VARIABLES if environment.get(each)), "")
            bundle = environment.get(source) if source else None
        if bundle is not None:
            _check(source, bundle, lambda context: context.load_verify_locations(bundle))
        if client_cert is not None:
            own = str(client_cert)
            _check("--client-cert", own, lambda context: context.load_cert_chain(own))
        return cls(bundle, str(client_cert) if client_cert is not None else None)


def _check(source: str, path: str, load: Callable[[ssl.SSLContext], None]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        load(context)
    # Before OSError, of which it is a subclass.
    except ssl.SSLError as error:
        raise UsageFault(
            f"{source} {path}: contains no certificates in PEM form ({error.reason or error}); "
            "give a file with -----BEGIN CERTIFICATE----- lines"
        ) from None
    except OSError as error:
        raise UsageFault(
            f"{source} {path}: cannot be read ({error.strerror}); give a readable file"
        ) from None


USUAL_TLS = Tls()
"""The defaults: the authorities of requests, and no client certificate."""
