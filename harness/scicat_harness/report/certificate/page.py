"""The certificate as an HTML page, in the style of the report of a run."""

from __future__ import annotations

from scicat_harness.report.certificate.certificate import Certificate
from scicat_harness.report.page.render import template

__all__ = ["certificate_page"]


def certificate_page(certificate: Certificate) -> str:
    """Return one HTML document that loads no other file."""
    return template("certificate.html").render(certificate=certificate.to_json())
