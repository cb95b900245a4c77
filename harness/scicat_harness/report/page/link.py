"""Links within the page to the list of all cases, narrowed to some."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

__all__ = ["cases_link"]


def cases_link(names: Mapping[str, str]) -> str:
    """Leads to the cases with these values; the script of the page reads it."""
    return f"#cases?{urlencode(names, errors='replace')}"
