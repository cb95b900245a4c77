"""The certificate as a page, of the same kind as the report of a run."""

from __future__ import annotations

from scicat_harness.report.certificate.certificate import Certificate
from scicat_harness.report.page.render import template

__all__ = ["certificate_page"]


def certificate_page(certificate: Certificate) -> str:
    """One HTML document that needs nothing beside itself."""
    return template("certificate.html").render(certificate=certificate, told=certificate.to_json())
