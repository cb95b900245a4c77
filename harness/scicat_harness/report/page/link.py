"""Links within the page to the list of all cases with a filter."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

__all__ = ["cases_link"]


def cases_link(names: Mapping[str, str]) -> str:
    """Return a link to the cases with these values.

    The script of the page reads it. Example: ``#cases?operation=create&identity=user1``.
    """
    # "replace", since half a surrogate pair cannot be encoded in a URL.
    return f"#cases?{urlencode(names, errors='replace')}"
