"""Identities and bodies that scenarios with literal requests have in common."""

from __future__ import annotations

from scicat_harness.fixtures.site import SITE
from scicat_harness.model.identity import CONTACT

__all__ = ["CLEANER", "CONTACT", "JANITOR", "OPERATOR", "STATUS"]

CLEANER = SITE.identity("cleaner")
OPERATOR = SITE.identity("operator")
JANITOR = SITE.identity("janitor")
STATUS = {"statusCode": "s", "statusMessage": "m"}
